"""A platform that really serves: sockets on free ports, one thread, a data directory a test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import requests
from wire_terminal import SUITE, WireTerminal, enrol, terminal_of

from yici.contract.crockford import new_code
from yici.contract.enrolment import EnrolmentAnswer
from yici.unified_platform.app import Platform, open_platform
from yici.unified_platform.fleet.enrolment import make_code
from yici.unified_platform.fleet.terminals import add_terminal
from yici.unified_platform.intake.sweeping import Upkeep
from yici.unified_platform.items.catalogue import seed
from yici.unified_platform.serving import Address, Listeners, PlatformServer, Ready

HALL = "H430181001"
DEADLINE_S = 60
LOOPBACK = Listeners(Address("127.0.0.1", 0), Address("127.0.0.1", 0), plain_http=True)


@dataclass(frozen=True)
class Running:
    """A platform with its two listeners."""

    platform: Platform
    terminals_url: str
    console_url: str
    session: requests.Session

    def add_terminal(self) -> WireTerminal:
        """A known terminal without the code: deriving keys from it twice costs half a second."""
        keys, made = SUITE.new_signing_key(), self.platform.keys.get("intl-1")
        answer = EnrolmentAnswer(
            terminal_id=f"T430181001-{new_code(6)}",
            suite="intl-1",
            signing_key_id=made.signing_key_id,
            signing_public_key=made.signing.public,
            sealing_keys=made.sealing_keys,
            server_time=self.platform.now(),
            mac=b"",
        )
        self.platform.database.write(
            lambda connection: add_terminal(
                connection,
                terminal_id=answer.terminal_id,
                suite=answer.suite,
                public_key=keys.public,
                hall_code=HALL,
                hardware_id="test-bench",
                check_digits="000000",
                at=self.platform.now(),
            )
        )
        return terminal_of(self.terminals_url, keys, answer, self.session)

    def enrol(self, suite_id: str = "intl-1") -> WireTerminal:
        """The real way, by a code."""
        made = make_code(self.platform, hall_code=HALL, made_by="test")
        return enrol(self.terminals_url, made.code, self.session, suite_id)


def catalogue_file() -> Path:
    return Path(str(files("yici.catalogue") / "items.jsonl"))


@contextmanager
def serving(
    platform: Platform, listeners: Listeners = LOOPBACK, upkeep: Upkeep | None = None
) -> Iterator[Running]:
    """Serve until the block ends; the thread is joined."""
    before = set(threading.enumerate())
    server = PlatformServer(platform, listeners, upkeep)
    found: list[Ready] = []
    is_ready = threading.Event()

    def announce(ready: Ready) -> None:
        found.append(ready)
        is_ready.set()

    thread = threading.Thread(target=server.run, args=(announce,))
    thread.start()
    try:
        assert is_ready.wait(DEADLINE_S), "the server did not start"
        with requests.Session() as session:
            session.trust_env = False
            yield Running(platform, found[0].terminals_url, found[0].console_url, session)
    finally:
        server.stop()
        thread.join(DEADLINE_S)
        _assert_no_threads_left(before)


def _assert_no_threads_left(before: set[threading.Thread]) -> None:
    """The server's own and its workers', which end a moment after the loop."""
    until = time.monotonic() + DEADLINE_S
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        left = {thread for thread in left if not thread.name.startswith("pytest_timeout")}
        if not left:
            return
        time.sleep(0.02)
    assert not left, f"threads outlive the server: {sorted(thread.name for thread in left)}"


@contextmanager
def running_platform(
    data_dir: Path, database_url: str | None = None, listeners: Listeners = LOOPBACK
) -> Iterator[Running]:
    """Open, seed and serve."""
    platform = open_platform(data_dir, database_url)
    try:
        seed(platform, catalogue_file())
        with serving(platform, listeners) as running:
            yield running
    finally:
        platform.close()
