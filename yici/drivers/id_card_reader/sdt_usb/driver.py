"""Connects the SAM reader of `sam/driver.py` to the standard USB reader."""

import re
from functools import partial
from pathlib import Path
from typing import Any

from yici.drivers.device import DeviceState
from yici.drivers.id_card_reader.sam.driver import SamReader
from yici.drivers.id_card_reader.sam.link import LineLink, NoAnswer
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sam.status_words import reader_status
from yici.drivers.id_card_reader.sdt_usb.line import SDT_READER, SdtUsbLine
from yici.drivers.transports.usb_bulk import NoUsbLibrary, UsbBulkDevice, UsbId

_ADDRESS = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")
_SOCKET_PREFIX = "usb+unix:"


def connect(
    port: str,
    baud_rate: int = 0,  # noqa: ARG001 - every driver of this kind is connected alike
    *,
    deadlines: SamDeadlines | None = None,
) -> SamReader:
    """A reader at `usb:0400:C35A`, which need not be there yet.

    `usb+unix:/PATH` reaches a USB bus behind a socket (see `redirected_usb.py`), as socket://
    does with a serial line. A baud rate means nothing to USB and is not looked at.
    Raises ValueError for an address that no USB device has.
    """
    patience = deadlines or SamDeadlines()
    return SamReader("sdt_usb", LineLink(_opener(port), patience), patience)


def _opener(port: str) -> "partial[SdtUsbLine]":
    if port.startswith(_SOCKET_PREFIX) and port != _SOCKET_PREFIX and "\0" not in port:
        from yici.drivers.id_card_reader.sdt_usb.redirected_usb import RedirectedUsb

        backend = RedirectedUsb(Path(port.removeprefix(_SOCKET_PREFIX)), SDT_READER)
        return partial(_open_line, SDT_READER, backend)
    numbers = _ADDRESS.fullmatch(port)
    if numbers is None:
        raise ValueError(f"{port!r} is no USB device: give usb:VVVV:PPPP, such as usb:0400:C35A")
    return partial(_open_line, UsbId(int(numbers[1], 16), int(numbers[2], 16)), None)


def _open_line(usb_id: UsbId, backend: Any) -> SdtUsbLine:
    try:
        return SdtUsbLine(UsbBulkDevice(usb_id, backend=backend))
    except NoUsbLibrary as error:
        raise NoAnswer(reader_status(DeviceState.WRONG_SETTING, "usb.no_library")) from error
