"""What a receipt is made of: things below each other, in millimetres."""

from dataclasses import dataclass
from enum import StrEnum

from yici.kiosk.receipts.fonts import Weight
from yici.kiosk.receipts.typesetting import Align


class Fit(StrEnum):
    """What happens to text that is wider than the paper."""

    WRAP = "wrap"
    SHRINK = "shrink"  # one line, smaller


class Stroke(StrEnum):
    """How a rule is drawn."""

    SOLID = "solid"
    DASHED = "dashed"


class Tone(StrEnum):
    """How a frame sets its content off."""

    OUTLINED = "outlined"
    FILLED = "filled"  # white on black


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `size_mm` is the height of a Chinese character."""

    content: str
    size_mm: float = 4.0
    weight: Weight = Weight.REGULAR
    align: Align = Align.LEFT
    fit: Fit = Fit.WRAP


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""

    stroke: Stroke = Stroke.SOLID


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty paper."""

    height_mm: float


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A name on the left and its value beside it, wrapped in its own column."""

    key: str
    value: str
    key_width_mm: float = 16.0
    size_mm: float = 4.0
    weight: Weight = Weight.REGULAR


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code at most `side_mm` wide, quiet zone included; modules are whole dots."""

    content: str
    side_mm: float
    align: Align = Align.CENTRE


@dataclass(frozen=True, slots=True)
class Framed:
    """Things in a box."""

    content: "tuple[Element, ...]"
    tone: Tone = Tone.OUTLINED


Element = Text | Rule | Gap | KeyValue | QrCode | Framed
