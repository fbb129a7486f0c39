"""A USB printer through the kernel's usblp driver: the character file /dev/usb/lp0.

line = UsbPrinterFile("/dev/usb/lp0")
line.write(job, timeout_s=5.0)
reply = line.read(timeout_s=0.3)  # b"" = nothing came in time
line.close()

In the shape of `SerialLine`. What usblp (Linux drivers/usb/class/usblp.c) does otherwise than
other files, and this module does not take for an end: a read of no bytes is an empty USB packet,
a file that polls as writable may still answer EAGAIN, and a write takes at most one block of 8 KiB.
"""

import contextlib
import errno
import fcntl
import os
import select
import stat
import struct
import time
from collections.abc import Callable, Iterator
from enum import IntFlag
from typing import Self

from yici.drivers.transports.serial_line import READ_SIZE, LineFault, LineLost

BLOCK_BYTES = 8192  # what usblp takes at once
_LPGETSTATUS = 0x060B  # linux/lp.h
_PAUSE_S = 0.02  # between two tries of a file that says ready and is not
_HUNG_UP = select.POLLHUP | select.POLLERR | select.POLLNVAL

_FAULT_OF_ERRNO = {
    errno.ENOENT: LineFault.MISSING,
    errno.ENODEV: LineFault.MISSING,
    errno.ENXIO: LineFault.MISSING,
    errno.ENOTDIR: LineFault.MISSING,
    errno.EISDIR: LineFault.MISSING,
    errno.EACCES: LineFault.NO_PERMISSION,
    errno.EPERM: LineFault.NO_PERMISSION,
    errno.EBUSY: LineFault.IN_USE,  # usblp lets one program in
    errno.EWOULDBLOCK: LineFault.IN_USE,  # the advisory lock of another process
}


class UsbPortBits(IntFlag):
    """GET_PORT_STATUS of the USB printer class; many printers always say 18 hex."""

    NO_ERROR = 0x08
    SELECTED = 0x10
    PAPER_EMPTY = 0x20


def open_printer_file(path: str) -> int:
    """A descriptor that never blocks. Raises OSError, also for what is no character file."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
            # a receipt written into somebody's file would do harm
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), path)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class UsbPrinterFile:
    """One open printer file.

    Raises LineLost from every method but `close`. Not for several threads at once.
    """

    def __init__(self, path: str, *, open_file: Callable[[str], int] = open_printer_file) -> None:
        """Open `path`; raises LineLost. `open_file` opens something that polls like usblp."""
        self.path = path
        try:
            self._descriptor = open_file(path)
        except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
            number = getattr(error, "errno", None) or errno.ENOENT
            raise LineLost(_FAULT_OF_ERRNO.get(number, LineFault.MISSING), path) from error

    def read(self, *, timeout_s: float) -> bytes:
        """Whatever has arrived, as soon as anything has; b"" when nothing came in `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        with self._file_errors():
            while events := self._wait(select.POLLIN, deadline_s):
                with contextlib.suppress(BlockingIOError):
                    received = os.read(self._descriptor, READ_SIZE)
                    if received:
                        return received
                if not self._pause(events, deadline_s):
                    break
        return b""

    def write(self, data: bytes, *, timeout_s: float) -> int:
        """Hand `data` to the kernel; returns how many bytes it took within `timeout_s`.

        Fewer than len(data) means that the printer stopped taking them.
        """
        deadline_s = time.monotonic() + timeout_s
        taken = 0
        with self._file_errors():
            while taken < len(data) and (events := self._wait(select.POLLOUT, deadline_s)):
                try:
                    taken += os.write(self._descriptor, data[taken : taken + BLOCK_BYTES])
                except BlockingIOError:
                    if not self._pause(events, deadline_s):
                        break
        return taken

    def discard_input(self) -> None:
        """Forget what has arrived and was not read."""
        while self.read(timeout_s=0):
            pass

    def find_port_status(self) -> UsbPortBits | None:
        """What the USB port says beside the printer's own language; None when it can't say.

        Evidence only: printers that never report more than 18 hex are common. The kernel itself
        gives up after 5 s.
        """
        try:
            answer = fcntl.ioctl(self._descriptor, _LPGETSTATUS, b"\0" * 4)
        except (OSError, ValueError):
            return None
        return UsbPortBits(struct.unpack("i", answer)[0] & 0x38)

    def close(self) -> None:
        """Close; usblp takes back the block that the printer has not taken. May be called twice."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _file_errors(self) -> Iterator[None]:
        """ENODEV, EIO and ESHUTDOWN are the cable; what else there may be is no better."""
        try:
            if self._descriptor < 0:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            yield
        except OSError as error:
            self.close()
            raise LineLost(LineFault.LOST, self.path) from error

    def _wait(self, event: int, deadline_s: float) -> int:
        """The events that `poll` reports; 0 when none came until the monotonic `deadline_s`."""
        poller = select.poll()
        poller.register(self._descriptor, event)
        found = poller.poll(max(0.0, deadline_s - time.monotonic()) * 1000)
        return found[0][1] if found else 0

    def _pause(self, events: int, deadline_s: float) -> bool:
        """The file said ready and gave nothing: gone, or an empty packet. False: no more time."""
        if events & _HUNG_UP:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), self.path)
        remaining_s = deadline_s - time.monotonic()
        if remaining_s > 0:
            time.sleep(min(_PAUSE_S, remaining_s))
        return remaining_s > 0
