"""Outbox, core, push and pull together on a simulated line, in every order of misfortune.

Time is virtual, the line is a function call; the store, the envelopes and the signatures are
real. A kill may come before or after the platform has done its work.
"""

import random
import shutil
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sealing_desk import Draft, quick_directory
from terminal_under_test import enrol_directly
from toy_platform import Fault, ToyPlatform

from yici.contract.submission import Manifest
from yici.contract.terminal import Limits
from yici.kiosk.sync import agent as agent_module
from yici.kiosk.sync.agent import Agent, AgentSettings
from yici.kiosk.sync.clock import PlatformClock
from yici.kiosk.sync.core import Do, Policy, Rest, Result
from yici.kiosk.sync.reply import Reply, judge_reply
from yici.offline_cache.boot_clock import BootTime
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_states import OutboxState

MISFORTUNES = [
    None,
    Fault.DROPPED,
    Fault.REPLY_LOST,
    Fault.PORTAL_200,
    Fault.SERVER_500,
    Fault.LATER_429,
    Fault.CONFLICT_409,
    Fault.WRONG_DIGEST,
]
_WITH_STATUS = {
    Fault.PORTAL_200: (200, {}),
    Fault.SERVER_500: (500, {"Yici-Protocol": "1"}),
    Fault.LATER_429: (429, {"Yici-Protocol": "1", "Retry-After": "40"}),
    Fault.CONFLICT_409: (409, {"Yici-Protocol": "1"}),
}


class Killed(BaseException):
    """The agent's process is gone at this point."""


