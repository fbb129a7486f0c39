"""A picture as GS v 0 bands.

Bands are short because cheap printers stop in the middle of a tall one: their input buffer is
smaller than it. And they end where the ink ends, because on a serial line white takes as long as
black: a band of white rows is one byte wide.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Literal

from PIL import Image

from yici.drivers.receipt_printer.escpos.commands import raster_header

BAND_ROWS = 100
WHITE_RUN_ROWS = 8  # shorter ones stay in their band: each new one may make the paper pause
_INVERTED = bytes(range(255, -1, -1))


def to_bitmap(image: Image.Image) -> Image.Image:
    """Mode "1", black and white only.

    Grey is cut at half, not dithered: a receipt is letters and codes, and dither frays them.
    """
    if image.mode == "1":
        return image
    if image.mode != "L":
        raise ValueError(f'a receipt is an image of mode "1" or "L", not "{image.mode}"')
    return image.point(lambda level: 255 if level >= 128 else 0).convert(
        "1", dither=Image.Dither.NONE
    )


def raster_bands(image: Image.Image, band_rows: int = BAND_ROWS) -> Iterator[bytes]:
    """Complete GS v 0 commands, at most `band_rows` high, that together print `image`."""
    for rows in _runs(_burnt_rows(to_bitmap(image))):
        for top in range(0, len(rows), band_rows):
            yield _band(rows[top : top + band_rows])


def coarse_bands(image: Image.Image) -> Iterator[bytes]:
    """As `raster_bands`, in a quarter of the bytes where every dot is two by two dots.

    A QR code often is. Not every cheap printer knows double size, so this is for printers that
    are trusted with letters, too.
    """
    bitmap = to_bitmap(image)
    half = _find_half(bitmap)
    if half is None:
        yield from raster_bands(bitmap)
        return
    for rows in _runs(_burnt_rows(half)):
        for top in range(0, len(rows), BAND_ROWS // 2):
            yield _band(rows[top : top + BAND_ROWS // 2], scale=2)


def _find_half(bitmap: Image.Image) -> Image.Image | None:
    """The picture of which `bitmap` is the double, dot for dot."""
    if bitmap.width % 2 or bitmap.height % 2:
        return None
    half = bitmap.resize((bitmap.width // 2, bitmap.height // 2), Image.Resampling.NEAREST)
    doubled = half.resize(bitmap.size, Image.Resampling.NEAREST)
    return half if doubled.tobytes() == bitmap.tobytes() else None


def _band(rows: list[bytes], *, scale: Literal[1, 2] = 1) -> bytes:
    width_bytes = max(1, *(len(row) for row in rows))
    return raster_header(width_bytes, len(rows), scale=scale) + b"".join(
        row.ljust(width_bytes, b"\0") for row in rows
    )


def _burnt_rows(bitmap: Image.Image) -> list[bytes]:
    """Each row's dots up to the last black one; a printer burns where a bit is 1."""
    width_bytes = (bitmap.width + 7) // 8
    # Pillow packs white as 1 and pads a row's last byte with 0
    padding = ~(0xFF << (width_bytes * 8 - bitmap.width)) & 0xFF
    packed = bitmap.tobytes()
    rows = []
    for start in range(0, len(packed), width_bytes):
        row = bytearray(packed[start : start + width_bytes])
        row[-1] |= padding
        rows.append(bytes(row.translate(_INVERTED).rstrip(b"\0")))
    return rows


def _runs(rows: list[bytes]) -> list[list[bytes]]:
    """The rows in order, long white runs apart from the rest."""
    runs: list[list[bytes]] = []
    white_before = True
    for blank, group in groupby(rows, key=lambda row: not row):
        run = list(group)
        white = blank and len(run) >= WHITE_RUN_ROWS
        if runs and not white and not white_before:
            runs[-1] += run
        else:
            runs.append(run)
        white_before = white
    return runs
