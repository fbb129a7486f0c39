"""A clock that nobody can set: time since boot, sleep included, with the boot's own id."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BootTime:
    """Comparable only within one boot."""

    boot_id: str
    uptime_ms: int

    def later(self, delay_s: float) -> "BootTime":
        """This much later in the same boot."""
        return BootTime(self.boot_id, self.uptime_ms + round(delay_s * 1000))


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_boot_time() -> BootTime:
    """Now, on Linux's CLOCK_BOOTTIME."""
    return BootTime(_boot_id(), time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)
