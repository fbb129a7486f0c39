"""A pyusb backend whose bus is at the other end of a Unix socket, and the words between them.

    request  operation(1) endpoint(1) timeout_ms(4) size(4) | size bytes, for WRITE alone
    answer   errno(4) size(4)                               | size bytes

One connection is one open handle; a connection that breaks is a device that was pulled. There is
no USB host controller in it: what it proves is the way through pyusb, not the kernel's.
"""

import errno
import os
import socket
import struct
from array import array
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from yici.drivers.transports.usb_bulk import PACKET_SIZE, UsbId

REQUEST, ANSWER = struct.Struct("!BBII"), struct.Struct("!iI")
LARGEST_TRANSFER = 65536
_PATIENCE_S = 5.0  # beyond a transfer's own timeout

ENDPOINTS = (0x02, 0x06, 0x81, 0x85)
_BULK = 2
_VENDOR_CLASS = 0xFF


class Operation(IntEnum):
    """What a backend asks of its bus."""

    OPEN = 1
    CLAIM = 2
    IS_KERNEL_DRIVER_ACTIVE = 3
    DETACH_KERNEL_DRIVER = 4
    WRITE = 5
    READ = 6
    CLEAR_HALT = 7


def receive_exactly(peer: socket.socket, size: int) -> bytes:
    """Raises ConnectionError when the other end is gone, TimeoutError when it is late."""
    received = b""
    while len(received) < size:
        part = peer.recv(size - len(received))
        if not part:
            raise ConnectionResetError("the other end closed the connection")
        received += part
    return received


class RedirectedUsb(usb.backend.IBackend):  # type: ignore[misc]  # pyusb ships no types
    """The bus behind the socket at `path`, with one device on it or none."""

    def __init__(self, path: Path, usb_id: UsbId) -> None:
        self._path = path
        self._id = usb_id

    def enumerate_devices(self) -> Iterator[str]:
        if self._path.is_socket():
            yield "device"

    def get_device_descriptor(self, _: Any) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x0110, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=8, idVendor=self._id.vendor,
            idProduct=self._id.product, bcdDevice=0x0063, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=1, bus=1, port_number=1,
            port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, _: Any, config: int) -> SimpleNamespace:
        if config != 0:
            raise IndexError("the device has one configuration")
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=9 + 9 + 7 * len(ENDPOINTS),
            bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0, bmAttributes=0x80,
            bMaxPower=100, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, _: Any, intf: int, alt: int, config: int) -> SimpleNamespace:
        if (intf, alt, config) != (0, 0, 0):
            raise IndexError("the device has one interface")
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0,
            bNumEndpoints=len(ENDPOINTS), bInterfaceClass=_VENDOR_CLASS, bInterfaceSubClass=0,
            bInterfaceProtocol=0, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, _: Any, ep: int, *__: int) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=ENDPOINTS[ep], bmAttributes=_BULK,
            wMaxPacketSize=PACKET_SIZE, bInterval=0, bRefresh=0, bSynchAddress=0,
            extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, _: Any) -> socket.socket:
        handle = socket.socket(socket.AF_UNIX)
        handle.settimeout(_PATIENCE_S)
        try:
            handle.connect(str(self._path))
            self._do(handle, Operation.OPEN)
        except usb.core.USBError:
            handle.close()
            raise
        except OSError as error:
            handle.close()
            raise _usb_error(errno.ENODEV) from error
        return handle

    def close_device(self, handle: socket.socket) -> None:
        handle.close()

    def get_configuration(self, _: Any) -> int:
        return 1

    def claim_interface(self, handle: socket.socket, intf: int) -> None:
        self._do(handle, Operation.CLAIM, intf)

    def release_interface(self, handle: socket.socket, intf: int) -> None:
        """Closing the connection releases it."""

    def is_kernel_driver_active(self, handle: socket.socket, intf: int) -> bool:
        return self._do(handle, Operation.IS_KERNEL_DRIVER_ACTIVE, intf) == b"\x01"

    def detach_kernel_driver(self, handle: socket.socket, intf: int) -> None:
        self._do(handle, Operation.DETACH_KERNEL_DRIVER, intf)

    def clear_halt(self, handle: socket.socket, ep: int) -> None:
        self._do(handle, Operation.CLEAR_HALT, ep)

    def bulk_write(
        self, handle: socket.socket, ep: int, _: int, data: "array[int]", timeout: int
    ) -> int:
        self._do(handle, Operation.WRITE, ep, timeout_ms=timeout, data=data.tobytes())
        return len(data)

    def bulk_read(
        self, handle: socket.socket, ep: int, _: int, buff: "array[int]", timeout: int
    ) -> int:
        data = self._do(handle, Operation.READ, ep, timeout_ms=timeout, size=len(buff))
        if len(data) > len(buff):
            raise _usb_error(errno.EOVERFLOW)
        buff[: len(data)] = array("B", data)
        return len(data)

    def _do(
        self,
        handle: socket.socket,
        operation: Operation,
        endpoint: int = 0,
        *,
        timeout_ms: int = 0,
        data: bytes = b"",
        size: int = 0,
    ) -> bytes:
        handle.settimeout(timeout_ms / 1000 + _PATIENCE_S)
        try:
            head = REQUEST.pack(operation, endpoint, timeout_ms, len(data) or size)
            handle.sendall(head + data)
            number, length = ANSWER.unpack(receive_exactly(handle, ANSWER.size))
            answer = receive_exactly(handle, min(length, LARGEST_TRANSFER))
        except OSError as error:
            raise _usb_error(errno.ENODEV) from error
        if number:
            raise _usb_error(number)
        return answer


def _usb_error(number: int) -> usb.core.USBError:
    """As the libusb backend raises it; the first number is libusb's own, which nobody looks at."""
    kind = usb.core.USBTimeoutError if number == errno.ETIMEDOUT else usb.core.USBError
    return kind(os.strerror(number), None, number)
