"""Candidates laid into lines of the width that the screen has for them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineMeasures:
    """All in pixels; `least` is the narrowest that a finger can hit."""

    width: float
    character: float
    padding: float
    gap: float
    least: float


def button_width(text: str, measures: LineMeasures) -> float:
    """Pixels for one candidate; a Chinese character is as wide as its font is high."""
    wanted = len(text) * measures.character + 2 * measures.padding
    return min(max(wanted, measures.least), measures.width)


def fill_lines(texts: Iterable[str], measures: LineMeasures) -> list[list[int]]:
    """Indexes of the texts line by line, in order, as many in each line as fit."""
    lines: list[list[int]] = []
    used = 0.0
    for index, text in enumerate(texts):
        width = button_width(text, measures)
        if lines and used + measures.gap + width <= measures.width:
            lines[-1].append(index)
            used += measures.gap + width
        else:
            lines.append([index])
            used = width
    return lines
