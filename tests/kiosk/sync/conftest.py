import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# the tests of the outbox keep the desk that seals synthetic submissions
sys.path.insert(0, str(Path(__file__).parents[2] / "offline_cache"))

from terminal_under_test import TerminalUnderTest
from toy_platform import ToyPlatform


@pytest.fixture
def platform() -> Iterator[ToyPlatform]:
    toy = ToyPlatform()
    toy.start()
    yield toy
    toy.stop()


@pytest.fixture
def terminal(platform: ToyPlatform, tmp_path: Path) -> Iterator[TerminalUnderTest]:
    made = TerminalUnderTest(platform, tmp_path / "state")
    yield made
    made.close()
