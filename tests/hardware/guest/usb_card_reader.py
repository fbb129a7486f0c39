"""The standard USB card reader: its descriptors, and its transfers handed on to `SdtUsbTwin`."""

import errno
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from guest.usbip_bus import Speed, find_node

from yici.drivers.id_card_reader.sdt_usb.line import SDT_READER
from yici.drivers.id_card_reader.sdt_usb.redirected_usb import (
    ANSWER,
    ENDPOINTS,
    REQUEST,
    Operation,
    receive_exactly,
)
from yici.drivers.transports.usb_bulk import PACKET_SIZE

_ASK_MS: Final = 1

_DEVICE: Final = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0, 0, 0, 64, SDT_READER.vendor, SDT_READER.product, 0x0063,
    0, 0, 0, 1,
)  # fmt: skip
_INTERFACE: Final = struct.pack("<9B", 9, 4, 0, 0, len(ENDPOINTS), 0xFF, 0, 0, 0)
_PIPES: Final = b"".join(
    struct.pack("<BBBBHB", 7, 5, address, 2, PACKET_SIZE, 0) for address in ENDPOINTS
)
_CONFIGURATION: Final = (
    struct.pack("<BBHBBBBB", 9, 2, 9 + len(_INTERFACE + _PIPES), 1, 1, 0, 0x80, 50)
    + _INTERFACE
    + _PIPES
)


class UsbCardReader:
    """A `UsbDevice` in front of the twin's socket. An OSError is the twin being pulled."""

    speed = Speed.FULL
    descriptors: Mapping[tuple[int, int], bytes] = {(1, 0): _DEVICE, (2, 0): _CONFIGURATION}

    def __init__(self, twin_socket: Path) -> None:
        self._twin = socket.socket(socket.AF_UNIX)
        self._twin.settimeout(10)
        self._twin.connect(str(twin_socket))
        self._do(Operation.OPEN)

    def control(self, request: tuple[int, int, int, int, int], data: bytes) -> tuple[int, bytes]:
        del request, data
        return errno.EPIPE, b""  # it knows none

    def clear_halt(self, endpoint: int) -> None:
        self._do(Operation.CLEAR_HALT, endpoint)

    def write(self, endpoint: int, data: bytes) -> int:
        return self._do(Operation.WRITE, endpoint, data=data)[0]

    def find_answer(self, endpoint: int, size: int) -> tuple[int, bytes] | None:
        answer = self._do(Operation.READ, endpoint, timeout_ms=_ASK_MS, size=size)
        # a bus has no timeout of its own: the host takes its question back
        return None if answer[0] == errno.ETIMEDOUT else answer

    def close(self) -> None:
        self._twin.close()

    def _do(
        self, operation: Operation, endpoint: int = 0, *, timeout_ms: int = 0, data: bytes = b"",
        size: int = 0,
    ) -> tuple[int, bytes]:  # fmt: skip
        head = REQUEST.pack(operation, endpoint, timeout_ms, len(data) or size)
        self._twin.sendall(head + data)
        number, length = ANSWER.unpack(receive_exactly(self._twin, ANSWER.size))
        return number, receive_exactly(self._twin, length)


def is_on_the_bus() -> bool:
    """Whether usbcore has found the reader."""
    return find_node(SDT_READER.vendor, SDT_READER.product) is not None
