"""A USB device of the kernel's own bus whose answers come from `SdtUsbTwin`.

vhci_hcd (USB/IP) is a host controller whose cable is a socket: usbcore enumerates what stands at
its other end, and libusb reaches it through usbfs like any device. This is that other end: it
tells the reader's descriptors and hands its bulk transfers on to the twin's socket.

    48-byte headers, big-endian          Source: Linux Documentation/usb/usbip_protocol.rst
"""

import contextlib
import errno
import os
import select
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Self

from yici.drivers.id_card_reader.sdt_usb.line import SDT_READER
from yici.drivers.id_card_reader.sdt_usb.redirected_usb import (
    ANSWER,
    ENDPOINTS,
    REQUEST,
    Operation,
    receive_exactly,
)
from yici.drivers.transports.usb_bulk import PACKET_SIZE

VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
_FULL_SPEED: Final = 2  # linux/usb/ch9.h
_DEVICE_ID: Final = 0x10001  # bus 1, device 1
_PORT: Final = 0

_HEAD: Final = struct.Struct("!5I")  # command, number, device, direction, endpoint
_SUBMIT: Final = struct.Struct("!IiiiI8s")  # flags, length, start frame, packets, interval, setup
_SUBMITTED: Final = struct.Struct("!iiiii8x")  # status, actual length, start frame, packets, errors
_UNLINK: Final = struct.Struct("!I24x")
_UNLINKED: Final = struct.Struct("!i24x")

_SETUP: Final = struct.Struct("<BBHHH")  # request type, request, value, index, length
_GET_STATUS, _CLEAR_FEATURE, _GET_DESCRIPTOR, _SET_CONFIGURATION, _SET_INTERFACE = 0, 1, 6, 9, 11
_TO_ENDPOINT: Final = 0x02
_TURN_MS: Final = 5  # how long one pipe is asked before the next has its turn

_DEVICE: Final = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0, 0, 0, 64, SDT_READER.vendor, SDT_READER.product, 0x0063,
    0, 0, 0, 1,
)  # fmt: skip
_INTERFACE: Final = struct.pack("<9B", 9, 4, 0, 0, len(ENDPOINTS), 0xFF, 0, 0, 0)
_PIPES: Final = b"".join(
    struct.pack("<BBBBHB", 7, 5, each, 2, PACKET_SIZE, 0) for each in ENDPOINTS
)
_CONFIGURATION: Final = (
    struct.pack("<BBHBBBBB", 9, 2, 9 + len(_INTERFACE + _PIPES), 1, 1, 0, 0x80, 50)
    + _INTERFACE
    + _PIPES
)
_DESCRIPTORS: Final = {1: _DEVICE, 2: _CONFIGURATION}


