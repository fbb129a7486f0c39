"""Platforms for tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from platform_bench import Running, running_platform
from wire_terminal import WireTerminal


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One platform for the tests of a module: each enrols its own terminal."""
    with running_platform(tmp_path_factory.mktemp("platform")) as found:
        yield found


@pytest.fixture
def terminal(running: Running) -> WireTerminal:
    return running.enrol()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Running]]:
    """Start (again) on one data directory of this test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(running_platform(tmp_path / "data"))
