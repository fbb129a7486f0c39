"""What the agent does next: no sockets, no files, no clock of its own.

`next_action` looks at what waits (level-triggered: nothing is forgotten when a wake-up is lost);
`heard` learns how the step went. Time is seconds on a clock that nobody can set.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from yici.kiosk.events import LinkState


class Result(StrEnum):
    """What one exchange with the platform came to."""

    OK = "ok"
    TRANSPORT = "transport"  # no reply, a torn one, or none before the deadline
    SERVER = "server"  # 5xx
    LATER = "later"  # 429 or 503 with Retry-After
    NOT_OURS = "not_ours"  # somebody else answered: a captive portal, a proxy
    CLOCK_SKEW = "clock_skew"
    UNAUTHORISED = "unauthorised"  # never final: only a signed standing is
    BLOCKED = "blocked"  # the platform's signed word that this terminal is barred
    UPGRADE_REQUIRED = "upgrade_required"
    TOO_LARGE = "too_large"
    STALE = "stale"
    NOT_FOUND = "not_found"
    CURSOR_GONE = "cursor_gone"
    REFUSED = "refused"  # any other genuine 4xx: about the content, not the link


class Step(StrEnum):
    """One exchange, in the order of precedence."""

    GREET = "greet"
    ACKNOWLEDGEMENTS = "acknowledgements"
    FORMS = "forms"
    PARTS = "parts"
    CATALOGUE = "catalogue"
    RECONCILE = "reconcile"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Work:
    """What waits now."""

    forms: bool = False
    parts: bool = False
    acknowledgements_behind: bool = False
    catalogue_behind: bool = False
    reconcile_due: bool = False
    next_due_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out a step; forms go at most this many at once."""

    step: Step
    batch_items: int


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do for so long, unless something new comes."""

    seconds: float


Action = Do | Rest


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How a step went: `sent_items` of a batch, `more` when the same step should follow at once."""

    result: Result
    sent_items: int = 0
    retry_after_s: float | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Times in seconds. The cap and the full jitter keep 30,000 terminals from a stampede."""

    base_s: float = 5
    cap_s: float = 300
    record_floor_s: float = 1
    record_cap_s: float = 6 * 3600
    retry_after_cap_s: float = 3600
    first_contact_s: float = 2
    greet_every_s: float = 3600
    changes_every_s: float = 20
    max_rest_s: float = 60


class _Move(StrEnum):
    OPEN = "open"
    BACK_OFF = "back_off"
    AS_TOLD = "as_told"
    GREET_AGAIN = "greet_again"
    HALVE = "halve"
    POSTPONE_STEP = "postpone_step"


# result → (what the link is now, None when it says nothing about the link; what follows)
_TABLE: dict[Result, tuple[LinkState | None, _Move]] = {
    Result.OK: (LinkState.ONLINE, _Move.OPEN),
    Result.TRANSPORT: (LinkState.OFFLINE, _Move.BACK_OFF),
    Result.SERVER: (LinkState.OFFLINE, _Move.BACK_OFF),
    Result.LATER: (LinkState.ONLINE, _Move.AS_TOLD),
    Result.NOT_OURS: (LinkState.NOT_OURS, _Move.BACK_OFF),
    Result.CLOCK_SKEW: (None, _Move.GREET_AGAIN),
    Result.UNAUTHORISED: (LinkState.OFFLINE, _Move.GREET_AGAIN),
    Result.BLOCKED: (LinkState.BLOCKED, _Move.GREET_AGAIN),
    Result.UPGRADE_REQUIRED: (LinkState.UPGRADE_REQUIRED, _Move.BACK_OFF),
    Result.TOO_LARGE: (LinkState.ONLINE, _Move.HALVE),
    Result.STALE: (LinkState.ONLINE, _Move.POSTPONE_STEP),
    Result.NOT_FOUND: (LinkState.ONLINE, _Move.POSTPONE_STEP),
    Result.CURSOR_GONE: (LinkState.ONLINE, _Move.POSTPONE_STEP),
    Result.REFUSED: (LinkState.ONLINE, _Move.HALVE),
}


def full_jitter_s(
    attempts: int, base_s: float, cap_s: float, jitter: Callable[[float, float], float]
) -> float:
    """U(0, min(cap, base · 2^attempts))."""
    return jitter(0.0, min(cap_s, base_s * 2.0 ** min(attempts, 30)))


@dataclass(slots=True)
class _Pause:
    """A growing pause of the link or of one step."""

    attempts: int = 0
    until_s: float = 0.0

    def clear(self) -> None:
        self.attempts, self.until_s = 0, 0.0


@dataclass(slots=True)
class SyncCore:
    """`jitter(low, high)` draws from a uniform distribution."""

    jitter: Callable[[float, float], float]
    started_at_s: float
    policy: Policy = field(default_factory=Policy)
    link: LinkState = LinkState.STARTING
    max_batch_items: int = 64
    _batch_items: int = 64
    _greeted_at_s: float | None = None
    _changes_at_s: float = 0.0
    _pause: _Pause = field(default_factory=_Pause)
    _steps: dict[Step, _Pause] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pause.until_s = self.started_at_s + self.jitter(0.0, self.policy.first_contact_s)

    def next_action(self, now_s: float, work: Work) -> Action:
        """The most urgent step, or how long to rest."""
        if now_s < self._pause.until_s:
            return self._rest(self._pause.until_s - now_s)
        if self._must_greet(now_s):
            return Do(Step.GREET, self._batch_items)
        for step in self._wanted(now_s, work):
            pause = self._steps.get(step)
            if pause is None or now_s >= pause.until_s:
                return Do(step, self._batch_items)
        return self._rest(self._until_next(now_s, work))

    def _must_greet(self, now_s: float) -> bool:
        last = self._greeted_at_s
        return last is None or now_s - last >= self.policy.greet_every_s

    def _wanted(self, now_s: float, work: Work) -> list[Step]:
        wants = {
            Step.ACKNOWLEDGEMENTS: work.acknowledgements_behind,
            Step.FORMS: work.forms,
            Step.PARTS: work.parts,
            Step.CATALOGUE: work.catalogue_behind,
            Step.RECONCILE: work.reconcile_due,
            Step.CHANGES: now_s >= self._changes_at_s,
        }
        return [step for step, wanted in wants.items() if wanted]

    def _until_next(self, now_s: float, work: Work) -> float:
        moments = [self._changes_at_s - now_s]
        moments += [pause.until_s - now_s for pause in self._steps.values()]
        if work.next_due_in_s is not None:
            moments.append(work.next_due_in_s)
        return min((moment for moment in moments if moment > 0), default=self.policy.max_rest_s)

    def _rest(self, seconds: float) -> Rest:
        return Rest(min(max(seconds, 0.01), self.policy.max_rest_s))

    def heard(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        """Learn how the step went."""
        link, move = _TABLE[outcome.result]
        if link is not None:
            self.link = link
        if link is LinkState.ONLINE:
            self._pause.clear()
        {
            _Move.OPEN: self._open,
            _Move.BACK_OFF: self._back_off,
            _Move.AS_TOLD: self._as_told,
            _Move.GREET_AGAIN: self._greet_again,
            _Move.HALVE: self._halve,
            _Move.POSTPONE_STEP: self._postpone_step,
        }[move](now_s, action, outcome)

    def _open(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        self._steps.pop(action.step, None)
        if action.step is Step.GREET:
            self._greeted_at_s = now_s
        elif action.step is Step.CHANGES and not outcome.more:
            spread = self.policy.changes_every_s
            self._changes_at_s = now_s + self.jitter(0.5 * spread, 1.5 * spread)
        elif action.step is Step.FORMS:
            self._batch_items = min(self._batch_items * 2, self.max_batch_items)

    def _back_off(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        del action, outcome
        self._grow(self._pause, now_s)

    def _grow(self, pause: _Pause, now_s: float) -> None:
        wait_s = full_jitter_s(pause.attempts, self.policy.base_s, self.policy.cap_s, self.jitter)
        pause.attempts += 1
        pause.until_s = now_s + wait_s

    def _as_told(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        if outcome.retry_after_s is None:
            self._back_off(now_s, action, outcome)
            return
        wait_s = min(outcome.retry_after_s, self.policy.retry_after_cap_s)
        self._pause.until_s = now_s + wait_s + self.jitter(0.0, min(wait_s * 0.1, 5.0))

    def _greet_again(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        self._greeted_at_s = None
        if action.step is Step.GREET or outcome.result is not Result.CLOCK_SKEW:
            self._back_off(now_s, action, outcome)

    def _halve(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        if action.step is Step.FORMS and outcome.sent_items > 1:
            self._batch_items = max(1, outcome.sent_items // 2)
        else:
            self._postpone_step(now_s, action, outcome)

    def _postpone_step(self, now_s: float, action: Do, outcome: StepOutcome) -> None:
        del outcome
        if action.step is Step.GREET:
            self._grow(self._pause, now_s)
        else:
            self._grow(self._steps.setdefault(action.step, _Pause()), now_s)

    def link_up(self, now_s: float) -> None:
        """A cable was plugged in: try soon, but not all terminals in the same second."""
        self._pause.attempts = 0
        latest = now_s + self.jitter(0.0, self.policy.base_s)
        self._pause.until_s = min(self._pause.until_s, latest)

    def send_now(self) -> None:
        """Somebody waits: forget every pause, and look for changes too."""
        self._pause.clear()
        self._steps.clear()
        self._changes_at_s = 0.0
