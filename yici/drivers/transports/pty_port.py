"""A serial port that a twin stands behind: a pty under a path that stays the same.

Closing it is what the host sees when a USB adapter is pulled: its reads and writes fail, and the
path is gone. A new one under the same path is the adapter plugged in again.
"""

import contextlib
import os
import pty
import termios
import tty
from pathlib import Path

# what termios calls a speed → bits per second; other speeds exist, but no device here has them
_SPEEDS = {
    getattr(termios, f"B{bits}"): bits
    for bits in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
}


class PtyPort:
    """The device's end; `path` is what the host opens. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        """Put the port there. Raises FileExistsError when something else has the path."""
        self.path = path
        self.device_fd, self._host_fd = pty.openpty()
        try:
            tty.setraw(self._host_fd)
            os.set_blocking(self.device_fd, False)
            _link(path, os.ttyname(self._host_fd))
        except BaseException:
            self._close_both()
            raise

    def find_host_baud_rate(self) -> int | None:
        """The speed that the host has set, in bits per second; None for one we don't know."""
        return _SPEEDS.get(termios.tcgetattr(self.device_fd)[5])

    def read(self) -> bytes:
        """What the host has sent; b"" when nothing."""
        try:
            return os.read(self.device_fd, 65536)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Say `data`; what a host that doesn't listen has no room for is lost, as on a line."""
        with contextlib.suppress(BlockingIOError):
            os.write(self.device_fd, data)

    def close(self) -> None:
        """Pull the plug; may be called twice."""
        if self.device_fd < 0:
            return
        self.path.unlink(missing_ok=True)
        self._close_both()

    def _close_both(self) -> None:
        os.close(self.device_fd)
        os.close(self._host_fd)
        self.device_fd = self._host_fd = -1


def _link(path: Path, target: str) -> None:
    """A stale link of a twin that was killed is replaced; anything else is not ours."""
    if path.is_symlink() and str(path.readlink()).startswith("/dev/pts/"):
        path.unlink()
    path.symlink_to(target)
