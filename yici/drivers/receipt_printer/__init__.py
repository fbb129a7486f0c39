"""Receipt printers: what the terminal asks of one, whoever made it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from PIL import Image as Images
from PIL.Image import Image

from yici.drivers.device import Device, DeviceStatus


class PrintEffect(StrEnum):
    """What is known about the paper after a job."""

    PRINTED = "printed"  # the printer confirmed it by its status bytes
    NOT_PRINTED = "not_printed"  # certain: nothing was sent, or it was refused before the first row
    UNKNOWN = "unknown"  # part of it may be on paper: ask the person


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """The end of a job: the effect on paper, and the status before and after it."""

    effect: PrintEffect
    before: DeviceStatus
    after: DeviceStatus


class PrintMode(StrEnum):
    """How a receipt goes to the printer."""

    RASTER = "raster"  # as a picture: looks the same everywhere, every character comes out
    TEXT = "text"  # in the printer's own letters where it has them: a tenth of the bytes


class LineAlign(StrEnum):
    """Where a line of text stands on the paper."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line in the printer's own letters.

    At `scale` 1 a letter is 24 dots high, a Chinese one 24 and any other 12 dots wide; `scale` 2
    doubles both. It has to fit on the paper: who makes the line breaks it.
    """

    content: str
    scale: int = 1
    align: LineAlign = LineAlign.LEFT
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip of the receipt over the whole width of the paper.

    `lines` says the same in words; empty where only the picture will do (codes, rules, gaps).
    """

    picture: Image
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Strips from top to bottom, all as wide as the paper."""

    strips: tuple[Strip, ...]

    @classmethod
    def of_picture(cls, picture: Image) -> Self:
        """A receipt that is one picture."""
        return cls((Strip(picture),))

    @property
    def width_px(self) -> int:
        """Of the widest strip; 0 when there is none."""
        return max((strip.picture.width for strip in self.strips), default=0)

    @property
    def picture(self) -> Image:
        """All of it as one picture."""
        if len(self.strips) == 1:
            return self.strips[0].picture
        height_px = sum(strip.picture.height for strip in self.strips)
        whole = Images.new("1", (self.width_px, height_px), 1)
        top = 0
        for strip in self.strips:
            whole.paste(strip.picture, (0, top))
            top += strip.picture.height
        return whole


class ReceiptPrinter(Device, Protocol):
    """Calls block, end within the driver's deadlines, and come from one thread."""

    @property
    def width_px(self) -> int:
        """Printable width in dots (203 dpi: 576 for 80 mm paper, 384 for 58 mm)."""
        ...

    def print_receipt(self, receipt: Receipt) -> PrintOutcome:
        """Print one receipt, feed and cut; in words or as a picture, as the driver is set.

        Never raises for what a printer can do: the outcome tells. Raises ValueError for a strip
        that is no picture of mode "1" or "L", exactly `width_px` wide. A driver that only prints
        pictures inherits this.
        """
        return self.print_image(receipt.picture)

    def print_image(self, image: Image) -> PrintOutcome:
        """Print one picture as it is; else as `print_receipt`."""
        ...
