"""The standard USB reader 0400:C35A through usbcore, usbfs and the real libusb."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from guest.usb_card_reader import UsbCardReader, is_on_the_bus
from guest.usbip_bus import VHCI, UsbIpCable
from guest.waiting import wait_until

from yici.contract.people import Identity
from yici.drivers.device import DeviceState, NotReady
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.sam.driver import SamReader
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sdt_usb.driver import connect
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin

ADDRESS: Final = "usb:0400:C35A"
PATIENT: Final = SamDeadlines(30.0, 30.0, 30.0, gap_s=30.0)
BACK_WITHIN_S: Final = 10.0


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SdtUsbTwin]:
    assert VHCI.exists(), "vhci_hcd is not loaded: see the console log"
    with SdtUsbTwin(tmp_path / "reader") as twin:
        yield twin


@pytest.fixture
def cable(twin: SdtUsbTwin) -> Iterator[UsbIpCable]:
    with UsbIpCable(UsbCardReader(twin.path)) as cable:
        wait_until(is_on_the_bus)
        yield cable
    wait_until(lambda: not is_on_the_bus())


def persona(twin: SdtUsbTwin) -> str:
    return twin.acts[0].choices[0]


def test_card_is_read_through_real_libusb(twin: SdtUsbTwin, cable: UsbIpCable) -> None:
    reader = connect(ADDRESS)
    try:
        wait_until(lambda: reader.status().works)  # libusb hears of it from udev
        assert reader.read_card() is CardPresence.ABSENT
        twin.act("put_card", persona(twin))
        read = reader.read_card_with_photo()
        assert not isinstance(read, CardPresence)
        assert read.identity.id_number.startswith("430199")
        assert read.photo is not None
    finally:
        reader.close()


def test_our_rules_name_the_reader_on_the_bus(cable: UsbIpCable) -> None:
    name = Path("/dev/kiosk/id-card-reader")
    wait_until(name.is_symlink)
    assert name.resolve().is_relative_to("/dev/bus/usb")
    cable.pull()
    wait_until(lambda: not name.is_symlink())


def test_stalled_endpoint_is_cleared_through_the_kernel(
    twin: SdtUsbTwin, cable: UsbIpCable
) -> None:
    reader = connect(ADDRESS)
    try:
        wait_until(lambda: reader.status().works)
        twin.set_fault("stalled")
        assert not reader.status().works
        twin.set_fault("none")
        assert reader.status().works
    finally:
        reader.close()


def test_reader_pulled_from_the_bus_is_lost_and_comes_back(
    twin: SdtUsbTwin, cable: UsbIpCable, record_property: Callable[[str, object], None]
) -> None:
    reader = connect(ADDRESS, deadlines=PATIENT)
    try:
        wait_until(lambda: reader.status().works)
        cable.pull()
        lost_s = wait_until(lambda: reader.status().state is DeviceState.DISCONNECTED)
        plugged_s = time.monotonic()
        with UsbIpCable(UsbCardReader(twin.path)) as again:
            back_s = _back_after(reader, plugged_s)
            twin.set_fault("silent")
            pull = threading.Timer(1.0, again.pull)
            pull.start()
            started_s = time.monotonic()
            with pytest.raises(NotReady) as lost:
                reader.read_card()
            ended_s = time.monotonic() - started_s - 1.0
            pull.join()
        assert lost.value.status.state is DeviceState.DISCONNECTED
        assert ended_s < PATIENT.short_s / 2
        twin.set_fault("none")
        with UsbIpCable(UsbCardReader(twin.path)):
            _back_after(reader, time.monotonic())
            twin.act("put_card", persona(twin))
            assert isinstance(reader.read_card(), Identity)
        record_property(
            "measured",
            f"lost after {lost_s:.2f} s, call ended after {ended_s:.2f} s,"
            f" back after {back_s:.2f} s",
        )
    finally:
        reader.close()


def _back_after(reader: SamReader, plugged_s: float) -> float:
    wait_until(lambda: reader.status().works)
    back_s = time.monotonic() - plugged_s
    assert back_s < BACK_WITHIN_S
    return back_s
