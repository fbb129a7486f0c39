"""Our udev rules give the devices to the group `yici`, and to nobody else."""

import contextlib
import grp
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from guest.printer_gadget import HOST_FILE, NAME, GadgetEnd
from guest.usb_card_reader import UsbCardReader
from guest.usbip_bus import UsbIpCable, find_node
from guest.waiting import wait_until

from yici.drivers.device import DeviceState
from yici.drivers.id_card_reader.sam.driver import connect
from yici.drivers.id_card_reader.sdt_usb.line import SDT_READER
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin

SERIAL_PORT: Final = "/dev/ttyUSB0"
NOBODY: Final = 65534


def test_members_of_the_group_reach_the_serial_reader_and_strangers_are_told_why() -> None:
    wait_until(Path(SERIAL_PORT).exists)
    assert _status_for(_yici()) == f"{DeviceState.READY}:"
    assert _status_for(NOBODY) == f"{DeviceState.WRONG_SETTING}:line.no_permission"


@pytest.mark.parametrize("device", ["serial adapter", "usb card reader", "usb printer", "camera"])
def test_device_opens_for_members_of_the_group_only(device: str, tmp_path: Path) -> None:
    with plugged(device, tmp_path) as path:
        wait_until(lambda: path.stat().st_gid == _yici())
        assert path.stat().st_mode & 0o777 == 0o660
        opens = lambda: str(os.open(path, os.O_RDWR | os.O_NONBLOCK) > 0)  # noqa: E731 - read once
        assert _as_nobody_in(_yici(), opens) == "True"
        assert _as_nobody_in(NOBODY, opens) == "PermissionError"


@contextlib.contextmanager
def plugged(device: str, directory: Path) -> Iterator[Path]:
    """The file that udev looks after, while the device is there."""
    match device:
        case "usb card reader":
            with (
                SdtUsbTwin(directory / "reader") as twin,
                UsbIpCable(UsbCardReader(twin.path)),
            ):
                wait_until(_reader_node)
                node = _reader_node()
                assert node is not None
                yield node
            wait_until(lambda: _reader_node() is None)
        case "usb printer":
            end = GadgetEnd()
            end.plug_in()
            try:
                wait_until(NAME.exists)
                yield HOST_FILE
            finally:
                end.release()
            wait_until(lambda: not HOST_FILE.exists())
        case "camera":
            yield Path("/dev/video0")
        case _:
            yield Path(SERIAL_PORT)


def _reader_node() -> Path | None:
    return find_node(SDT_READER.vendor, SDT_READER.product)


def _status_for(group: int) -> str:
    connect(SERIAL_PORT).close()  # what it imports, nobody may read

    def ask() -> str:
        status = connect(SERIAL_PORT).status()
        return f"{status.state}:{status.code}"

    return _as_nobody_in(group, ask)


def _yici() -> int:
    return grp.getgrnam("yici").gr_gid


def _as_nobody_in(group: int, ask: Callable[[], str]) -> str:
    """What `ask` says, or the error's name, in a child that is `nobody` in this group alone."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(NOBODY)
            said = ask()
        except BaseException as error:  # noqa: BLE001 - nothing of the child may go on
            said = type(error).__name__
        os.write(writes, said.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said
