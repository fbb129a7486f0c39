"""How long a session may be left alone, and how long it may last."""

from dataclasses import dataclass
from enum import StrEnum

from yici.config.declaration import SessionSettings
from yici.kiosk.session.table import STATES_WITH_RESIDENT_DATA, State

HOME_RESET_S = 60  # a changed language on the first screen goes back after a minute
# a commit or a print job has deadlines of its own, all far below this: something hangs
STUCK_S = 180


class Limit(StrEnum):
    """Which limit was reached."""

    IDLE = "idle"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class TimerReading:
    """Seconds left to answer the idle question (None while it isn't asked), or a limit."""

    warning_seconds_left: int | None = None
    reached: Limit | None = None


class SessionTimers:
    """Counts on the monotonic clock; every touch starts the idle time anew."""

    def __init__(self, settings: SessionSettings, now_s: float) -> None:
        self._settings = settings
        self._started_s: float | None = None
        self._touched_s = now_s
        self._entered_s = now_s

    def touch(self, now_s: float) -> None:
        """Somebody is there."""
        self._touched_s = now_s
        if self._started_s is None:
            self._started_s = now_s

    def enter(self, now_s: float) -> None:
        """A new screen began."""
        self._entered_s = now_s

    def read(self, state: State, now_s: float) -> TimerReading:
        """What the clock means in this state."""
        if state is State.ENDED:
            return TimerReading()
        if state is State.FAREWELL:
            gone_s = now_s - self._entered_s
            return TimerReading(reached=Limit.IDLE if gone_s >= self._settings.end_page_s else None)
        if state is State.HOME:
            return self._read_home(now_s)
        if state in (State.SEALING, State.SUBMITTED):
            stuck = now_s - self._entered_s >= STUCK_S
            return TimerReading(reached=Limit.TOO_LONG if stuck else None)
        if self._started_s is not None and now_s - self._started_s >= self._settings.hard_cap_s:
            return TimerReading(reached=Limit.TOO_LONG)
        return self._read_idle(state, now_s)

    def _read_home(self, now_s: float) -> TimerReading:
        if self._started_s is None or now_s - self._touched_s < HOME_RESET_S:
            return TimerReading()
        return TimerReading(reached=Limit.IDLE)

    def _read_idle(self, state: State, now_s: float) -> TimerReading:
        idle_s = now_s - self._touched_s
        if idle_s < self._settings.idle_s:
            return TimerReading()
        left_s = self._settings.idle_s + self._settings.idle_warning_s - idle_s
        if left_s <= 0:
            return TimerReading(reached=Limit.IDLE)
        shown = state in STATES_WITH_RESIDENT_DATA or state in (State.FIND, State.GUIDE)
        return TimerReading(warning_seconds_left=int(left_s) + 1 if shown else None)
