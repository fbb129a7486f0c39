"""Scanners (flatbed, document feeder): what the terminal asks of one, whoever made it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yici.drivers.device import Device

BgrImage = NDArray[np.uint8]  # height × width × 3


class PaperSource(StrEnum):
    """Where the sheet lies."""

    FLATBED = "flatbed"
    FEEDER = "feeder"


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page as it came: pixels at `resolution_dpi`, not yet cut to the paper."""

    pixels: BgrImage = field(repr=False)  # a resident's paper belongs in no message
    resolution_dpi: int


class ScanEnd(StrEnum):
    """Why no more pages came; each is an expected outcome."""

    COMPLETE = "complete"  # the flatbed's page, or the feeder ran empty after at least one page
    FEEDER_EMPTY = "feeder_empty"  # there was no sheet to begin with
    CANCELLED = "cancelled"
    PAGE_LIMIT = "page_limit"


class Scanner(Device, Protocol):
    """`scan` blocks; `cancel` alone may come from another thread."""

    def sources(self) -> tuple[PaperSource, ...]:
        """What this scanner has. Raises NotReady or NeedsStaff when it can't be asked."""
        ...

    def scan(
        self,
        source: PaperSource,
        on_page: Callable[[ScannedPage], None],
        *,
        resolution_dpi: int = 300,
        max_pages: int = 50,
        timeout_ms: int = 60_000,
    ) -> ScanEnd:
        """Scan one page (flatbed) or until the feeder is empty; `on_page` gets each at once.

        `timeout_ms` is for one page. Raises NotReady, NeedsStaff (jam, cover) or Unsupported;
        pages already handed over stay good.
        """
        ...

    def cancel(self) -> None:
        """End the running scan soon; harmless when there is none."""
        ...
