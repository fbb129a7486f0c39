"""How the terminal's commands fail: one sentence on stderr and exit status 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from yici.kiosk.identity import AlreadyEnrolled, BrokenIdentity
from yici.kiosk.sync.enrol import NotEnrolled
from yici.kiosk.sync.lock import AgentRunning
from yici.kiosk.sync.wire import BadPlatformAddress
from yici.offline_cache.errors import StoreError

_EXPECTED = (
    StoreError,
    BrokenIdentity,
    AlreadyEnrolled,
    NotEnrolled,
    AgentRunning,
    BadPlatformAddress,
)


def fail(sentence: str) -> NoReturn:
    """Say what to do, and end."""
    click.echo(sentence, err=True)
    sys.exit(2)


@contextmanager
def expected_failures() -> Iterator[None]:
    """Turns the expected failures into their sentence."""
    try:
        yield
    except _EXPECTED as error:
        fail(str(error))
