"""A serial line, or a serial server's TCP port: bytes out, bytes in as they arrive.

    line = SerialLine("/dev/kiosk/id-card-reader", baud_rate=115200)
    line.write(request, timeout_s=1.0)
    reply = line.read(timeout_s=0.3)  # b"" = nothing came in time
    line.close()

A port is a device path, or `socket://host:port` for a serial server. The line is 8N1. Whatever
pyserial, termios and the operating system throw leaves this module as one `LineLost`; after it
the line is closed, and the driver opens a new one on its next call.
"""

import contextlib
import errno
import select
import termios
import time
from collections.abc import Iterator
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import serial

READ_SIZE = 65536
FASTEST_BAUD_RATE = 4_000_000


class FlowControl(StrEnum):
    """How the device says "wait"."""

    NONE = "none"
    RTS_CTS = "rts_cts"
    XON_XOFF = "xon_xoff"


class LineFault(StrEnum):
    """Why the line can't be used; each needs another sentence for staff."""

    MISSING = "missing"  # no such port: unplugged, or a wrong path in the settings
    NO_PERMISSION = "no_permission"  # the user of the terminal may not open it
    IN_USE = "in_use"  # another program holds it
    LOST = "lost"  # it was there and hung up


class LineLost(Exception):
    """The port can't be opened, or hung up under us; `fault` says which."""

    def __init__(self, fault: LineFault, port: str) -> None:
        super().__init__(f"{port}: {fault.value}")
        self.fault = fault
        self.port = port


_FAULT_OF_ERRNO = {
    errno.ENOENT: LineFault.MISSING,
    errno.ENXIO: LineFault.MISSING,
    errno.ENODEV: LineFault.MISSING,
    errno.EACCES: LineFault.NO_PERMISSION,
    errno.EPERM: LineFault.NO_PERMISSION,
    errno.EBUSY: LineFault.IN_USE,
    errno.EWOULDBLOCK: LineFault.IN_USE,  # the advisory lock of another process
}


@contextlib.contextmanager
def _line_errors(port: str, *, otherwise: LineFault) -> Iterator[None]:
    """The one place that knows what a vanishing port throws.

    termios.error is no OSError, and pyserial lets both through beside its own exception.
    """
    try:
        yield
    except (serial.SerialException, OSError, termios.error) as error:
        number = getattr(error, "errno", None)
        raise LineLost(_FAULT_OF_ERRNO.get(number or 0, otherwise), port) from error


def check_settings(port: str, baud_rate: int) -> None:
    """Whether a line could ever have these settings; says nothing about what is plugged in.

    Raises ValueError with a sentence.
    """
    if not 0 < baud_rate <= FASTEST_BAUD_RATE:
        raise ValueError(f"a line's speed is 1 to {FASTEST_BAUD_RATE} bits per second")
    if not port or "\0" in port or ("://" in port and not _is_tcp_port(port)):
        raise ValueError(f"{port!r} is no port: a port is a device path or socket://host:port")


def _is_tcp_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "socket"
            and bool(parts.hostname and parts.port)
            and not parts.path.strip("/")
            and not parts.query
        )
    except ValueError:  # a port number out of range
        return False


class SerialLine:
    """One open port, held exclusively.

    Raises LineLost from every method but `close`. Not for several threads at once.
    """

    def __init__(
        self,
        port: str,
        *,
        baud_rate: int,
        flow_control: FlowControl = FlowControl.NONE,
    ) -> None:
        """Open `port`; a TCP port is given 5 s to answer.

        Raises LineLost, or ValueError for a port or a speed that no line can have.
        """
        check_settings(port, baud_rate)
        self.port = port
        self.baud_rate = baud_rate
        with _line_errors(port, otherwise=LineFault.MISSING):
            self._serial = serial.serial_for_url(
                port,
                baudrate=baud_rate,
                exclusive=True,
                timeout=0,  # never wait inside pyserial: its deadlines are reset per call
                write_timeout=0,
                rtscts=flow_control is FlowControl.RTS_CTS,
                xonxoff=flow_control is FlowControl.XON_XOFF,
            )
        self._ask_for_low_latency()

    def _ask_for_low_latency(self) -> None:
        # FTDI adapters hold short replies back for 16 ms; ptys and sockets have no such setting
        set_low_latency = getattr(self._serial, "set_low_latency_mode", None)
        if set_low_latency is not None:
            with contextlib.suppress(ValueError, OSError):
                set_low_latency(True)

    def read(self, *, timeout_s: float) -> bytes:
        """Whatever has arrived, as soon as anything has; b"" when nothing came in `timeout_s`."""
        with self._port_errors():
            if not self._wait(select.POLLIN, timeout_s):
                return b""
            return bytes(self._serial.read(READ_SIZE))

    def write(self, data: bytes, *, timeout_s: float) -> int:
        """Hand `data` to the line; returns the number of bytes that it took within `timeout_s`.

        Fewer than len(data) means that the device told us to wait (flow control) and never went on.
        """
        deadline = time.monotonic() + timeout_s
        taken = 0
        with self._port_errors():
            while taken < len(data):
                if not self._wait(select.POLLOUT, deadline - time.monotonic()):
                    break
                taken += self._serial.write(data[taken : taken + 4096]) or 0
        return taken

    def discard_input(self) -> None:
        """Forget what has arrived and was not read."""
        with self._port_errors():
            self._serial.reset_input_buffer()

    def close(self) -> None:
        """Give the port back without waiting for unsent bytes; may be called twice."""
        with contextlib.suppress(serial.SerialException, OSError, termios.error):
            # a close would otherwise wait for a device that holds its flow control
            self._serial.reset_output_buffer()
        with contextlib.suppress(serial.SerialException, OSError, termios.error):
            self._serial.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _port_errors(self) -> Iterator[None]:
        try:
            with _line_errors(self.port, otherwise=LineFault.LOST):
                yield
        except LineLost:
            self.close()
            raise

    def _wait(self, event: int, timeout_s: float) -> bool:
        """Until the port can do `event` or has hung up (which the call after it will report)."""
        poller = select.poll()
        poller.register(self._serial.fileno(), event)
        return bool(poller.poll(max(0.0, timeout_s) * 1000))
