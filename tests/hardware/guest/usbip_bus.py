"""USB devices of the kernel's own bus that are made of bytes.

vhci_hcd (USB/IP) is a host controller whose cable is a socket: usbcore enumerates what stands at
its other end, and drivers and libusb reach it like any device. This is that other end.

    48-byte headers, big-endian          Source: Linux Documentation/usb/usbip_protocol.rst
"""

import contextlib
import errno
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Protocol, Self

from yici.drivers.id_card_reader.sdt_usb.redirected_usb import receive_exactly

VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
_DEVICE_ID: Final = 0x10001  # bus 1, device 1
_PORT: Final = 0
_TURN_S: Final = 0.005  # how long nobody listens while a read waits for the device

_HEAD: Final = struct.Struct("!5I")  # command, number, device, direction, endpoint
_SUBMIT: Final = struct.Struct("!IiiiI8s")  # flags, length, start frame, packets, interval, setup
_SUBMITTED: Final = struct.Struct("!iiiii8x")  # status, actual length, start frame, packets, errors
_UNLINK: Final = struct.Struct("!I24x")
_UNLINKED: Final = struct.Struct("!i24x")

_SETUP: Final = struct.Struct("<BBHHH")  # request type, request, value, index, length
_GET_STATUS, _CLEAR_FEATURE, _GET_DESCRIPTOR, _SET_CONFIGURATION, _SET_INTERFACE = 0, 1, 6, 9, 11
_STANDARD_TYPES: Final = (0x00, 0x01, 0x02, 0x80, 0x81, 0x82)
_TO_ENDPOINT: Final = 0x02


class Speed(IntEnum):
    """linux/usb/ch9.h."""

    FULL = 2
    HIGH = 3


class UsbDevice(Protocol):
    """What a device has to tell; every method is called on the cable's thread."""

    @property
    def speed(self) -> Speed: ...

    @property
    def descriptors(self) -> Mapping[tuple[int, int], bytes]:
        """(type, index) → bytes."""
        ...

    def control(self, request: tuple[int, int, int, int, int], data: bytes) -> tuple[int, bytes]:
        """A class or vendor request: an errno, 0 for success, and the answer."""
        ...

    def clear_halt(self, endpoint: int) -> None: ...

    def write(self, endpoint: int, data: bytes) -> int:
        """An errno, 0 for success."""
        ...

    def find_answer(self, endpoint: int, size: int) -> tuple[int, bytes] | None:
        """An errno and what was read; None when there is nothing to read yet."""
        ...

    def close(self) -> None: ...


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
    """Plugs a device into vhci_hcd, until it is pulled or the device ends it by an OSError."""

    def __init__(self, device: UsbDevice) -> None:
        """Raises OSError when the bus is not there."""
        self._device = device
        self._ours, kernels = socket.socketpair()
        self._waiting: deque[_Transfer] = deque()  # reads that the device has no answer for yet
        try:
            words = f"{_PORT} {kernels.fileno()} {_DEVICE_ID} {int(device.speed)}"
            (VHCI / "attach").write_text(words)  # the kernel keeps the socket
        except OSError:
            self._ours.close()
            device.close()
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
        with self._ours, contextlib.closing(self._device), contextlib.suppress(OSError):
            while True:
                answered = self._try_to_read()
                patience_s = 0 if answered else _TURN_S if self._waiting else None
                if select.select([self._ours], [], [], patience_s)[0]:
                    self._hear()

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
            self._finish(transfer, self._device.write(address, data))

    def _forget(self, number: int, unwanted: int) -> None:
        found = [each for each in self._waiting if each.number == unwanted]
        for each in found:
            self._waiting.remove(each)
        head = _HEAD.pack(_Command.UNLINKED, number, 0, 0, 0)
        self._ours.sendall(head + _UNLINKED.pack(-errno.ECONNRESET if found else 0))

    def _try_to_read(self) -> bool:
        """Whether one of the waiting reads, in their order at each endpoint, got its answer."""
        asked: set[int] = set()
        for transfer in tuple(self._waiting):
            if transfer.endpoint in asked:
                continue
            asked.add(transfer.endpoint)
            answer = self._device.find_answer(transfer.endpoint, transfer.size)
            if answer is not None:
                self._waiting.remove(transfer)
                error, data = answer
                is_too_long = len(data) > transfer.size
                self._finish(transfer, *((errno.EOVERFLOW, b"") if is_too_long else (error, data)))
                return True
        return False

    def _control(self, transfer: _Transfer) -> tuple[int, bytes]:
        kind, request, value, index, length = setup = _SETUP.unpack(transfer.setup)
        if kind not in _STANDARD_TYPES:
            error, answer = self._device.control(setup, transfer.data)
            return error, answer[:length]
        if request == _GET_DESCRIPTOR:
            found = self._device.descriptors.get((value >> 8, value & 0xFF))
            return (errno.EPIPE, b"") if found is None else (0, found[:length])
        if request == _CLEAR_FEATURE and kind == _TO_ENDPOINT:
            self._device.clear_halt(index)
        if request == _GET_STATUS:
            return 0, bytes(2)
        known = (_CLEAR_FEATURE, _SET_CONFIGURATION, _SET_INTERFACE)
        return (0 if request in known else errno.EPIPE), b""

    def _finish(self, transfer: _Transfer, error: int, data: bytes = b"") -> None:
        is_in = bool(transfer.endpoint & 0x80) or bool(transfer.setup[0] & 0x80)
        actual = len(data) if is_in else (0 if error else transfer.size)
        head = _HEAD.pack(_Command.SUBMITTED, transfer.number, 0, 0, 0)
        body = _SUBMITTED.pack(-error, actual, 0, 0, 0)
        self._ours.sendall(head + body + (data if is_in else b""))

    def _receive(self, size: int) -> bytes:
        return receive_exactly(self._ours, size)


def find_node(vendor: int, product: int) -> Path | None:
    """The node below /dev/bus/usb of the device that usbcore has found, once it is there."""
    for device in Path("/sys/bus/usb/devices").glob("*"):
        with contextlib.suppress(OSError, ValueError):
            ids = [int((device / name).read_text(), 16) for name in ("idVendor", "idProduct")]
            if ids == [vendor, product]:
                bus, number = (int((device / name).read_text()) for name in ("busnum", "devnum"))
                node = Path(f"/dev/bus/usb/{bus:03}/{number:03}")
                return node if node.exists() else None
    return None
