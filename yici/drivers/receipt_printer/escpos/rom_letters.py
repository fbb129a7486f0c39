"""The letters in a printer's ROM: GB 2312 and ASCII, 24 dots high, as dots.

Drawn from an installed Chinese typeface, so that a person can read the twin's paper; without one
every letter is a box of the right size.
"""

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
    ink = Image.new("L", (width_px, height_px), 0)
    pen, letter, font = ImageDraw.Draw(ink), read_letter(code), _find_font()
    if font is None or letter == "\N{REPLACEMENT CHARACTER}":
        pen.rectangle((1, 2, width_px - 2, height_px - 3), outline=255)
    else:
        pen.text((width_px / 2, 20), letter, font=font, fill=255, anchor="ms")
        if bold:
            pen.text((width_px / 2 + 1, 20), letter, font=font, fill=255, anchor="ms")
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
