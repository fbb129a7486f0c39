"""The letters in a printer's ROM: GB 2312 and ASCII, 24 dots high, as dots.

Drawn from an installed Chinese typeface, so that a person can read the twin's paper; without one
every letter is a box of the right size.
"""

import math
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from yici.drivers.receipt_printer.escpos.text import LETTER_DOTS

_TYPEFACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
)
_SIMPLIFIED_CHINESE = 2  # the face in the collection
_INK_LIMIT = 150


def read_letter(code: bytes) -> str:
    """The character of one ASCII byte or of two GB 2312 bytes; U+FFFD for what the ROM lacks."""
    if len(code) == 1:
        return chr(code[0]) if 0x20 <= code[0] < 0x7F else "\N{REPLACEMENT CHARACTER}"
    try:
        code.decode("gb2312")
        return code.decode("gb18030")  # the names that text has for U+00B7 and U+2014
    except UnicodeError:
        return "\N{REPLACEMENT CHARACTER}"


@lru_cache(maxsize=1024)
def draw_letter(code: bytes, scale: int, *, bold: bool) -> Image.Image:
    """Mode "1", white on black as a printer burns it: 24 × 24 or 12 × 24 dots, times `scale`."""
    width_px, height_px = LETTER_DOTS * len(code) // 2, LETTER_DOTS
    letter, font = read_letter(code), _find_font()
    if font is None or letter == "\N{REPLACEMENT CHARACTER}":
        ink = Image.new("L", (width_px, height_px), 0)
        ImageDraw.Draw(ink).rectangle((1, 2, width_px - 2, height_px - 3), outline=255)
    else:
        # a typeface's "m" is wider than a printer's: every letter has the same cell
        drawn_px = max(width_px, math.ceil(font.getlength(letter)) + 1)
        ink = Image.new("L", (drawn_px, height_px), 0)
        pen = ImageDraw.Draw(ink)
        for offset_px in (0, 1) if bold else (0,):
            pen.text((drawn_px / 2 + offset_px, 20), letter, font=font, fill=255, anchor="ms")
        ink = ink.resize((width_px, height_px), Image.Resampling.BOX)
    dots = ink.point(lambda level: 255 if level >= 255 - _INK_LIMIT else 0).convert(
        "1", dither=Image.Dither.NONE
    )
    return dots.resize((width_px * scale, height_px * scale), Image.Resampling.NEAREST)


@lru_cache(maxsize=1)
def _find_font() -> ImageFont.FreeTypeFont | None:
    for path in _TYPEFACES:
        if Path(path).exists():
            return ImageFont.truetype(path, 22, index=_SIMPLIFIED_CHINESE)
    return None
