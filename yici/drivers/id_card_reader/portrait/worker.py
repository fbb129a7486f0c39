"""The child process around a maker's decoder: `child_process.py` starts this file.

    question  argument(4) path size(2) symbol size(2) | path | symbol | photo
    answer    outcome(1) | RGB bytes as the library wrote them

The call, as public code uses it: int unpack(char *photo, char *rgb, int argument), 1 for success.
Only the standard library is imported. The process serves one photo and is then ended.
"""

import ctypes
import struct
from enum import IntEnum

from yici.drivers.transports.child_end import serve

QUESTION = struct.Struct("!iHH")
RGB_SIZE = 102 * 126 * 3

_GUARD_SIZE = 65536
_UNTOUCHED = 0xA5


class Outcome(IntEnum):
    """How the call went."""

    DECODED = 1
    REFUSED = 2
    OVERRUN = 3
    UNUSABLE = 4


def answer(question: bytes) -> bytes:
    """Load, call once, look whether it stayed inside its buffer."""
    argument, path_size, symbol_size = QUESTION.unpack_from(question)
    names = question[QUESTION.size :]
    path, names = names[:path_size].decode(), names[path_size:]
    symbol, photo = names[:symbol_size].decode(), names[symbol_size:]
    try:
        unpack = getattr(ctypes.CDLL(path), symbol)
    except (OSError, AttributeError):
        return bytes([Outcome.UNUSABLE])
    size = RGB_SIZE + _GUARD_SIZE
    rgb = (ctypes.c_ubyte * size)()
    ctypes.memset(rgb, _UNTOUCHED, size)
    verdict = unpack(ctypes.create_string_buffer(photo, 2 * len(photo)), rgb, argument)
    written = bytes(rgb)
    if written[RGB_SIZE:].count(_UNTOUCHED) != _GUARD_SIZE:
        return bytes([Outcome.OVERRUN])
    if verdict != 1:
        return bytes([Outcome.REFUSED])
    return bytes([Outcome.DECODED]) + written[:RGB_SIZE]


if __name__ == "__main__":
    serve(answer)
