"""The SAM reader behind a USB-serial adapter: ftdi_sio, usbcore and udev carry the bytes.

The adapter's line ends at the twin on the other side, which hears the speed that ftdi_sio sets.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
import pyudev
from guest.control import Host
from guest.waiting import wait_until

import yici.catalogue
from yici.contract.people import Identity
from yici.drivers.device import DeviceKind, DeviceState, NotReady
from yici.drivers.hotplug import HotplugMonitor, is_announced, udev_runs
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.personas import load_personas
from yici.drivers.id_card_reader.sam.driver import SamReader, connect, find_baud_rate
from yici.drivers.id_card_reader.sam.questions import SamDeadlines

PORT: Final = "/dev/ttyUSB0"
NAME: Final = "/dev/kiosk/serial-id-card-reader"
BY_ID: Final = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_SAM0001-if00-port0"
PERSONAS: Final = Path(yici.catalogue.__path__[0], "personas.jsonl")
BACK_WITHIN_S: Final = 10.0  # what every device is held to
PATIENT: Final = SamDeadlines(30.0, 30.0, 30.0, gap_s=30.0)


@pytest.fixture
def host(host: Host) -> Iterator[Host]:
    """The adapter plugged in, an empty card field, no fault; and so again afterwards."""
    _restore(host)
    yield host
    _restore(host)


@pytest.fixture
def reader(host: Host) -> Iterator[SamReader]:
    reader = connect(PORT)
    wait_until(lambda: reader.status().works)
    yield reader
    reader.close()


def test_card_is_read_through_a_real_serial_driver(host: Host, reader: SamReader) -> None:
    name, persona = next(iter(load_personas(PERSONAS).items()))
    assert reader.read_card() is CardPresence.ABSENT
    host.act("put_card", name)
    read = reader.read_card()
    assert isinstance(read, Identity)
    assert read.id_number == persona.identity.id_number
    assert read.name == persona.identity.name


def test_speed_set_by_the_driver_reaches_the_reader(host: Host) -> None:
    wrong = connect(PORT, 9600)
    assert wrong.status().state is DeviceState.WRONG_SETTING
    wrong.close()
    assert find_baud_rate(PORT) == 115200


def test_adapter_pulled_while_idle_is_disconnected_and_comes_back(
    host: Host, reader: SamReader, record_property: Callable[[str, object], None]
) -> None:
    assert reader.read_card() is CardPresence.ABSENT
    host.unplug()
    lost_s = wait_until(lambda: reader.status().state is DeviceState.DISCONNECTED)
    with pytest.raises(NotReady):
        reader.read_card()
    back_s = _plug_and_wait(host, reader)
    record_property("measured", f"lost after {lost_s:.2f} s, back after {back_s:.2f} s")
    host.act("put_card", next(iter(load_personas(PERSONAS))))
    assert isinstance(reader.read_card(), Identity)


def test_adapter_pulled_while_reading_ends_the_call_at_once(
    host: Host, record_property: Callable[[str, object], None]
) -> None:
    reader = connect(PORT, deadlines=PATIENT)
    try:
        wait_until(lambda: reader.status().works)
        host.fault("silent")
        host.unplug(after_s=1.0)
        started_s = time.monotonic()
        with pytest.raises(NotReady) as lost:
            reader.read_card()
        ended_s = time.monotonic() - started_s - 1.0
        assert lost.value.status.state is DeviceState.DISCONNECTED
        assert ended_s < PATIENT.short_s / 2
        host.fault("none")
        back_s = _plug_and_wait(host, reader)
        record_property("measured", f"call ended after {ended_s:.2f} s, back after {back_s:.2f} s")
    finally:
        reader.close()


def test_name_by_serial_number_stays_the_same_over_plugs(host: Host) -> None:
    reader = connect(BY_ID)
    try:
        wait_until(lambda: reader.status().works)
        host.unplug()
        wait_until(lambda: not Path(BY_ID).is_symlink())
        assert reader.status().state is DeviceState.DISCONNECTED
        assert _plug_and_wait(host, reader) < BACK_WITHIN_S
    finally:
        reader.close()


def test_our_rules_name_the_adapter_and_keep_a_modem_manager_away(host: Host) -> None:
    reader = connect(NAME)
    try:
        wait_until(lambda: reader.status().works)
        properties = pyudev.Devices.from_device_file(pyudev.Context(), PORT).properties
        assert properties["ID_MM_DEVICE_IGNORE"] == "1"
        host.unplug()
        wait_until(lambda: not Path(NAME).is_symlink())
        assert reader.status().state is DeviceState.DISCONNECTED
        _plug_and_wait(host, reader)
    finally:
        reader.close()


def test_udev_announces_the_plug_to_those_who_wait(
    host: Host, record_property: Callable[[str, object], None]
) -> None:
    assert udev_runs()
    assert is_announced(PORT)
    heard: list[tuple[float, frozenset[DeviceKind]]] = []
    with HotplugMonitor(lambda kinds: heard.append((time.monotonic(), kinds))) as monitor:
        assert monitor.is_listening()
        host.unplug()
        wait_until(lambda: any(DeviceKind.ID_CARD_READER in kinds for _, kinds in heard))
        heard.clear()
        plugged_s = time.monotonic()
        host.plug()
        wait_until(lambda: Path(PORT).exists() and heard)
        record_property("measured", f"announced after {heard[0][0] - plugged_s:.2f} s")
    told = frozenset[DeviceKind]().union(*(kinds for _, kinds in heard))
    assert DeviceKind.ID_CARD_READER in told
    assert DeviceKind.DOCUMENT_CAMERA not in told


def _plug_and_wait(host: Host, reader: SamReader) -> float:
    plugged_s = time.monotonic()
    host.plug()
    wait_until(lambda: reader.status().works)
    back_s = time.monotonic() - plugged_s
    assert back_s < BACK_WITHIN_S
    return back_s


def _restore(host: Host) -> None:
    host.fault("none")
    host.act("take_card")
    if not Path(PORT).exists():
        host.plug()
        wait_until(Path(PORT).exists)