class SimulatedWire:
    """Stands where the signed wire stands; `kill` is "before", "after" or None."""

    def __init__(self, platform: ToyPlatform, identity: Any, clock: PlatformClock) -> None:
        self.platform, self.identity, self.clock = platform, identity, clock
        self.faults: list[Fault | None] = []
        self.kill: str | None = None

    def send(
        self, method: str, target: str, body: bytes = b"", *, headers: Any = None, **_: Any
    ) -> Reply:
        fault = self.faults.pop(0) if self.faults else None
        kill, self.kill = self.kill, None
        if kill == "before":
            raise Killed
        if fault is Fault.DROPPED:
            return Reply(Result.TRANSPORT)
        if fault in _WITH_STATUS:
            status, sent = _WITH_STATUS[fault]
            return judge_reply(status, sent, b"", self.identity)
        address = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        answer = self.platform._route(method, address.path, query, lowered, body)
        if kill == "after":
            raise Killed
        if fault is Fault.REPLY_LOST:
            return Reply(Result.TRANSPORT)
        data = answer.body.replace(b"sha256-", b"sha256-0")[: len(answer.body)]
        sent_body = data if fault is Fault.WRONG_DIGEST else answer.body
        sent_headers = {"Yici-Protocol": "1", **answer.headers}
        return judge_reply(answer.status, sent_headers, sent_body, self.identity)

    def abort(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is open."""


class DeliveryMachine(RuleBasedStateMachine):
    """Accepted means: there exactly once in the end, or set apart with the platform's reason."""

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = BootTime("boot-1", 1_000_000)
        self.patches = [
            mock.patch(f"yici.kiosk.sync.{name}.read_boot_time", side_effect=lambda: self.now)
            for name in ("agent", "verdicts", "push_forms", "push_parts", "pull", "clock")
        ]
        self.patches.append(
            mock.patch.object(agent_module, "_new_jitter", return_value=self.random.uniform)
        )
        for patch in self.patches:
            patch.start()
        self.directory = quick_directory()
        self.platform = ToyPlatform()
        self.platform.limits = Limits(chunk_bytes=16 * 1024, batch_items=3)
        self.platform.reject = self._rejects
        self.rejected: set[UUID] = set()
        self.identity = enrol_directly(self.platform, self.directory)
        self.accepted: dict[UUID, tuple[bytes, ...]] = {}
        self.boots = 1
        self.cache = OfflineCache.open(self.directory)
        self._start_agent()

    def _rejects(self, manifest: Manifest) -> bool:
        return manifest.submission_id in self.rejected

    def _start_agent(self) -> None:
        self.wire = SimulatedWire(self.platform, self.identity, PlatformClock(self.cache.bookmarks))
        settings = AgentSettings("http://simulated", policy=Policy(changes_every_s=600))
        self.agent = Agent(self.cache, self.wire, self.directory, settings)
        self.agent.look_for_suspects()

    def _restart(self) -> None:
        self.cache.close()
        self.cache = OfflineCache.open(self.directory)
        self._start_agent()

    @rule(sizes=st.lists(st.sampled_from([1, 300, 20_000, 40_000]), max_size=2))
    def submit(self, sizes: list[int]) -> None:
        papers = tuple(self.random.randbytes(size) for size in sizes)
        draft = Draft(
            papers,
            terminal_id=self.identity.terminal_id,
            signing_key=self.identity.private_key,
            recipients=self.identity.recipients(),
        )
        draft.keep_parts(self.cache)
        draft.accept(self.cache)
        self.accepted[draft.submission_id] = papers
        if self.random.random() < 0.15:
            self.rejected.add(draft.submission_id)

    @rule(
        faults=st.lists(st.sampled_from(MISFORTUNES), max_size=4),
        kill=st.sampled_from([None, None, "before", "after"]),
    )
    def turn(self, faults: list[Fault | None], kill: str | None) -> None:
        self.wire.faults = list(faults)
        for _ in range(4):
            action = self.agent.next_action()
            if isinstance(action, Rest):
                self.now = self.now.later(action.seconds)
                continue
            self.wire.kill = kill
            try:
                self.agent.carry_out(action)
            except Killed:
                self._restart()
                return

    @rule(hours=st.integers(0, 48))
    def wait(self, hours: int) -> None:
        self.now = self.now.later(hours * 3600)

    @rule()
    def reboot(self) -> None:
        self.boots += 1
        self.now = BootTime(f"boot-{self.boots}", 5_000)
        self._restart()

    @rule(days=st.integers(-400, 3000))
    def platform_clock_differs(self, days: int) -> None:
        from datetime import timedelta

        self.platform.clock_offset = timedelta(days=days)

    @invariant()
    def nothing_is_doubled_and_every_row_has_its_files(self) -> None:
        if not hasattr(self, "cache"):
            return
        acknowledged = self.platform.acknowledged_ids()
        assert len(acknowledged) == len(set(acknowledged))
        assert set(acknowledged) <= set(self.accepted)
        assert self.cache.outbox.named_digests() <= set(self.cache.parts.list_digests())
        for line in self.cache.outbox.list_lines():
            if line.state in (OutboxState.COMPLETE, OutboxState.ERASED):
                assert line.submission_id in acknowledged

    def teardown(self) -> None:
        if not hasattr(self, "cache"):
            return
        try:
            self._calm_down()
            self._all_accounted_for()
        finally:
            self.cache.close()
            for patch in self.patches:
                patch.stop()
            shutil.rmtree(self.directory)

    def _calm_down(self) -> None:
        self.wire.faults, self.wire.kill = [], None
        for _ in range(3000):
            action = self.agent.next_action()
            if isinstance(action, Do):
                self.agent.carry_out(action)
            elif self.cache.outbox.backlog().pending:
                self.now = self.now.later(action.seconds)
            else:
                break

    def _all_accounted_for(self) -> None:
        self.cache.store.check()
        lines = {line.submission_id: line for line in self.cache.outbox.list_lines()}
        assert set(lines) == set(self.accepted)
        for submission_id, papers in self.accepted.items():
            if submission_id in self.rejected:
                assert lines[submission_id].state is OutboxState.REJECTED
                continue
            assert lines[submission_id].state is OutboxState.ERASED
            assert self.platform.opened(submission_id)[1] == papers
        assert "chain_broken" not in [e.name for e in self.cache.events.read(limit=10_000)]


TestDelivery = DeliveryMachine.TestCase
TestDelivery.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
