"""An enrolled terminal with a real state directory, for tests of the sync agent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from sealing_desk import Draft
from toy_platform import SUITE, ToyPlatform

from yici.contract.sealing import Recipient
from yici.kiosk.identity import TerminalIdentity, find_identity, read_sealing_keys, save_identity
from yici.kiosk.sync.agent import Agent, AgentSettings
from yici.kiosk.sync.core import Policy
from yici.offline_cache.cache import OfflineCache

# quick, so that failures are retried many times within a test
QUICK = Policy(
    base_s=0.02,
    cap_s=0.1,
    record_floor_s=0.01,
    record_cap_s=0.1,
    first_contact_s=0.0,
    changes_every_s=0.2,
    max_rest_s=0.2,
)


def enrol_directly(platform: ToyPlatform, state_dir: Path) -> TerminalIdentity:
    """What enrolment leaves behind, without the conversation."""
    pair = SUITE.new_signing_key()
    platform.terminal_key = pair.public
    statement = platform.sealing_keys()
    identity = TerminalIdentity(
        terminal_id=platform.terminal_id,
        suite_id="intl-1",
        private_key=pair.private,
        public_key=pair.public,
        signing_key_id="platform-1",
        signing_public_key=platform.signing.public,
        sealing_statement=statement,
        sealing_keys=read_sealing_keys(statement, "intl-1", platform.signing.public),
    )
    save_identity(state_dir, identity)
    return identity


class TerminalUnderTest:
    """Submits like a session, delivers like an agent."""

    def __init__(self, platform: ToyPlatform, state_dir: Path) -> None:
        self.platform, self.state_dir = platform, state_dir
        enrol_directly(platform, state_dir)
        self.cache = OfflineCache.open(state_dir)

    def close(self) -> None:
        self.cache.close()

    def open_again(self) -> None:
        """After `close`, as after a restart."""
        self.cache = OfflineCache.open(self.state_dir)

    @property
    def identity(self) -> TerminalIdentity:
        found = find_identity(self.state_dir)
        assert found is not None
        return found

    def submit(self, *papers: bytes) -> Draft:
        recipients: tuple[Recipient, ...] = self.identity.recipients()
        draft = Draft(
            papers,
            terminal_id=self.identity.terminal_id,
            signing_key=self.identity.private_key,
            recipients=recipients,
        )
        draft.keep_parts(self.cache)
        draft.accept(self.cache)
        return draft

    def agent(self, *, retention_s: float = 0, policy: Policy = QUICK) -> Agent:
        settings = AgentSettings(self.platform.url, retention_s, policy)
        return Agent.open(self.cache, self.identity, self.state_dir, settings)

    @contextmanager
    def delivering(self, agent: Agent | None = None) -> Iterator[Agent]:
        """The agent's loop in a thread, ended on leaving."""
        agent = agent or self.agent()
        thread = Thread(target=agent.run)
        thread.start()
        try:
            yield agent
        finally:
            agent.stop()
            thread.join(timeout=30)
            assert not thread.is_alive()

    def deliver_all(self) -> None:
        """Until nothing is pending."""
        with self.delivering():
            wait_until(lambda: self.cache.outbox.backlog().pending == 0)

    def events(self) -> list[str]:
        return [event.name for event in self.cache.events.read(limit=10_000)]


def wait_until(reached: Callable[[], bool], deadline_s: float = 60) -> None:
    """Raises when it isn't reached; generous, because the machine is shared."""
    end_s = time.monotonic() + deadline_s
    while not reached():
        if time.monotonic() > end_s:
            raise AssertionError("not reached before the deadline")
        time.sleep(0.01)
