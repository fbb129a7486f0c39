"""Pixels from a PNM stream (PGM "P5", PPM "P6", PBM "P4"; Netpbm), as scanimage writes it.

The header decides how much memory a page takes, so that it is checked against a limit first.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yici.drivers.scanner import BgrImage

MAX_HEADER_BYTES: Final = 1024
_GAP = rb"(?:\s|#[^\n]*\n)+"
_SIZE = rb"P%b" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,6})"
_BITMAP = re.compile(_SIZE % b"(4)" + rb"\s")
_PIXMAP = re.compile(_SIZE % b"([56])" + _GAP + rb"(\d{1,5})\s")
_PBM: Final = 4
_PPM: Final = 6


class PnmError(ValueError):
    """The bytes are no PNM picture of a size that a page has."""


@dataclass(frozen=True, slots=True)
class PnmHeader:
    """`bytes_per_sample` is 1 or 2; a PBM has eight pixels in a byte, rows padded."""

    kind: int
    width_px: int
    height_px: int
    bytes_per_sample: int = 1

    @property
    def row_bytes(self) -> int:
        if self.kind == _PBM:
            return (self.width_px + 7) // 8
        return self.width_px * self.bytes_per_sample * (3 if self.kind == _PPM else 1)

    @property
    def size_bytes(self) -> int:
        return self.row_bytes * self.height_px


def find_header(data: bytes, *, max_pixels: int) -> tuple[PnmHeader, int] | None:
    """The header and its length; None when more bytes are needed. Raises PnmError."""
    head = data[:MAX_HEADER_BYTES]
    match = _PIXMAP.match(head) or _BITMAP.match(head)
    if match is None:
        if len(data) >= MAX_HEADER_BYTES or not _may_begin(head):
            raise PnmError("no PNM header")
        return None
    kind, width_px, height_px, *largest = (int(number) for number in match.groups())
    if largest and not 0 < largest[0] < 65536:
        raise PnmError("no sample depth that exists")
    header = PnmHeader(kind, width_px, height_px, 2 if largest and largest[0] > 255 else 1)
    if not 0 < width_px * height_px <= max_pixels:
        raise PnmError("no size that a page has")
    return header, match.end()


def to_bgr(header: PnmHeader, data: NDArray[np.uint8]) -> BgrImage:
    """The picture in `data`, which has exactly `header.size_bytes`; `data` may be changed."""
    if data.size != header.size_bytes:
        raise PnmError("not as many bytes as the header says")
    height, width = header.height_px, header.width_px
    if header.kind == _PBM:
        bits = np.unpackbits(data.reshape(height, header.row_bytes), axis=1)[:, :width]
        return _from_grey((1 - bits) * np.uint8(255))  # a one is black
    samples = data[:: header.bytes_per_sample]  # big-endian: the first byte is the larger part
    if header.kind == _PPM:
        return _swapped(np.ascontiguousarray(samples).reshape(height, width, 3))
    return _from_grey(samples.reshape(height, width))


def _swapped(rgb: BgrImage) -> BgrImage:
    """Red and blue change places where they lie: a page is 26 MB, and numpy takes ten times."""
    import cv2

    swapped: BgrImage = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR, dst=rgb)
    return swapped


def _from_grey(grey: NDArray[np.uint8]) -> BgrImage:
    return np.repeat(grey[:, :, None], 3, axis=2)


def _may_begin(head: bytes) -> bool:
    return head[:1] in {b"", b"P"} and head[1:2] in {b"", b"4", b"5", b"6"}
