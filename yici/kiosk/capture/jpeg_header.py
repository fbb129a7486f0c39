"""What a JPEG says about itself before anything is decoded (ITU-T T.81, annex B)."""

from dataclasses import dataclass
from enum import IntEnum

_SOI, _SOS, _EOI = 0xD8, 0xDA, 0xD9
_STANDALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and RSTn have no length
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: all Huffman
_MAX_SEGMENTS = 2000


class JpegColour(IntEnum):
    """Number of components."""

    GREY = 1
    COLOUR = 3
    CMYK = 4


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """The frame header's size and number of components."""

    width_px: int
    height_px: int
    colour: JpegColour


def find_jpeg_header(data: bytes) -> JpegHeader | None:
    """The first frame header, or None when there is none that we could show."""
    if data[:2] != bytes([0xFF, _SOI]):
        return None
    at = 2
    for _ in range(_MAX_SEGMENTS):
        while at + 1 < len(data) and data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1  # fill bytes
        if at + 4 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _STANDALONE:
            at += 2
            continue
        if marker in (_SOS, _EOI):
            return None
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            return _frame_header(data[at + 4 : at + 2 + length])
        at += 2 + max(2, length)
    return None


def _frame_header(body: bytes) -> JpegHeader | None:
    if len(body) < 6 or body[0] != 8 or body[5] not in set(JpegColour):
        return None
    height_px = int.from_bytes(body[1:3], "big")
    width_px = int.from_bytes(body[3:5], "big")
    if height_px == 0 or width_px == 0:
        return None  # a height that comes later (DNL) is nothing that cameras write
    return JpegHeader(width_px, height_px, JpegColour(body[5]))
