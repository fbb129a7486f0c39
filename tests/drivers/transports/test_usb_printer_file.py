"""A USB printer's file: what usblp says at the worst moment, and what the line makes of it.

There is no usblp without a USB bus (the hardware tests have one); a pty polls and hangs up like it,
and the kernel's answers that a pty never gives are put in its mouth.
"""

import errno
import os
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yici.drivers.transports.serial_line import LineFault, LineLost
from yici.drivers.transports.usb_printer_file import UsbPrinterFile

FOREVER_S = 20.0


@pytest.fixture
def ends() -> Iterator[tuple[int, str]]:
    """The printer's descriptor and the path that the host opens."""
    ours, hosts = os.openpty()
    tty.setraw(hosts)
    os.set_blocking(ours, False)
    yield ours, os.ttyname(hosts)
    for end in (ours, hosts):
        try:
            os.close(end)
        except OSError:
            assert end == ours  # a test has pulled it out


def test_bytes_go_both_ways(ends: tuple[int, str]) -> None:
    printer, path = ends
    with UsbPrinterFile(path) as line:
        assert line.write(bytes(range(256)), timeout_s=FOREVER_S) == 256
        assert os.read(printer, 1024) == bytes(range(256))
        os.write(printer, b"\x12")
        assert line.read(timeout_s=FOREVER_S) == b"\x12"
        assert line.read(timeout_s=0) == b""


def test_printer_that_takes_nothing_ends_the_write_in_time(ends: tuple[int, str]) -> None:
    _, path = ends
    with UsbPrinterFile(path) as line:
        assert 0 < line.write(bytes(1 << 20), timeout_s=0.2) < 1 << 20


def test_cable_pulled_is_lost_and_closed(ends: tuple[int, str]) -> None:
    printer, path = ends
    line = UsbPrinterFile(path)
    os.close(printer)
    with pytest.raises(LineLost) as lost:
        line.read(timeout_s=FOREVER_S)
    assert lost.value.fault is LineFault.LOST
    with pytest.raises(LineLost):
        line.write(b"x", timeout_s=1)
    line.close()


def test_a_second_program_is_told_that_it_is_in_use(ends: tuple[int, str]) -> None:
    _, path = ends
    with UsbPrinterFile(path), pytest.raises(LineLost) as lost:
        UsbPrinterFile(path)
    assert lost.value.fault is LineFault.IN_USE


@pytest.mark.parametrize("name", ["none", "", ".", "file", "zero\0byte"])
def test_what_is_no_printer_file_is_missing_and_not_written_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"somebody's")
    with pytest.raises(LineLost) as lost:
        UsbPrinterFile(f"{tmp_path}/{name}")
    assert lost.value.fault is LineFault.MISSING
    assert (tmp_path / "file").read_bytes() == b"somebody's"


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.EBUSY, LineFault.IN_USE),
        (errno.EACCES, LineFault.NO_PERMISSION),
        (errno.ENODEV, LineFault.MISSING),
        (errno.EIO, LineFault.MISSING),
    ],
)
def test_refusal_to_open_says_why(number: int, fault: LineFault) -> None:
    def refuse(path: str) -> int:
        raise OSError(number, os.strerror(number), path)

    with pytest.raises(LineLost) as lost:
        UsbPrinterFile("/dev/usb/lp0", open_file=refuse)
    assert lost.value.fault is fault


def failing_once_with(number: int, then: Callable[..., object]) -> Callable[..., object]:
    left = [OSError(number, os.strerror(number))]

    def call(*arguments: object) -> object:
        if left:
            raise left.pop()
        return then(*arguments)

    return call


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.ESHUTDOWN, errno.ENOSPC])
def test_what_the_bus_says_while_writing_is_lost(
    ends: tuple[int, str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    line = UsbPrinterFile(ends[1])
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", failing_once_with(number, os.write))
        with pytest.raises(LineLost) as lost:
            line.write(b"job", timeout_s=1)
    assert lost.value.fault is LineFault.LOST


def test_a_file_that_said_writable_and_was_not_is_tried_again(
    ends: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer, path = ends
    with UsbPrinterFile(path) as line:
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", failing_once_with(errno.EAGAIN, os.write))
            assert line.write(b"job", timeout_s=FOREVER_S) == 3
        assert os.read(printer, 16) == b"job"


def test_an_empty_packet_is_not_the_end_of_the_file(
    ends: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer, path = ends
    os_read, empty = os.read, [b""]
    with UsbPrinterFile(path) as line:
        os.write(printer, b"\x12")
        with monkeypatch.context() as patched:
            patched.setattr(os, "read", lambda *a: empty.pop() if empty else os_read(*a))
            assert line.read(timeout_s=FOREVER_S) == b"\x12"


def test_empty_packets_for_ever_do_not_hold_a_read_beyond_its_time(
    ends: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer, path = ends
    with UsbPrinterFile(path) as line:
        os.write(printer, b"\x12")
        started_s = time.monotonic()
        with monkeypatch.context() as patched:
            patched.setattr(os, "read", lambda *_: b"")
            assert line.read(timeout_s=0.1) == b""
        assert time.monotonic() - started_s < FOREVER_S


def test_a_file_without_a_port_status_says_nothing(ends: tuple[int, str]) -> None:
    with UsbPrinterFile(ends[1]) as line:
        assert line.find_port_status() is None
