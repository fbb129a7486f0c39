"""Clean up behind uploads that were begun and given up.

What goes is the half of a part that nobody has added to, or asked about, for days. Half a part
opens to nothing; its terminal still has the whole, because it keeps it until the acknowledgement,
and begins that part anew. A part that is whole is never looked at, nor is one being written.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from yici.unified_platform.app import Platform
from yici.unified_platform.storage.blobs import Swept

log = logging.getLogger("yici.platform.upkeep")
SWEEP_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """`look_every_s` is how often the clock is asked whether a day has passed."""

    abandon_uploads_after: timedelta = timedelta(days=7)
    look_every_s: float = 60.0


class UploadSweeper:
    """Sweeps when asked for the first time, then once a day by the platform's clock."""

    def __init__(self, platform: Platform, upkeep: Upkeep) -> None:
        self._platform, self._upkeep = platform, upkeep
        self._swept_at: datetime | None = None

    def sweep_when_due(self) -> Swept | None:
        """None when it isn't due."""
        now = self._platform.now()
        # a clock that was set back would otherwise put the next sweep off by as much
        if self._swept_at is not None and timedelta(0) <= now - self._swept_at < SWEEP_EVERY:
            return None
        self._swept_at = now
        swept = self._platform.blobs.sweep_unfinished(now - self._upkeep.abandon_uploads_after)
        if swept.count:
            log.info("swept %d unfinished uploads, %d bytes", swept.count, swept.size_bytes)
        if swept.failed:
            log.warning(
                "%d unfinished uploads can't be removed; look at the owner of the directory `parts`"
                " and at its disk",
                swept.failed,
            )
        return swept
