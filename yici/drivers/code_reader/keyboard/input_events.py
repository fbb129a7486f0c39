"""The kernel's input events to characters: pure bytes in, characters out.

Layout: `struct input_event` of linux/input.h on 64-bit machines (two 64-bit time words, type,
code, value). Key codes: linux/input-event-codes.h. Keymap: US, which is how makers deliver their
readers. Enter ends a code, as LF. What this keymap can't say (Alt with digits, a function key, lost
events) is told as CAN, so that the line with it is dropped instead of being read wrongly.
"""

import struct
from collections.abc import Mapping
from typing import Final

EVENT: Final = struct.Struct("=qqHHi")  # 24 bytes
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED = 0, 1  # 2 is the kernel's own repetition of a key held down

KEY_ENTER, KEY_KPENTER = 28, 96
KEY_LEFTSHIFT, KEY_RIGHTSHIFT = 42, 54
KEY_LEFTCTRL, KEY_RIGHTCTRL = 29, 97
KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA = 56, 100, 125, 126
KEY_CAPSLOCK, KEY_NUMLOCK, KEY_SCROLLLOCK = 58, 69, 70

LF, CAN = b"\n", b"\x18"

_SHIFTS: Final = frozenset({KEY_LEFTSHIFT, KEY_RIGHTSHIFT})
_CONTROLS: Final = frozenset({KEY_LEFTCTRL, KEY_RIGHTCTRL})
_FOREIGN: Final = frozenset({KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA})
_LOCKS: Final = frozenset({KEY_NUMLOCK, KEY_SCROLLLOCK})


def _rows() -> dict[int, tuple[str, str]]:
    rows = (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (15, "\t", "\t"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (55, "*", "*"),  # keypad
        (57, " ", " "),
        (71, "789-456+1230.", "789-456+1230."),  # keypad, as with Num Lock
        (98, "/", "/"),  # keypad
    )
    return {
        first + at: pair
        for first, plain, shifted in rows
        for at, pair in enumerate(zip(plain, shifted, strict=True))
    }


KEYMAP: Final[Mapping[int, tuple[str, str]]] = _rows()  # key code → plain, shifted


class KeyCharacters:
    """One device's events; remembers which modifiers are down and a torn event, nothing else."""

    def __init__(self) -> None:
        self._torn = b""
        self._down: set[int] = set()
        self._has_caps = False
        self._is_lost = False  # the kernel's queue ran over

    def feed(self, data: bytes) -> bytes:
        """The characters typed; events may be torn anywhere."""
        data = self._torn + data
        whole = len(data) - len(data) % EVENT.size
        self._torn = data[whole:]
        return b"".join(self._typed(*event[2:]) for event in EVENT.iter_unpack(data[:whole]))

    def _typed(self, event_type: int, code: int, value: int) -> bytes:
        if event_type == EV_SYN:
            return self._synchronised(code)
        if event_type != EV_KEY or self._is_lost:
            return b""
        if code in _SHIFTS | _CONTROLS | _FOREIGN:
            (self._down.discard if value == RELEASED else self._down.add)(code)
            return b""
        if value != PRESSED or code in _LOCKS:
            return b""
        if code == KEY_CAPSLOCK:
            self._has_caps = not self._has_caps
            return b""
        return LF if code in (KEY_ENTER, KEY_KPENTER) else self._character(code)

    def _synchronised(self, code: int) -> bytes:
        if code == SYN_DROPPED:
            self._is_lost = True
            self._down.clear()
            return CAN
        if code == SYN_REPORT:
            self._is_lost = False
        return b""

    def _character(self, code: int) -> bytes:
        if code not in KEYMAP or self._down & _FOREIGN:
            return CAN
        plain, shifted = KEYMAP[code]
        is_shifted = bool(self._down & _SHIFTS)
        if plain.isalpha() and self._has_caps:
            is_shifted = not is_shifted
        character = shifted if is_shifted else plain
        if not self._down & _CONTROLS:
            return character.encode()
        # Ctrl and a key, as readers send GS (Ctrl ]): the character's last five bits
        return bytes([ord(character.upper()) & 0x1F]) if "@" <= character.upper() <= "_" else CAN
