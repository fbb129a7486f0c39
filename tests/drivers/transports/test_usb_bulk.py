"""Bulk transfers through pyusb: what a bus, a kernel and a missing library do to them."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import usb.backend
import usb.core

from yici.drivers.id_card_reader.sam.frames import Command, SamStatus, encode_reply, encode_request
from yici.drivers.id_card_reader.sdt_usb.line import SDT_READER
from yici.drivers.id_card_reader.sdt_usb.redirected_usb import RedirectedUsb
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin
from yici.drivers.transports.serial_line import LineFault, LineLost
from yici.drivers.transports.usb_bulk import NoUsbLibrary, UsbBulkDevice, UsbId


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SdtUsbTwin]:
    with SdtUsbTwin(tmp_path / "bus") as twin:
        yield twin


def open_on(twin: SdtUsbTwin, backend: Any = None) -> UsbBulkDevice:
    return UsbBulkDevice(SDT_READER, backend=backend or RedirectedUsb(twin.path, SDT_READER))


def fault_on(twin: SdtUsbTwin, backend: Any = None) -> LineFault:
    with pytest.raises(LineLost) as lost:
        open_on(twin, backend)
    return lost.value.fault


def say(device: UsbBulkDevice, request: bytes) -> None:
    assert device.write(0x02, request[:7], timeout_s=10) == 7
    assert device.write(0x06, request[7:], timeout_s=10) == len(request) - 7


def test_frame_goes_out_and_comes_in_by_its_own_endpoints(twin: SdtUsbTwin) -> None:
    with open_on(twin) as device:
        say(device, encode_request(Command.STATUS))
        expected = encode_reply(SamStatus.OK)
        assert device.read(0x81, 7, timeout_s=10) == expected[:7]
        assert device.read(0x85, 64, timeout_s=10) == expected[7:]


def test_nothing_in_time_is_empty(twin: SdtUsbTwin) -> None:
    with open_on(twin) as device:
        assert device.read(0x81, 7, timeout_s=0.01) == b""
        assert device.read(0x81, 7, timeout_s=0) == b""  # no timeout is not "for ever"


def test_driver_of_the_kernel_is_told_to_let_go(twin: SdtUsbTwin) -> None:
    twin.set_fault("kernel_driver")
    with open_on(twin) as device:
        say(device, encode_request(Command.STATUS))
        assert device.read(0x81, 7, timeout_s=10) != b""


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("no_permission", LineFault.NO_PERMISSION), ("in_use", LineFault.IN_USE)],
)
def test_device_that_may_not_be_had(twin: SdtUsbTwin, fault: str, expected: LineFault) -> None:
    twin.set_fault(fault)
    assert fault_on(twin) is expected
    twin.set_fault("none")
    open_on(twin).close()


def test_kernel_driver_that_may_not_be_detached(twin: SdtUsbTwin) -> None:
    class Guarded(RedirectedUsb):
        def detach_kernel_driver(self, *_: Any) -> None:
            raise usb.core.USBError("no", None, errno.EACCES)

    twin.set_fault("kernel_driver")
    assert fault_on(twin, Guarded(twin.path, SDT_READER)) is LineFault.NO_PERMISSION


def test_system_without_kernel_drivers(twin: SdtUsbTwin) -> None:
    class Elsewhere(RedirectedUsb):
        def is_kernel_driver_active(self, *_: Any) -> bool:
            raise usb.core.USBError("unsupported", None, errno.ENOSYS)

    open_on(twin, Elsewhere(twin.path, SDT_READER)).close()


def test_device_without_a_configuration_is_given_one(twin: SdtUsbTwin) -> None:
    chosen = []

    class Unconfigured(RedirectedUsb):
        def get_configuration(self, _: Any) -> int:
            return len(chosen)

        def set_configuration(self, _: Any, value: int) -> None:
            chosen.append(value)

    open_on(twin, Unconfigured(twin.path, SDT_READER)).close()
    assert chosen == [1]


def test_stalled_endpoint_is_cleared_and_works_again(twin: SdtUsbTwin) -> None:
    with open_on(twin) as device:
        twin.set_fault("stalled")
        say(device, encode_request(Command.STATUS))
        twin.set_fault("none")
        assert device.read(0x81, 7, timeout_s=10) == b""
        say(device, encode_request(Command.STATUS))
        assert device.read(0x81, 7, timeout_s=10) != b""


def test_no_such_device_on_the_bus(twin: SdtUsbTwin) -> None:
    with pytest.raises(LineLost) as lost:
        UsbBulkDevice(UsbId(0x1234, 0x5678), backend=RedirectedUsb(twin.path, SDT_READER))
    assert lost.value.fault is LineFault.MISSING


def test_pulled_device_is_lost_and_stays_lost(twin: SdtUsbTwin) -> None:
    device = open_on(twin)
    twin.unplug()
    for _ in range(2):
        with pytest.raises(LineLost) as lost:
            device.read(0x81, 7, timeout_s=10)
        assert lost.value.fault is LineFault.LOST
    with pytest.raises(LineLost):
        device.write(0x02, b"x", timeout_s=10)
    device.close()
    assert fault_on(twin) is LineFault.MISSING


def test_endpoint_that_the_device_lacks_is_no_stray_exception(twin: SdtUsbTwin) -> None:
    device = open_on(twin)
    with pytest.raises(LineLost):
        device.read(0x8F, 7, timeout_s=1)


def test_missing_libusb_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(**_: Any) -> None:
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", find)
    with pytest.raises(NoUsbLibrary, match="install libusb"):
        UsbBulkDevice(SDT_READER)


def test_the_real_library_finds_no_reader_here() -> None:
    """libusb itself is asked; a host that has such a reader plugged in is not the place to test."""
    with pytest.raises(LineLost) as lost:
        UsbBulkDevice(UsbId(0x0400, 0xC35A))
    assert lost.value.fault is LineFault.MISSING


def test_socket_of_a_twin_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "bus"))
    with SdtUsbTwin(tmp_path / "bus") as twin:
        open_on(twin).close()


def test_path_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(OSError, match="in use"):
        SdtUsbTwin(path).start()
    assert path.read_text() == "mine"
