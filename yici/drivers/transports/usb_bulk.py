"""Bulk transfers to one vendor-class USB device, through pyusb.

    device = UsbBulkDevice(UsbId(0x0400, 0xC35A))
    device.write(0x02, request, timeout_s=1.0)
    reply = device.read(0x81, 64, timeout_s=0.3)  # b"" = nothing came in time
    device.close()

Whatever pyusb, libusb and the kernel say of a device that can't be used leaves this module as one
`LineLost`, as with the other transports; after it the device is given back, and the driver opens
it anew on its next call.
"""

import contextlib
import errno
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import usb.core
import usb.util

from yici.drivers.transports.serial_line import LineFault, LineLost

PACKET_SIZE = 64  # bytes of a full-speed bulk packet; a shorter buffer overflows

_FAULT_OF_ERRNO = {
    errno.EACCES: LineFault.NO_PERMISSION,
    errno.EPERM: LineFault.NO_PERMISSION,
    errno.EBUSY: LineFault.IN_USE,
}


@dataclass(frozen=True, slots=True)
class UsbId:
    """Vendor and product number, as `lsusb` shows them."""

    vendor: int
    product: int

    def __str__(self) -> str:
        return f"{self.vendor:04x}:{self.product:04x}"


class NoUsbLibrary(Exception):
    """libusb is not installed."""


class UsbBulkDevice:
    """One claimed interface of the first device with this id.

    Raises LineLost from every method but `close`. Not for several threads at once.
    """

    def __init__(self, usb_id: UsbId, *, interface: int = 0, backend: Any = None) -> None:
        """Find, open and claim it; a kernel driver that has it is told to let go.

        `backend` is a pyusb backend, libusb unless given.
        Raises LineLost, or NoUsbLibrary when there is no libusb to ask.
        """
        self._id = usb_id
        self._interface = interface
        self._device: Any = None
        try:
            with self._usb_errors(otherwise=LineFault.MISSING):
                self._device = usb.core.find(
                    idVendor=usb_id.vendor, idProduct=usb_id.product, backend=backend
                )
                if self._device is None:
                    raise LineLost(LineFault.MISSING, str(usb_id))
                self._claim()
        except usb.core.NoBackendError as error:
            raise NoUsbLibrary("libusb-1.0 can't be loaded: install libusb-1.0-0") from error

    def write(self, endpoint: int, data: bytes, *, timeout_s: float) -> int:
        """Send `data`; returns how many bytes the device took within `timeout_s`."""
        with self._usb_errors(otherwise=LineFault.LOST):
            try:
                return int(self._device.write(endpoint, data, _milliseconds(timeout_s)))
            except usb.core.USBTimeoutError:
                return 0
            except usb.core.USBError as error:
                self._clear_stall(endpoint, error)
                return 0

    def read(self, endpoint: int, size: int, *, timeout_s: float) -> bytes:
        """One transfer of up to `size` bytes; b"" when nothing came in `timeout_s`."""
        room = math.ceil(size / PACKET_SIZE) * PACKET_SIZE
        with self._usb_errors(otherwise=LineFault.LOST):
            try:
                return bytes(self._device.read(endpoint, room, _milliseconds(timeout_s)))
            except usb.core.USBTimeoutError:
                return b""
            except usb.core.USBError as error:
                self._clear_stall(endpoint, error)
                return b""

    def close(self) -> None:
        """Give the device back; may be called twice."""
        if self._device is not None:
            with contextlib.suppress(usb.core.USBError):
                usb.util.dispose_resources(self._device)
            self._device = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _claim(self) -> None:
        self._release_from_kernel()
        try:
            self._device.get_active_configuration()
        except usb.core.USBError as error:
            if error.errno is not None:
                raise
            self._device.set_configuration()  # nobody has chosen one yet
        usb.util.claim_interface(self._device, self._interface)

    def _release_from_kernel(self) -> None:
        try:
            if self._device.is_kernel_driver_active(self._interface):
                self._device.detach_kernel_driver(self._interface)
        except NotImplementedError:
            return
        except usb.core.USBError as error:
            if error.errno != errno.ENOSYS:  # a system whose kernel has no such drivers
                raise

    def _clear_stall(self, endpoint: int, error: usb.core.USBError) -> None:
        """A stalled endpoint refuses everything until told that it was noticed."""
        if error.errno != errno.EPIPE:
            raise error
        self._device.clear_halt(endpoint)

    @contextlib.contextmanager
    def _usb_errors(self, *, otherwise: LineFault) -> Iterator[None]:
        """The one place that knows what a vanishing USB device throws."""
        if self._device is None and otherwise is LineFault.LOST:
            raise LineLost(LineFault.LOST, str(self._id))
        try:
            yield
        except LineLost:
            self.close()
            raise
        except usb.core.NoBackendError:
            raise
        except (OSError, ValueError) as error:  # ValueError: other endpoints than this device has
            self.close()
            number = getattr(error, "errno", None)
            raise LineLost(_FAULT_OF_ERRNO.get(number or 0, otherwise), str(self._id)) from error


def _milliseconds(timeout_s: float) -> int:
    return max(1, math.ceil(timeout_s * 1000))  # 0 would mean: wait for ever
