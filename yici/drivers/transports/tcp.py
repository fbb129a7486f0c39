"""A byte line over TCP, in the shape of `SerialLine`, for devices on the hall's network.

line = TcpLine("192.0.2.7", 9100)
line.write(job, timeout_s=5.0)
reply = line.read(timeout_s=0.3)  # b"" = nothing came in time
line.close()
"""

import contextlib
import errno
import fcntl
import select
import socket
import struct
import termios
import time
from collections.abc import Iterator
from typing import Self

from yici.drivers.transports.serial_line import READ_SIZE, LineFault, LineLost

_SEND_STEP_BYTES = 4096


class TcpLine:
    """One connection.

    Raises LineLost from every method but `close`. Not for several threads at once.
    """

    def __init__(self, host: str, port: int, *, connect_timeout_s: float = 2.0) -> None:
        """Connect; raises LineLost when nobody answers at that address in time."""
        self.address = f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), timeout=connect_timeout_s)
        except OSError as error:
            denied = error.errno in (errno.EACCES, errno.EPERM)
            fault = LineFault.NO_PERMISSION if denied else LineFault.MISSING
            raise LineLost(fault, self.address) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)

    def read(self, *, timeout_s: float) -> bytes:
        """Whatever has arrived, as soon as anything has; b"" when nothing came in `timeout_s`."""
        with self._connection_errors():
            if not self._wait(select.POLLIN, timeout_s):
                return b""
            received = self._socket.recv(READ_SIZE)
            if not received:
                raise ConnectionResetError("the other end closed the connection")
            return received

    def write(self, data: bytes, *, timeout_s: float) -> int:
        """Hand `data` to the connection; returns how many bytes it took within `timeout_s`.

        Fewer than len(data) means that the other end stopped taking them.
        """
        deadline_s = time.monotonic() + timeout_s
        taken = 0
        with self._connection_errors():
            while taken < len(data):
                if not self._wait(select.POLLOUT, deadline_s - time.monotonic()):
                    break
                taken += self._socket.send(data[taken : taken + _SEND_STEP_BYTES])
        return taken

    def discard_input(self) -> None:
        """Forget what has arrived and was not read."""
        while self.read(timeout_s=0):
            pass

    def close(self) -> None:
        """Close without waiting for unsent bytes, which are taken back; may be called twice."""
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed already
            if self._unsent_bytes() > 0:
                # zero linger makes the close a reset: a stalled printer must not print it later
                self._socket.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _connection_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # ValueError: poll on a socket that is closed
            self.close()
            raise LineLost(LineFault.LOST, self.address) from error

    def _wait(self, event: int, timeout_s: float) -> bool:
        """Until the socket can do `event` or has failed (which the call after it will report)."""
        poller = select.poll()
        poller.register(self._socket.fileno(), event)
        return bool(poller.poll(max(0.0, timeout_s) * 1000))

    def _unsent_bytes(self) -> int:
        answer = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        return int(struct.unpack("i", answer)[0])
