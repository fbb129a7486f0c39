"""Telling a picture that stands still from a scene that does: marks of content, and their watch.

A living sensor never delivers the same picture twice, because its noise differs. A camera whose
firmware hangs, or a server that repeats its last picture, does.
"""

import zlib
from typing import Final

from yici.drivers.document_camera import BgrImage

FROZEN_AFTER_S: Final = 3.0
_ROW_STEP: Final = 16


def content_mark(pixels: BgrImage) -> int:
    """A number above 0 that is equal for equal pictures; 0 for one of a single colour.

    Every 16th row is enough: noise is everywhere. A covered or dazzled lens gives one colour even
    where it lives.
    """
    rows = pixels[::_ROW_STEP]
    if (rows == rows[0, 0]).all():
        return 0
    return zlib.crc32(rows.tobytes()) + 1


class FrozenWatch:
    """Remembers one mark, and since when it has been the same."""

    def __init__(self) -> None:
        self._mark = 0
        self._since_s = 0.0

    def is_frozen(self, mark: int, now_s: float) -> bool:
        """Take the next picture's mark; whether it has been the same for FROZEN_AFTER_S."""
        if mark == 0 or mark != self._mark:
            self._mark, self._since_s = mark, now_s
            return False
        return now_s - self._since_s >= FROZEN_AFTER_S
