import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
# the desk that seals synthetic submissions, and the platform that misbehaves on command
sys.path[:0] = [str(_TESTS / "offline_cache"), str(_TESTS / "kiosk" / "sync")]

from kill_template import Template  # noqa: E402 - found by the lines above
from toy_platform import ToyPlatform  # noqa: E402 - found by the lines above


@pytest.fixture
def template() -> Iterator[Template]:
    """A process with everything imported, whose forks are cheap to kill."""
    made = Template()
    yield made
    made.close()


@pytest.fixture
def platform() -> Iterator[ToyPlatform]:
    toy = ToyPlatform()
    toy.start()
    yield toy
    toy.stop()
