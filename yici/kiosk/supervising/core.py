"""Which session is on the screen and which one waits: events in, actions out, no I/O.

    spawned → warm → showing → on screen → gone

At most one session is on the screen and at most one is warm. When the one on the screen is
done, silent or dead, the warm one is shown; only after its first frame is the old one ended,
so that the screen is never empty. A spare is spawned whenever there is none.
"""

from dataclasses import dataclass, field
from enum import StrEnum

BEAT_TIMEOUT_S = 10.0
WARM_TIMEOUT_S = 30.0
SHOW_TIMEOUT_S = 5.0
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
CRASHED = "crashed"
QUIET_PERIOD_S = 60.0  # a session that lived this long was no part of a crash loop


class Stage(StrEnum):
    """Where a session process is in its life."""

    SPAWNED = "spawned"
    WARM = "warm"
    SHOWING = "showing"
    ON_SCREEN = "on_screen"
    LEAVING = "leaving"  # done or silent, still on the screen until the next one covers it


class ActionKind(StrEnum):
    """What the loop has to do."""

    SPAWN = "spawn"
    SHOW = "show"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do; `key` names the session, it is new for SPAWN.

    SHOW carries how the session before ended, for the next one to say.
    """

    kind: ActionKind
    key: int
    farewell: str = ""


@dataclass(slots=True)
class _Session:
    stage: Stage
    since_s: float
    spawned_s: float
    beat_s: float


@dataclass(slots=True)
class SupervisorCore:
    """Feed it events with the monotonic time; do the actions that it returns, in order."""

    _sessions: dict[int, _Session] = field(default_factory=dict)
    _next_key: int = 1
    _farewell: str = ""
    _spawn_not_before_s: float = 0.0
    _delay_s: float = FIRST_DELAY_S

    def start(self, now_s: float) -> list[Action]:
        """The first session."""
        return self._settle(now_s)

    def on_warm(self, key: int, now_s: float) -> list[Action]:
        """The session has loaded everything and waits for its turn."""
        self._enter(key, Stage.WARM, now_s, only_from=Stage.SPAWNED)
        return self._settle(now_s)

    def on_shown(self, key: int, now_s: float) -> list[Action]:
        """Its first frame is on the screen: whoever was there may go."""
        self._enter(key, Stage.ON_SCREEN, now_s, only_from=Stage.SHOWING)
        if self.find_on_screen() != key:
            return []  # a late word of one that was given up
        self._delay_s = FIRST_DELAY_S  # sessions start well: no crash loop any more
        leaving = [k for k, s in self._sessions.items() if s.stage is Stage.LEAVING]
        for old in leaving:
            del self._sessions[old]
        return [Action(ActionKind.KILL, old) for old in leaving] + self._settle(now_s)

    def on_done(self, key: int, now_s: float, farewell: str = "") -> list[Action]:
        """Its resident has gone."""
        if self.find_on_screen() == key:
            self._farewell = farewell
        self._enter(key, Stage.LEAVING, now_s, only_from=Stage.ON_SCREEN)
        return self._settle(now_s)

    def on_beat(self, key: int, now_s: float) -> None:
        """Its screen's event loop runs."""
        if key in self._sessions:
            self._sessions[key].beat_s = now_s

    def on_exit(self, key: int, now_s: float) -> list[Action]:
        """Its process is gone, whyever."""
        session = self._sessions.pop(key, None)
        if session is not None:
            if session.stage is Stage.ON_SCREEN:
                self._farewell = CRASHED
            self._slow_down(session, now_s)
        return self._settle(now_s)

    def on_time(self, now_s: float) -> list[Action]:
        """Deadlines; call it a few times a second."""
        actions = []
        for key, session in list(self._sessions.items()):
            if self._is_silent(session, now_s):
                if session.stage is Stage.ON_SCREEN:
                    session.stage, session.since_s = Stage.LEAVING, now_s
                    self._farewell = CRASHED
                elif session.stage is not Stage.LEAVING:
                    del self._sessions[key]
                    self._slow_down(session, now_s)
                    actions.append(Action(ActionKind.KILL, key))
        return actions + self._settle(now_s)

    def find_on_screen(self) -> int | None:
        """The session that the resident sees."""
        return self._find(Stage.ON_SCREEN)

    def _is_silent(self, session: _Session, now_s: float) -> bool:
        waited_s = now_s - session.since_s
        if session.stage is Stage.SPAWNED:
            return waited_s > WARM_TIMEOUT_S
        if session.stage is Stage.SHOWING:
            return waited_s > SHOW_TIMEOUT_S
        return now_s - session.beat_s > BEAT_TIMEOUT_S

    def _find(self, stage: Stage) -> int | None:
        return next((k for k, s in self._sessions.items() if s.stage is stage), None)

    def _enter(self, key: int, stage: Stage, now_s: float, *, only_from: Stage) -> None:
        session = self._sessions.get(key)
        if session is not None and session.stage is only_from:
            session.stage, session.since_s, session.beat_s = stage, now_s, now_s

    def _slow_down(self, session: _Session, now_s: float) -> None:
        if now_s - session.spawned_s >= QUIET_PERIOD_S or session.stage is Stage.LEAVING:
            self._delay_s = FIRST_DELAY_S
            return
        if session.stage in (Stage.SPAWNED, Stage.SHOWING):
            self._spawn_not_before_s = now_s + self._delay_s
            self._delay_s = min(self._delay_s * 2, LONGEST_DELAY_S)

    def _settle(self, now_s: float) -> list[Action]:
        actions = []
        warm = self._find(Stage.WARM)
        covered = self._find(Stage.ON_SCREEN) is not None or self._find(Stage.SHOWING) is not None
        if warm is not None and not covered:
            self._enter(warm, Stage.SHOWING, now_s, only_from=Stage.WARM)
            actions.append(Action(ActionKind.SHOW, warm, self._farewell))
            self._farewell = ""
        waiting = self._find(Stage.WARM) is not None or self._find(Stage.SPAWNED) is not None
        if not waiting and now_s >= self._spawn_not_before_s:
            key, self._next_key = self._next_key, self._next_key + 1
            self._sessions[key] = _Session(Stage.SPAWNED, now_s, now_s, now_s)
            actions.append(Action(ActionKind.SPAWN, key))
        return actions
