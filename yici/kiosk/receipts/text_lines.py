"""A receipt's elements in a printer's own letters, for lines too slow for pictures.

The printer's letters have two sizes, 3 mm and 6 mm, and every Chinese character is as wide as two
others; so lines are broken anew, in columns of half a character. Nothing is decided here about
which characters a printer has: that is its driver's to know.
"""

from itertools import zip_longest

from yici.drivers.receipt_printer import LineAlign, TextLine
from yici.kiosk.receipts.elements import (
    Element,
    Fit,
    Framed,
    Gap,
    KeyValue,
    Rule,
    Stroke,
    Text,
)
from yici.kiosk.receipts.fonts import Weight
from yici.kiosk.receipts.typesetting import Align, break_lines, break_lines_evenly

_COLUMN_PX = 12
_MARGIN_COLUMNS = 2  # 3 mm
_LARGE_FROM_MM = 5.0
_RULES = {Stroke.SOLID: "─", Stroke.DASHED: "┄"}
_FRAME = "━"
_SIDES = {
    Align.LEFT: LineAlign.LEFT,
    Align.CENTRE: LineAlign.CENTRE,
    Align.RIGHT: LineAlign.RIGHT,
}


def text_lines(element: Element, width_px: int) -> tuple[TextLine, ...]:
    """The element in words; () for what is no words: a code, a gap, a box with one of them in it.

    Left lines carry their margin, all fit into `width_px`.
    """
    columns = width_px // _COLUMN_PX - 2 * _MARGIN_COLUMNS
    match element:
        case Text():
            return _of_text(element, columns)
        case KeyValue():
            return _of_key_value(element, columns)
        case Rule(stroke):
            return (_across(_RULES[stroke], columns),)
        case Framed(content):
            return _of_frame(content, width_px, columns)
        case _:
            return ()


def count_columns(text: str) -> int:
    """How many half characters wide."""
    return sum(1 if character.isascii() else 2 for character in text)


def _of_text(text: Text, columns: int) -> tuple[TextLine, ...]:
    scale = 2 if text.size_mm >= _LARGE_FROM_MM else 1
    if text.fit is Fit.SHRINK and count_columns(text.content) * scale > columns:
        scale = 1
    lines = _break(text.content, columns // scale, evenly=text.align is Align.CENTRE)
    margin = " " * (_MARGIN_COLUMNS // scale) if text.align is Align.LEFT else ""
    is_bold = text.weight is Weight.BOLD
    return tuple(TextLine(margin + line, scale, _SIDES[text.align], is_bold) for line in lines)


def _of_key_value(row: KeyValue, columns: int) -> tuple[TextLine, ...]:
    key_columns = max(count_columns(row.key) + 1, round(row.key_width_mm * 8 / _COLUMN_PX))
    key_columns = min(key_columns, columns // 2)
    keys = _break(row.key, key_columns)
    values = _break(row.value, columns - key_columns)
    is_bold = row.weight is Weight.BOLD
    return tuple(
        TextLine(
            " " * _MARGIN_COLUMNS + key + " " * (key_columns - count_columns(key)) + value,
            is_bold=is_bold,
        )
        for key, value in zip_longest(keys, values, fillvalue="")
    )


def _of_frame(content: tuple[Element, ...], width_px: int, columns: int) -> tuple[TextLine, ...]:
    inside: list[TextLine] = []
    for element in content:
        lines = text_lines(element, width_px)
        if not lines and not isinstance(element, Gap):
            return ()
        inside += lines
    edge = _across(_FRAME, columns)
    return (edge, *inside, edge)


def _across(sign: str, columns: int) -> TextLine:
    return TextLine(sign * (columns // 2), align=LineAlign.CENTRE)


def _break(text: str, columns: int, *, evenly: bool = False) -> list[str]:
    breaking = break_lines_evenly if evenly else break_lines
    return breaking(text, count_columns, columns, 2)
