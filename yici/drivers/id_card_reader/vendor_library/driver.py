"""Connects the SAM reader of `sam/driver.py` to a maker's library."""

import re
from pathlib import Path

from yici.drivers.id_card_reader.sam.driver import SamReader
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.vendor_library.link import VendorLink

_ADDRESS = re.compile(r"(\d{1,5})@(/[^\0]+)")

# a library has deadlines of its own inside: ours end only what hangs
VENDOR_DEADLINES = SamDeadlines(short_s=3.0, read_s=6.0, address_s=4.0)


def connect(
    port: str,
    baud_rate: int = 0,  # noqa: ARG001 - every driver of this kind is connected alike
    *,
    deadlines: SamDeadlines | None = None,
) -> SamReader:
    """A reader at `1001@/opt/maker/libsdtapi.so`: the library's port number, and the library.

    1001 and up are USB, 1 and up serial ports. The baud rate is the library's affair.
    Neither reader nor library need be there yet.
    Raises ValueError for an address of another form.
    """
    parts = _ADDRESS.fullmatch(port)
    if parts is None:
        raise ValueError(f"{port!r} is no port of a library: give NUMBER@/PATH/LIBRARY.so")
    patience = deadlines or VENDOR_DEADLINES
    link = VendorLink(Path(parts[2]), int(parts[1]), patience)
    return SamReader("vendor_library", link, patience)
