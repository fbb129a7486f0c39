"""The printer's end of the line: a listening TCP port, or the far side of a pty.

A pty is also the closest thing to usblp's character file on a machine without a USB bus: it polls,
takes what it has room for, and fails with EIO when it is pulled out.
"""

import contextlib
import os
import socket
import termios
import tty
from pathlib import Path
from typing import Protocol


class PrinterEnd(Protocol):
    """What a twin needs of its end; no call blocks."""

    @property
    def address(self) -> str:
        """Where the driver finds the twin."""
        ...

    @property
    def bytes_per_s(self) -> float | None:
        """The pace of the line; None when it has none worth keeping."""
        ...

    @property
    def is_set_right(self) -> bool:
        """Whether the host's line settings let the printer understand anything."""
        ...

    @property
    def connection(self) -> int:
        """Another number for each host that comes; an answer to an older one is lost."""
        ...

    def plug_in(self) -> None: ...
    def unplug(self) -> None: ...

    def release(self) -> None:
        """Unplug it for good."""
        ...

    def find_fd(self) -> int | None:
        """What to poll for input; None while unplugged."""
        ...

    def receive(self, max_bytes: int) -> bytes: ...
    def send(self, data: bytes) -> None: ...


class TcpEnd:
    """Listens, and serves one connection at a time as network printers do.

    Unplugged, it refuses connections and keeps its port, which nobody else may take meanwhile.
    """

    bytes_per_s: float | None = None
    is_set_right = True

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port  # 0 until the first plug_in(), then the same for good
        self._reserved: socket.socket | None = None  # bound and never listening
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self.connection = 0

    @property
    def address(self) -> str:
        return f"tcp://{self._host}:{self._port}"

    def plug_in(self) -> None:
        if self._reserved is None:
            self._reserved = self._bind()
        self._listener = self._bind()
        self._listener.listen()

    def unplug(self) -> None:
        self._drop_client()
        if self._listener is not None:
            # a poll that is under way would keep a closed socket listening
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def release(self) -> None:
        self.unplug()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    def _bind(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.settimeout(0)
        try:
            bound.bind((self._host, self._port))
        except OSError:
            bound.close()
            raise
        self._port = bound.getsockname()[1]
        return bound

    def find_fd(self) -> int | None:
        end = self._client or self._listener
        return None if end is None else end.fileno()

    def receive(self, max_bytes: int) -> bytes:
        if self._client is None:
            self._accept()
            return b""
        try:
            data = self._client.recv(max_bytes)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop_client()
        return data

    def send(self, data: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):  # the host has gone; receive() will notice
                self._client.send(data)

    def _accept(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._client, _ = self._listener.accept()
                self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._client.settimeout(0)
                self.connection += 1

    def _drop_client(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


class PtyEnd:
    """A pty under a symlink, read at the speed of a real line of `baud_rate`."""

    def __init__(self, link: Path, baud_rate: int) -> None:
        self._link = link
        self._baud_rate = baud_rate
        self._ends: tuple[int, int] | None = None  # (ours, the host's)
        self.connection = 0

    @property
    def address(self) -> str:
        return f"serial:{self._link}@{self._baud_rate}"

    @property
    def bytes_per_s(self) -> float | None:
        return self._baud_rate / 10  # 8N1: ten bits a byte

    @property
    def is_set_right(self) -> bool:
        if self._ends is None:
            return True
        host_speed = termios.tcgetattr(self._ends[0])[4]
        return bool(host_speed == getattr(termios, f"B{self._baud_rate}"))

    def plug_in(self) -> None:
        ours, hosts = os.openpty()
        # the host's side stays open here too: without it, each close would look like an unplug
        self._ends = (ours, hosts)
        tty.setraw(hosts)
        os.set_blocking(ours, False)
        self.connection += 1
        unfinished = self._link.with_name(self._link.name + ".new")
        unfinished.unlink(missing_ok=True)
        unfinished.symlink_to(os.ttyname(hosts))
        unfinished.replace(self._link)

    def unplug(self) -> None:
        if self._ends is None:
            return
        self._link.unlink(missing_ok=True)
        for end in self._ends:
            os.close(end)
        self._ends = None

    def release(self) -> None:
        self.unplug()

    def find_fd(self) -> int | None:
        return None if self._ends is None else self._ends[0]

    def receive(self, max_bytes: int) -> bytes:
        if self._ends is None:
            return b""
        with contextlib.suppress(OSError):
            return os.read(self._ends[0], max_bytes)
        return b""

    def send(self, data: bytes) -> None:
        if self._ends is not None:
            with contextlib.suppress(OSError):  # nobody reads: the bytes are lost as on a wire
                os.write(self._ends[0], data)


class UsbEnd(PtyEnd):
    """A pty that stands for /dev/usb/lp0: no pace, no speed to be wrong about."""

    def __init__(self, link: Path) -> None:
        super().__init__(link, baud_rate=115200)

    @property
    def address(self) -> str:
        return f"usb:{self._link}"

    @property
    def bytes_per_s(self) -> float | None:
        return None

    @property
    def is_set_right(self) -> bool:
        return True
