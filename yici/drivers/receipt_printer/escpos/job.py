"""One receipt as bytes in pieces that a printer, and a slow line, can take one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from PIL.Image import Image

from yici.drivers.receipt_printer import PrintMode, Receipt, Strip
from yici.drivers.receipt_printer.escpos.commands import FULL_CUT, INITIALISE, feed_lines
from yici.drivers.receipt_printer.escpos.raster import coarse_bands, raster_bands, to_bitmap
from yici.drivers.receipt_printer.escpos.text import can_print, encode_lines

LINES_TO_CUTTER = 5  # the blade sits about 15 mm behind the head
ROWS_PER_LINE = 34  # 1/6 inch at 203 dpi
CUT_OFF = INITIALISE + feed_lines(LINES_TO_CUTTER) + FULL_CUT


@dataclass(frozen=True, slots=True)
class Job:
    """`height_px` is the paper's way in dots, cut included, at least."""

    pieces: tuple[bytes, ...]
    height_px: int

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.pieces))


def make_job(receipt: Receipt, width_px: int, mode: PrintMode) -> Job:
    """Raises ValueError for a receipt that isn't one of this printer's."""
    if not receipt.strips:
        raise ValueError("a receipt is at least one strip of paper")
    for strip in receipt.strips:
        _check(strip.picture, width_px)
    if mode is PrintMode.RASTER:
        picture = receipt.picture
        body, height_px = list(raster_bands(to_bitmap(picture))), picture.height
    else:
        body, height_px = _in_words(receipt.strips, width_px)
    pieces = (INITIALISE, *body, feed_lines(LINES_TO_CUTTER), FULL_CUT)
    return Job(pieces, height_px + LINES_TO_CUTTER * ROWS_PER_LINE)


def in_steps(pieces: tuple[bytes, ...], max_bytes: int) -> Iterator[bytes]:
    """The same bytes, in pieces of at most `max_bytes`."""
    for piece in pieces:
        for start in range(0, len(piece), max_bytes):
            yield piece[start : start + max_bytes]


def _check(picture: Image, width_px: int) -> None:
    if picture.width != width_px or picture.height < 1:
        raise ValueError(
            f"a receipt is {width_px} px wide and at least 1 px high,"
            f" not {picture.width} × {picture.height}"
        )
    if picture.mode not in ("1", "L"):
        raise ValueError(f'a receipt is an image of mode "1" or "L", not "{picture.mode}"')


def _in_words(strips: tuple[Strip, ...], width_px: int) -> tuple[list[bytes], int]:
    def has_letters(strip: Strip) -> bool:
        return bool(strip.lines) and all(can_print(line, width_px) for line in strip.lines)

    pieces: list[bytes] = []
    height_px = 0
    for in_words, group in groupby(strips, key=has_letters):
        if in_words:
            lines = [line for strip in group for line in strip.lines]
            pieces.append(encode_lines(lines))
            height_px += sum(ROWS_PER_LINE * line.scale for line in lines)
        else:
            for strip in group:
                pieces += coarse_bands(strip.picture)
                height_px += strip.picture.height
    return pieces, height_px
