"""Lines in the printer's own Chinese letters: `FS &`, GB 2312 bytes, `FS .`.

The ROM of a cheap printer holds GB 2312-80 and nothing else, whatever its data sheet says about
GB 18030; a character beyond it comes out blank or as another one. So a line that has one is not
sent as text.
"""

from collections.abc import Iterable

from yici.drivers.receipt_printer import LineAlign, TextLine
from yici.drivers.receipt_printer.escpos.commands import (
    CANCEL_CHINESE,
    SELECT_CHINESE,
    align,
    character_size,
    emphasise,
)

LETTER_DOTS = 24  # height, and a Chinese character's width; any other letter is half as wide
MAX_SCALE = 2
_LINE_FEED = b"\n"
_SIDES = {LineAlign.LEFT: align(0), LineAlign.CENTRE: align(1), LineAlign.RIGHT: align(2)}


def find_gb2312(text: str) -> bytes | None:
    """The bytes of `text`; None when it has a character outside ASCII and GB 2312-80.

    The bytes are GB 18030's, which agrees with GB 2312 on them: Python's own gb2312 codec gives
    two common characters, U+00B7 and U+2014, other Unicode names.
    """
    encoded = bytearray()
    for character in text:
        code = _find_code(character)
        if code is None:
            return None
        encoded += code
    return bytes(encoded)


def _find_code(character: str) -> bytes | None:
    if character.isascii():
        return character.encode("ascii") if character.isprintable() else None
    try:
        code = character.encode("gb18030")
        if len(code) != 2 or min(code) < 0xA1:
            return None
        code.decode("gb2312")  # the places that GB 2312-80 left empty are none of its characters
    except UnicodeError:
        return None
    return code


def width_dots(line: TextLine) -> int:
    """How wide the line comes out."""
    halves = sum(1 if character.isascii() else 2 for character in line.content)
    return halves * line.scale * LETTER_DOTS // 2


def can_print(line: TextLine, width_px: int) -> bool:
    """Whether the printer has every letter of it, and it fits on the paper."""
    fits = width_dots(line) <= width_px and 1 <= line.scale <= MAX_SCALE
    return fits and find_gb2312(line.content) is not None


def encode_lines(lines: Iterable[TextLine]) -> bytes:
    """Commands that print `lines` and leave the printer as they found it after ESC @.

    Raises ValueError for a line that the printer can't print: see `can_print`.
    """
    plain = TextLine("")
    before, stream = plain, bytearray(SELECT_CHINESE)
    for line in lines:
        code = find_gb2312(line.content)
        if code is None:
            raise ValueError("a line holds a character that is not in GB 2312")
        stream += _change(before, line) + code + _LINE_FEED
        before = line
    return bytes(stream + _change(before, plain) + CANCEL_CHINESE)


def _change(before: TextLine, after: TextLine) -> bytes:
    commands = b""
    if after.align is not before.align:
        commands += _SIDES[after.align]
    if after.scale != before.scale:
        commands += character_size(after.scale)
    if after.is_bold != before.is_bold:
        commands += emphasise(on=after.is_bold)
    return commands
