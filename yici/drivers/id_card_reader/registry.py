"""The drivers that a terminal can be configured with, by name."""

from collections.abc import Mapping
from typing import Protocol

from yici.drivers.id_card_reader import IdCardReader
from yici.drivers.id_card_reader.sam import driver as sam
from yici.drivers.id_card_reader.sdt_usb import driver as sdt_usb
from yici.drivers.id_card_reader.vendor_library import driver as vendor_library


class Connect(Protocol):
    """Makes a reader at a port that need not be there yet; ValueError for impossible settings."""

    def __call__(self, port: str, baud_rate: int = ...) -> IdCardReader: ...


DRIVERS: Mapping[str, Connect] = {
    "sam": sam.connect,
    "sdt_usb": sdt_usb.connect,
    "vendor_library": vendor_library.connect,
}


def get_connect(driver_name: str) -> Connect:
    """The connect function of a driver. Raises ValueError for a name that no driver has."""
    connect = DRIVERS.get(driver_name)
    if connect is None:
        known = ", ".join(sorted(DRIVERS))
        raise ValueError(f"no ID-card reader driver is called {driver_name!r}; there is: {known}")
    return connect
