"""The platform's time as this terminal knows it.

Kept as an offset to the time since boot, so that setting the terminal's own clock changes
nothing. A floor that only rises stands in for a clock whose battery is dead.
"""

import json
import time
from datetime import UTC, datetime, timedelta

from yici.contract.submission import ClockReading
from yici.offline_cache.bookmarks import Bookmark, Bookmarks
from yici.offline_cache.boot_clock import BootTime, read_boot_time

# no release can run before it was made
BUILD_TIME = datetime(2026, 11, 1, tzinfo=UTC)


def _unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _from_ms(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC)


class PlatformClock:
    """`boot_offset_ms` is platform time minus time since boot, known after the first welcome."""

    def __init__(self, bookmarks: Bookmarks) -> None:
        self._bookmarks = bookmarks
        self._boot_offset_ms, self._floor_ms = _load(bookmarks)
        self._hint_offset_ms: int | None = None

    def now(self) -> datetime:
        """The best estimate: the platform's offset, else our clock, never before the floor."""
        offset_ms = self._hint_offset_ms
        if offset_ms is None:
            offset_ms = self._boot_offset_ms
        if offset_ms is not None:
            return _from_ms(read_boot_time().uptime_ms + offset_ms)
        return _from_ms(max(time.time_ns() // 1_000_000, self._floor_ms))

    def is_wall_clock_dead(self) -> bool:
        """Whether the machine's clock shows a time that is certainly past."""
        return time.time_ns() // 1_000_000 < self._floor_ms

    def heard_hint(self, moment: datetime) -> None:
        """A time that is good enough to be greeted with, and for nothing else."""
        self._hint_offset_ms = _unix_ms(moment) - read_boot_time().uptime_ms

    def heard_welcome(self, server_time: datetime, asked: BootTime, answered: BootTime) -> None:
        """Signed and fresh; taken as the time half-way between question and answer."""
        middle_ms = (asked.uptime_ms + answered.uptime_ms) // 2
        self._boot_offset_ms = _unix_ms(server_time) - middle_ms
        self._floor_ms = max(self._floor_ms, _unix_ms(server_time))
        self._hint_offset_ms = None
        kept = {
            "boot_id": answered.boot_id,
            "boot_offset_ms": self._boot_offset_ms,
            "floor_ms": self._floor_ms,
        }
        self._bookmarks.put(Bookmark.CLOCK, json.dumps(kept))


def _load(bookmarks: Bookmarks) -> tuple[int | None, int]:
    text = bookmarks.find(Bookmark.CLOCK)
    kept = json.loads(text) if text else {}
    floor_ms = max(_unix_ms(BUILD_TIME), int(kept.get("floor_ms", 0)))
    same_boot = kept.get("boot_id") == read_boot_time().boot_id
    return (int(kept["boot_offset_ms"]) if same_boot else None), floor_ms


def find_platform_offset_ms(bookmarks: Bookmarks) -> int | None:
    """Platform time minus this terminal's wall clock, both now; None while unknown in this boot."""
    boot_offset_ms, _ = _load(bookmarks)
    if boot_offset_ms is None:
        return None
    return read_boot_time().uptime_ms + boot_offset_ms - time.time_ns() // 1_000_000


def read_clock(bookmarks: Bookmarks) -> ClockReading:
    """What a manifest says about time."""
    boot = read_boot_time()
    return ClockReading(
        boot_id=boot.boot_id,
        monotonic_ms=boot.uptime_ms,
        wall=datetime.now(UTC),
        platform_offset_ms=find_platform_offset_ms(bookmarks),
    )


def platform_day(clock: PlatformClock) -> str:
    """The calendar day in China, where every terminal stands."""
    return (clock.now() + timedelta(hours=8)).date().isoformat()