class _Command(IntEnum):
    SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One URB. `endpoint` has its direction in the highest bit."""

    number: int
    endpoint: int
    size: int
    setup: bytes
    data: bytes


class UsbIpCable:
    """Plugs the twin behind `twin_socket` into vhci_hcd until it is pulled."""

    def __init__(self, twin_socket: Path) -> None:
        """Raises OSError when the twin or the bus is not there."""
        self._twin = socket.socket(socket.AF_UNIX)
        self._twin.settimeout(10)
        self._twin.connect(str(twin_socket))
        self._ours, kernels = socket.socketpair()
        self._waiting: deque[_Transfer] = deque()  # reads that the twin has no answer for yet
        try:
            self._do(Operation.OPEN)
            words = f"{_PORT} {kernels.fileno()} {_DEVICE_ID} {_FULL_SPEED}"
            (VHCI / "attach").write_text(words)  # the kernel keeps the socket
        except OSError:
            self._ours.close()
            self._twin.close()
            raise
        finally:
            kernels.close()
        self._thread = threading.Thread(target=self._serve, name="usbip", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """The device is gone from the bus; may be called twice."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.pull()

    # from here on: the cable's thread

    def _serve(self) -> None:
        with self._ours, self._twin, contextlib.suppress(OSError):
            while True:
                patience_s = 0 if self._waiting else None
                if select.select([self._ours], [], [], patience_s)[0]:
                    self._hear()
                elif self._waiting:
                    self._try_to_read(self._waiting.popleft())

    def _hear(self) -> None:
        command, number, _, direction, endpoint = _HEAD.unpack(self._receive(_HEAD.size))
        if command == _Command.UNLINK:
            (unwanted,) = _UNLINK.unpack(self._receive(_UNLINK.size))
            self._forget(number, unwanted)
            return
        _, size, _, _, _, setup = _SUBMIT.unpack(self._receive(_SUBMIT.size))
        data = self._receive(size) if direction == 0 and size > 0 else b""
        address = endpoint | (0x80 if direction else 0)
        transfer = _Transfer(number, address, size, setup, data)
        if endpoint == 0:
            self._finish(transfer, *self._control(transfer))
        elif direction:
            self._waiting.append(transfer)
        else:
            status, _ = self._do(Operation.WRITE, address, data=data)
            self._finish(transfer, status)

    def _forget(self, number: int, unwanted: int) -> None:
        found = [each for each in self._waiting if each.number == unwanted]
        for each in found:
            self._waiting.remove(each)
        head = _HEAD.pack(_Command.UNLINKED, number, 0, 0, 0)
        self._ours.sendall(head + _UNLINKED.pack(-errno.ECONNRESET if found else 0))

    def _try_to_read(self, transfer: _Transfer) -> None:
        status, data = self._do(
            Operation.READ, transfer.endpoint, timeout_ms=_TURN_MS, size=transfer.size
        )
        if status == errno.ETIMEDOUT:  # a bus has no timeout of its own: the host takes it back
            self._waiting.append(transfer)
        elif len(data) > transfer.size:
            self._finish(transfer, errno.EOVERFLOW)
        else:
            self._finish(transfer, status, data)

    def _control(self, transfer: _Transfer) -> tuple[int, bytes]:
        kind, request, value, index, length = _SETUP.unpack(transfer.setup)
        if request == _GET_DESCRIPTOR and value >> 8 in _DESCRIPTORS:
            return 0, _DESCRIPTORS[value >> 8][:length]
        if request == _GET_STATUS:
            return 0, bytes(2)
        if request in (_SET_CONFIGURATION, _SET_INTERFACE):
            return 0, b""
        if request == _CLEAR_FEATURE and kind == _TO_ENDPOINT:
            return self._do(Operation.CLEAR_HALT, index)[0], b""
        return errno.EPIPE, b""

    def _finish(self, transfer: _Transfer, error: int, data: bytes = b"") -> None:
        is_in = bool(transfer.endpoint & 0x80) or bool(transfer.setup[0] & 0x80)
        actual = len(data) if is_in else (0 if error else transfer.size)
        head = _HEAD.pack(_Command.SUBMITTED, transfer.number, 0, 0, 0)
        body = _SUBMITTED.pack(-error, actual, 0, 0, 0)
        self._ours.sendall(head + body + (data if is_in else b""))

    def _receive(self, size: int) -> bytes:
        return receive_exactly(self._ours, size)

    def _do(
        self, operation: Operation, endpoint: int = 0, *, timeout_ms: int = 0, data: bytes = b"",
        size: int = 0,
    ) -> tuple[int, bytes]:  # fmt: skip
        """An errno and what was read; OSError when the twin was pulled."""
        self._twin.sendall(REQUEST.pack(operation, endpoint, timeout_ms, len(data) or size) + data)
        number, length = ANSWER.unpack(receive_exactly(self._twin, ANSWER.size))
        return number, receive_exactly(self._twin, length)


def is_on_the_bus() -> bool:
    """Whether usbcore has found the reader."""
    wanted = f"{SDT_READER.vendor:04x}", f"{SDT_READER.product:04x}"
    for device in Path("/sys/bus/usb/devices").glob("*"):
        with contextlib.suppress(OSError):
            ids = (device / "idVendor").read_text(), (device / "idProduct").read_text()
            if (ids[0].strip(), ids[1].strip()) == wanted:
                return os.access(_node(device), os.W_OK)
    return False


def _node(device: Path) -> Path:
    bus, number = (int((device / name).read_text()) for name in ("busnum", "devnum"))
    return Path(f"/dev/bus/usb/{bus:03}/{number:03}")
