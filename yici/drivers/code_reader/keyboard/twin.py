"""A code reader that types, without hardware.

    with KeyboardReaderTwin(Path("/run/yici/code-reader")) as twin:
        reader = connect(twin.address)
        twin.show_code(b"430199")

Its events go through uinput, and so through the kernel, where there is one; elsewhere through a
FIFO that carries the same bytes.
"""

import os
import random
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from yici.drivers.code_reader.keyboard.input_events import (
    EV_KEY,
    EV_SYN,
    EVENT,
    KEY_ENTER,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEYMAP,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    SYN_REPORT,
)
from yici.drivers.code_reader.keyboard.key_ports import UINPUT, FifoPort, UinputPort
from yici.drivers.code_reader.shown_code_twin import Port, ShownCodeTwin

_KEY_OF: Final = {
    character: (key, shifts)
    for key, pair in reversed(tuple(KEYMAP.items()))  # the main block, not the keypad
    for shifts, character in ((True, pair[1]), (False, pair[0]))
}
_KEYPAD_DIGITS: Final = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)


class KeyboardReaderFault(StrEnum):
    """What can be made to go wrong."""

    SILENT = "silent"  # sees the code, types nothing
    GARBAGE = "garbage"  # events and keys that no code has
    SLOW = "slow"
    NO_ENTER = "no_enter"
    NEVER_ENDS = "never_ends"
    LOST_EVENTS = "lost_events"  # the kernel's queue ran over in the middle of a code


class KeyWay(StrEnum):
    """How the twin's events reach a reader."""

    UINPUT = "uinput"
    FIFO = "fifo"


class KeyboardReaderTwin(ShownCodeTwin):
    """One reader; without `way` it takes uinput where this process may use it."""

    def __init__(self, path: Path, *, way: KeyWay | None = None) -> None:
        """Plugged in at once. Raises FileExistsError when something else has the path."""
        self.path = path
        has_uinput = os.access(UINPUT, os.W_OK)
        self.way = way or (KeyWay.UINPUT if has_uinput else KeyWay.FIFO)
        self._random = random.Random(7)  # noqa: S311 (noise, not a secret)
        super().__init__()

    @property
    def address(self) -> str:
        return (UinputPort if self.way is KeyWay.UINPUT else FifoPort).address_of(self.path)

    @property
    def fault_names(self) -> Sequence[str]:
        return tuple(KeyboardReaderFault)

    @property
    def _slow_chunk_bytes(self) -> int:
        return 4 * EVENT.size  # one key

    @property
    def _chunk_bytes(self) -> int:
        if self.way is KeyWay.FIFO:
            return super()._chunk_bytes
        # a key at a time, as from a USB keyboard: the kernel keeps 64 events for each who listens
        return 4 * EVENT.size

    def _open_port(self) -> Port:
        return UinputPort(self.path) if self.way is KeyWay.UINPUT else FifoPort(self.path)

    def _on_the_line(self, content: bytes, fault: str) -> bytes:
        typed = type_text(content)
        match fault:
            case KeyboardReaderFault.SILENT:
                return b""
            case KeyboardReaderFault.GARBAGE:
                return self._noise() + _stroke(KEY_ENTER)
            case KeyboardReaderFault.NO_ENTER:
                return typed
            case KeyboardReaderFault.NEVER_ENDS:
                return type_text(b"9" * 256)
            case KeyboardReaderFault.LOST_EVENTS:
                half = len(content) // 2
                lost = _event(EV_SYN, SYN_DROPPED, 0) + _event(EV_SYN, SYN_REPORT, 0)
                return type_text(content[:half]) + lost + type_text(content[half:]) + _ENTER
        return typed + _ENTER

    def _noise(self) -> bytes:
        """Whole events, as the kernel hands them over, of types and keys that mean nothing here."""
        pick = self._random.randrange
        odd = b"".join(_event(pick(1, 6), pick(184, 500), pick(-1, 3)) for _ in range(20))
        return odd + _event(EV_KEY, 183, PRESSED) + _event(EV_KEY, 183, RELEASED)  # F13


def type_text(content: bytes) -> bytes:
    """The events of a US keyboard on which `content` is typed, without Enter.

    What has no key is typed with Alt and digits, as readers made for Windows do.
    """
    return b"".join(_typed(byte) for byte in content)


def _typed(byte: int) -> bytes:
    found = _KEY_OF.get(chr(byte))
    if found is not None:
        key, is_shifted = found
        return _held(KEY_LEFTSHIFT, _stroke(key)) if is_shifted else _stroke(key)
    if 0 < byte < 0x20:
        key, _ = _KEY_OF[chr(byte | 0x40).lower()]
        return _held(KEY_LEFTCTRL, _stroke(key))
    digits = b"".join(_stroke(_KEYPAD_DIGITS[int(digit)]) for digit in f"{byte:04}")
    return _held(KEY_LEFTALT, digits)


def _held(modifier: int, strokes: bytes) -> bytes:
    return _key(modifier, PRESSED) + strokes + _key(modifier, RELEASED)


def _stroke(key: int) -> bytes:
    return _key(key, PRESSED) + _key(key, RELEASED)


def _key(key: int, value: int) -> bytes:
    return _event(EV_KEY, key, value) + _event(EV_SYN, SYN_REPORT, 0)


def _event(event_type: int, code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, event_type, code, value)


_ENTER: Final = _stroke(KEY_ENTER)


def make_twin(directory: Path) -> KeyboardReaderTwin:
    """A plugged-in twin whose device lies in `directory`."""
    return KeyboardReaderTwin(directory / "code-reader-keys")
