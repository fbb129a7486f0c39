"""SANE's status numbers (`SANE_Status`, SANE standard 1.06 section 4.2.7) → device status.

`scanimage` ends a scan with the number of its last status. When it can't open the scanner it ends
with 1 whatever the reason, and only its words (`sane_strstatus`, never translated) tell which.
"""

import re
from enum import IntEnum
from typing import Final

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus


class SaneStatus(IntEnum):
    """SANE_Status."""

    GOOD = 0
    UNSUPPORTED = 1
    CANCELLED = 2
    DEVICE_BUSY = 3
    INVAL = 4
    EOF = 5
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9
    NO_MEM = 10
    ACCESS_DENIED = 11


_STATES: Final = {
    SaneStatus.UNSUPPORTED: DeviceState.FAULT,
    SaneStatus.CANCELLED: DeviceState.BUSY,  # somebody at the scanner broke it off
    SaneStatus.DEVICE_BUSY: DeviceState.BUSY,
    SaneStatus.INVAL: DeviceState.WRONG_SETTING,
    SaneStatus.EOF: DeviceState.FAULT,
    SaneStatus.JAMMED: DeviceState.PAPER_JAMMED,
    SaneStatus.COVER_OPEN: DeviceState.COVER_OPEN,
    SaneStatus.IO_ERROR: DeviceState.DISCONNECTED,
    SaneStatus.NO_MEM: DeviceState.FAULT,
    SaneStatus.ACCESS_DENIED: DeviceState.WRONG_SETTING,
}


def status_of(state: DeviceState, code: str = "") -> DeviceStatus:
    return DeviceStatus(DeviceKind.SCANNER, state, code)


_WORDS: Final = {
    "invalid argument": (DeviceState.DISCONNECTED, "sane.no_such_device"),
    "error during device i/o": (DeviceState.DISCONNECTED, "sane.io_error"),
    "device busy": (DeviceState.BUSY, "sane.device_busy"),
    "access to resource has been denied": (DeviceState.WRONG_SETTING, "sane.access_denied"),
    "operation not supported": (DeviceState.WRONG_SETTING, "sane.unsupported"),
    "out of memory": (DeviceState.FAULT, "sane.no_mem"),
}
NOT_INSTALLED: Final = 127  # setpriv's and the shell's word for a program that isn't there


def open_status(exit_code: int, words: str) -> DeviceStatus:
    """Why a scanner could not be opened."""
    if exit_code == NOT_INSTALLED:
        return status_of(DeviceState.WRONG_SETTING, "sane.not_installed")
    lowered = words.lower()
    found = next((told for text, told in _WORDS.items() if text in lowered), None)
    return status_of(*found) if found else status_of(DeviceState.FAULT, f"sane.exit_{exit_code}")


_STATUS_SAID = re.compile(
    r"\(scanner status = (\d{1,2})\)$"
    r"|sane_(?:start|read): (Document feeder out of documents|Document feeder jammed"
    r"|Scanner cover is open|Device busy|Error during device I/O)$",
    re.MULTILINE,
)
_STATUS_OF_WORDS: Final = {
    "Document feeder out of documents": SaneStatus.NO_DOCS,
    "Document feeder jammed": SaneStatus.JAMMED,
    "Scanner cover is open": SaneStatus.COVER_OPEN,
    "Device busy": SaneStatus.DEVICE_BUSY,
    "Error during device I/O": SaneStatus.IO_ERROR,
}


def find_last_status(words: str) -> int | None:
    """The last status that scanimage told, for when it hangs and has no exit code of its own."""
    told = list(_STATUS_SAID.finditer(words))
    if not told:
        return None
    last = told[-1]
    return int(last[1]) if last[1] else _STATUS_OF_WORDS[last[2]]


def scan_status(exit_code: int) -> DeviceStatus:
    """What a failed scan's exit code means; a signal's or an unknown one is a fault."""
    if exit_code == NOT_INSTALLED:
        return status_of(DeviceState.WRONG_SETTING, "sane.not_installed")
    known = next((one for one in _STATES if one == exit_code), None)
    if known is None:
        return status_of(DeviceState.FAULT, f"sane.exit_{exit_code}")
    return status_of(_STATES[known], f"sane.{known.name.lower()}")
