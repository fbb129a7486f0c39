"""Lines of mixed Chinese and Latin text: where they break, how wide they are, their ink."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from PIL import ImageDraw, ImageFont

from yici.kiosk.receipts.fonts import Weight, find_font_for, get_font

_LINE_HEIGHT = 1.35
_NOT_AT_LINE_START = "，。、；：？！）》」』】〕”’…·,.;:?!)%]"
_NOT_AT_LINE_END = "（《「『【〔“‘(["
# a date's number stays with its 年, 月 or 日
_UNITS = re.compile(r"[A-Za-z0-9À-ɏ@#&'/_.:+*%-]+[年月日时分]?|\s+|.", re.DOTALL)
_GROUPS = re.compile(r"[^-/]+[-/]*|[-/]+")


Measure = Callable[[str], float]  # how wide a piece of text is, in whatever the line is measured


class Align(StrEnum):
    """Where something narrower than the paper stands."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set; `size_px` is the height of a Chinese character in dots."""

    weight: Weight
    size_px: int


def line_height_px(size_px: int) -> int:
    """From one baseline to the next."""
    return round(size_px * _LINE_HEIGHT)


def measure_px(text: str, style: Style) -> int:
    """The width of `text` in one line."""
    return round(sum(_run_width(font, run, style) for font, run in _runs(text, style)))


def wrap(text: str, style: Style, width_px: int) -> list[str]:
    """Lines of at most `width_px`; see `break_lines`."""
    return break_lines(text, lambda piece: measure_px(piece, style), width_px, style.size_px)


def wrap_evenly(text: str, style: Style, width_px: int) -> list[str]:
    """As `wrap`, for centred headings; see `break_lines_evenly`."""
    return break_lines_evenly(text, lambda piece: measure_px(piece, style), width_px, style.size_px)


def break_lines(text: str, measure: Measure, width: int, character_width: int) -> list[str]:
    """Lines of at most `width` by `measure`; a newline in `text` breaks, too.

    Chinese breaks between any two characters, except where punctuation would begin or an opening
    bracket would end a line; Latin words and numbers stay whole unless they are wider than a line.
    A last line of one or two characters takes some from the line before it.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        filled = _fill(paragraph, measure, width)
        if len(filled) > 1 and len(filled[-1]) <= 2:
            narrower = _fill(paragraph, measure, width - 2 * character_width)
            filled = narrower if len(narrower) == len(filled) else filled
        lines += filled
    return lines


def break_lines_evenly(text: str, measure: Measure, width: int, character_width: int) -> list[str]:
    """As few lines as `break_lines` makes, as equally long as they can be.

    What stays whole at full width stays whole.
    """
    lines = break_lines(text, measure, width, character_width)
    units = [unit for part in text.split("\n") for unit in _units(part, measure, width)]
    whole = max(map(measure, units), default=0)
    while len(lines) > 1 and (width := width - character_width // 2) >= max(whole, character_width):
        narrower = break_lines(text, measure, width, character_width)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def draw_line(
    pen: ImageDraw.ImageDraw,
    text: str,
    place: tuple[int, int],
    style: Style,
    align: Align,
) -> None:
    """Draw one line; `place` is (top of the line, width to align in), in dots."""
    top, width_px = place
    spare = width_px - measure_px(text, style)
    x: float = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align]
    # one baseline for all fonts of the line
    baseline = (
        top + (line_height_px(style.size_px) - style.size_px) // 2 + round(style.size_px * 0.88)
    )
    for font, run in _runs(text, style):
        if font is None:
            _draw_code_box(pen, run, (x, baseline), style.size_px)
        else:
            pen.text((x, baseline), run, font=font, fill=0, anchor="ls")
        x += _run_width(font, run, style)


def _fill(paragraph: str, measure: Measure, width: int) -> list[str]:
    lines, line = [], ""
    for unit in _units(paragraph, measure, width):
        if line and measure((line + unit).rstrip()) > width:
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
    return [*lines, line.rstrip()]


def _units(paragraph: str, measure: Measure, width: int) -> list[str]:
    """What must not be broken."""
    units: list[str] = []
    for unit in _UNITS.findall(paragraph):
        glue = units and (unit[0] in _NOT_AT_LINE_START or units[-1][-1] in _NOT_AT_LINE_END)
        if glue and measure(units[-1] + unit) <= width:
            units[-1] += unit
        elif measure(unit) > width:
            units.extend(_apart(unit, measure, width))
        else:
            units.append(unit)
    return units


def _apart(unit: str, measure: Measure, width: float) -> list[str]:
    """A unit that is too long for a line: between its groups, or else anywhere."""
    groups = _GROUPS.findall(unit)
    return groups if all(measure(group) <= width for group in groups) else list(unit)


def _runs(text: str, style: Style) -> list[tuple[ImageFont.FreeTypeFont | None, str]]:
    """Neighbours that share a font; each character that no font has is a run of its own."""
    own = get_font(style.weight, style.size_px)
    if text.isascii():
        return [(own, text)] if text else []
    fonts = [
        (find_font_for(character, style.weight, style.size_px), character) for character in text
    ]
    runs: list[tuple[ImageFont.FreeTypeFont | None, str]] = []
    for font, group in groupby(fonts, key=lambda pair: pair[0]):
        characters = "".join(character for _, character in group)
        runs += (
            [(None, character) for character in characters]
            if font is None
            else [(font, characters)]
        )
    return runs


def _run_width(font: ImageFont.FreeTypeFont | None, run: str, style: Style) -> float:
    return style.size_px if font is None else font.getlength(run)


def _draw_code_box(
    pen: ImageDraw.ImageDraw, character: str, place: tuple[float, float], size_px: int
) -> None:
    """A character that no font has: its code point in a box, so that a clerk can look it up."""
    x, baseline = place
    top = baseline - round(size_px * 0.88)
    pen.rectangle((x + 1, top + 1, x + size_px - 2, top + size_px - 2), outline=0, width=1)
    code = f"{ord(character):05X}"
    font = get_font(Weight.REGULAR, max(6, size_px * 2 // 5))
    for row, digits in enumerate((code[:-3], code[-3:])):
        pen.text(
            (x + size_px / 2, top + size_px * (0.3 + 0.42 * row)),
            digits,
            font=font,
            fill=0,
            anchor="mm",
        )
