"""What holds for every test."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

# shared, slow machines: an example may be held up for longer than hypothesis likes
settings.register_profile("yici", deadline=None)
settings.load_profile("yici")


LEFTOVER_GRACE_S = 5.0


@pytest.fixture(autouse=True)
def no_leftover_thread() -> Iterator[None]:
    """A thread that outlives its test is a device, a server or a worker that nobody closed."""
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + LEFTOVER_GRACE_S
    while (left := _left(before)) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not left, f"threads outlive the test: {sorted(thread.name for thread in left)}"


def _left(before: set[threading.Thread]) -> set[threading.Thread]:
    # pytest's own watchdog comes and goes with the test
    return {
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith("pytest_timeout")
    }
