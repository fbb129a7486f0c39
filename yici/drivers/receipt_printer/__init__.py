"""Receipt printers: what the terminal asks of one, whoever made it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

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


class ReceiptPrinter(Device, Protocol):
    """Calls block, end within the driver's deadlines, and come from one thread."""

    @property
    def width_px(self) -> int:
        """Printable width in dots (203 dpi: 576 for 80 mm paper, 384 for 58 mm)."""
        ...

    def print_image(self, image: Image) -> PrintOutcome:
        """Print one receipt (mode "1" or "L", exactly `width_px` wide), feed and cut.

        Never raises for what a printer can do: the outcome tells. Raises ValueError for an
        image of another width.
        """
        ...
