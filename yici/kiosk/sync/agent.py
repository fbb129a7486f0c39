"""The sync agent: carries out what the core decides, until it is told to stop.

The screen never waits for it. It wakes within half a second of a new submission, because the
database says that another process has committed.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Self

from yici.kiosk.events import LinkChanged, LinkState
from yici.kiosk.identity import TerminalIdentity, find_ca_path
from yici.kiosk.sync.clock import PlatformClock
from yici.kiosk.sync.core import Action, Do, Policy, Rest, Result, Step, StepOutcome, SyncCore, Work
from yici.kiosk.sync.handling import HandlingMark
from yici.kiosk.sync.network_link import read_links
from yici.kiosk.sync.platform_view import PlatformView
from yici.kiosk.sync.pull import Puller
from yici.kiosk.sync.push_forms import FormPusher
from yici.kiosk.sync.push_parts import PartPusher
from yici.kiosk.sync.reconcile import Reconciler
from yici.kiosk.sync.status import SyncStatus, write_status
from yici.kiosk.sync.verdicts import VerdictDesk
from yici.kiosk.sync.wire import Line, TlsCheck, Wire
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.errors import StoreBusy, StoreFull

TICK_S = 0.5
SWEEP_EVERY_S = 3600.0
PULSE_S = 60.0


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """`retention_s` keeps acknowledged submissions that long before they are destroyed."""

    platform_url: str
    retention_s: float = 0
    policy: Policy = field(default_factory=Policy)


def _now_s() -> float:
    return read_boot_time().uptime_ms / 1000


def _new_jitter() -> Callable[[float, float], float]:
    return random.SystemRandom().uniform


class Agent:
    """Owns the delivery of one state directory; the caller holds its DeliveryLock."""

    def __init__(
        self, cache: OfflineCache, wire: Wire, state_dir: Path, settings: AgentSettings
    ) -> None:
        jitter = _new_jitter()
        self._cache, self._state_dir, self._settings = cache, state_dir, settings
        self._wire = wire
        self._view = PlatformView(wire.identity)
        self._mark = HandlingMark(state_dir)
        desk = VerdictDesk(cache, self._view, jitter, settings.policy)
        self._forms = FormPusher(cache.outbox, wire, self._view, desk, self._mark)
        self._parts = PartPusher(cache, wire, self._view, desk)
        self._puller = Puller(cache, wire, self._view, state_dir)
        self._reconciler = Reconciler(cache, wire)
        self._core = SyncCore(jitter, _now_s(), settings.policy)
        self._stop, self._hurry = Event(), Event()
        self._last_contact_at: datetime | None = None
        self._swept_at_s: float | None = None
        self._written: tuple[object, ...] = ()

    @classmethod
    def open(
        cls,
        cache: OfflineCache,
        identity: TerminalIdentity,
        state_dir: Path,
        settings: AgentSettings,
    ) -> Self:
        """An agent on the real network. Raises BadPlatformAddress."""
        clock = PlatformClock(cache.bookmarks)
        check = TlsCheck.WITHOUT_DATES if clock.is_wall_clock_dead() else TlsCheck.FULL
        line = Line(settings.platform_url, ca_path=find_ca_path(state_dir), check=check)
        return cls(cache, Wire(line, identity, clock), state_dir, settings)

    @property
    def link(self) -> LinkState:
        """How it stands with the platform."""
        return self._core.link

    # --- from a signal handler or another thread

    def stop(self) -> None:
        """End soon: also cuts the exchange that is under way, which is harmless."""
        self._stop.set()
        self._wire.abort()

    def send_now(self) -> None:
        """Somebody waits: try at once whatever is postponed."""
        self._hurry.set()

    # --- the loop

    def run(self) -> None:
        """Until `stop`. Raises StoreError when the storage fails for good."""
        self.look_for_suspects()
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            self._wire.close()
            self._write_status(LinkState.STOPPED)

    def look_for_suspects(self) -> None:
        """Once at the start: did the last agent die while it had submissions in hand?"""
        self._cache.outbox.count_crashes(self._mark.take_suspects())

    def run_once(self, deadline_s: float) -> bool:
        """Deliver what is due now, then return whether nothing is pending any more."""
        self.look_for_suspects()
        self._cache.outbox.try_now()
        self._core.send_now()
        end_s = time.monotonic() + deadline_s
        failures = 0
        try:
            while not self._stop.is_set() and time.monotonic() < end_s:
                action = self.next_action()
                if isinstance(action, Rest):
                    if failures >= 3 or not self._cache.outbox.backlog().pending:
                        break
                    self._stop.wait(min(action.seconds, TICK_S))
                    continue
                result = self.carry_out(action).result
                failures = failures + 1 if result is not Result.OK else 0
        finally:
            self._wire.close()
            self._write_status(self._core.link)
        return self._cache.outbox.backlog().pending == 0

    def _turn(self) -> None:
        try:
            if self._hurry.is_set():
                self._hurry.clear()
                self._cache.outbox.try_now()
                self._core.send_now()
            self._sweep_sometimes()
            action = self.next_action()
            self._write_status(self._core.link)
            if isinstance(action, Rest):
                self._rest(action.seconds)
            else:
                self.carry_out(action)
        except StoreFull:
            self._cache.ballast.release()  # room to write down what was delivered
            self._stop.wait(TICK_S)
        except StoreBusy:
            self._stop.wait(TICK_S)

    def next_action(self) -> Action:
        """What the core wants now."""
        return self._core.next_action(_now_s(), self._work())

    def _work(self) -> Work:
        now = read_boot_time()
        outbox, view = self._cache.outbox, self._view
        catalogue = self._cache.catalogue.find_version()
        return Work(
            forms=bool(outbox.due_forms(now, 1)),
            parts=outbox.find_due_part(now) is not None,
            acknowledgements_behind=view.acknowledgements_behind,
            catalogue_behind=view.catalogue_version > (catalogue.version if catalogue else 0),
            reconcile_due=self._reconciler.is_due(),
            next_due_in_s=outbox.next_due_in_s(now),
        )

    def carry_out(self, action: Do) -> StepOutcome:
        """One step, and what the core learns from it."""
        before = self._core.link
        outcome = self._steps()[action.step](action)
        if self._stop.is_set() and outcome.result is Result.TRANSPORT:
            return outcome  # we cut it ourselves
        self._core.heard(_now_s(), action, outcome)
        if outcome.result is Result.OK:
            self._last_contact_at = datetime.now(UTC)
            self._core.max_batch_items = self._view.limits.batch_items
            self._cache.outbox.erase_due(retention_s=self._settings.retention_s)
        if self._core.link is not before:
            self._cache.events.append(LinkChanged(self._core.link))
        return outcome

    def _steps(self) -> dict[Step, Callable[[Do], StepOutcome]]:
        return {
            Step.GREET: lambda _: self._puller.greet(),
            Step.ACKNOWLEDGEMENTS: lambda _: self._puller.fetch_acknowledgements(),
            Step.FORMS: lambda action: self._forms.send_forms(action.batch_items),
            Step.PARTS: lambda _: self._parts.send_part(),
            Step.CATALOGUE: lambda _: self._puller.fetch_catalogue(),
            Step.RECONCILE: lambda _: self._reconciler.reconcile(),
            Step.CHANGES: lambda _: self._puller.fetch_changes(),
        }

    def _rest(self, seconds: float) -> None:
        """Sleep, but wake for a new submission, a plugged-in cable, a hurry or the end."""
        end_s = _now_s() + seconds
        seen, links = self._cache.store.data_version(), read_links()
        while not self._stop.is_set() and not self._hurry.is_set():
            left_s = end_s - _now_s()
            if left_s <= 0 or self._stop.wait(min(left_s, TICK_S)):
                return
            if self._cache.store.data_version() != seen:
                return
            now_up = read_links()
            if now_up - links:
                self._core.link_up(_now_s())
                return
            links = now_up

    def _sweep_sometimes(self) -> None:
        now_s = _now_s()
        if self._swept_at_s is not None and now_s - self._swept_at_s < SWEEP_EVERY_S:
            return
        self._swept_at_s = now_s
        self._cache.parts.sweep(self._cache.outbox.named_digests)
        self._cache.ballast.fill()

    def _write_status(self, link: LinkState) -> None:
        backlog = self._cache.outbox.backlog()
        catalogue = self._cache.catalogue.find_version()
        version = catalogue.version if catalogue else 0
        pulse = int(_now_s() // PULSE_S)  # a reader sees by it that the agent is alive
        facts = (link, backlog.pending, backlog.set_apart, version, self._last_contact_at, pulse)
        if facts == self._written:
            return
        self._written = facts
        write_status(
            self._state_dir,
            SyncStatus(
                pid=os.getpid(),
                link=link,
                pending=backlog.pending,
                set_apart=backlog.set_apart,
                oldest_pending_s=backlog.oldest_pending_s,
                catalogue_version=version,
                last_contact_at=self._last_contact_at,
                written_at=datetime.now(UTC),
            ),
        )
