"""Waiting for what a plug does, with a deadline."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 20.0


def wait_until(holds: Callable[[], object], timeout_s: float = PATIENCE_S) -> float:
    """Seconds until it holds; fails when it doesn't in time."""
    started_s = time.monotonic()
    while not holds():
        assert time.monotonic() - started_s < timeout_s, f"not within {timeout_s:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - started_s
