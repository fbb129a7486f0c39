"""Whatever happens in whatever order: one session on the screen, one spare, no gap between."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from yici.kiosk.supervising.core import (
    BEAT_TIMEOUT_S,
    CRASHED,
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    SHOW_TIMEOUT_S,
    WARM_TIMEOUT_S,
    Action,
    ActionKind,
    SupervisorCore,
)

SPAWN, SHOW, KILL = ActionKind.SPAWN, ActionKind.SHOW, ActionKind.KILL


class Sessions(RuleBasedStateMachine):
    """The real processes' side: what each one is, and what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.core = SupervisorCore()
        self.now_s = 0.0
        self.is_running: set[int] = set()
        self.is_warm: set[int] = set()
        self.told_to_show: set[int] = set()
        self.is_shown: set[int] = set()
        self.is_done: set[int] = set()
        self.is_given_up: set[int] = set()
        self.silent_since_s: dict[int, float] = {}  # when each said something for the last time
        self.gone: set[int] = set()

    # --- doing what the core says, as the loop does

    def do(self, actions: list[Action], *, next_is_shown: bool = False) -> None:
        for action in actions:
            key = action.key
            if action.kind is SPAWN:
                assert key not in self.is_running | self.gone, "keys are never used twice"
                assert not self.spares(), "one spare is enough"
                self.is_running.add(key)
                self.silent_since_s[key] = self.now_s
            elif action.kind is SHOW:
                assert key in self.is_running & self.is_warm
                assert not self.covering() - {key}, "two would be on the screen"
                self.told_to_show.add(key)
            else:
                assert key in self.is_running, "only what lives is killed"
                if key in self.is_shown:
                    assert next_is_shown, "the screen would be empty until the next first frame"
                else:
                    self.assert_late(key)
                self.leave(key)

    def assert_late(self, key: int) -> None:
        waited_s = self.now_s - self.silent_since_s[key]
        patience_s = (
            SHOW_TIMEOUT_S
            if key in self.told_to_show
            else BEAT_TIMEOUT_S
            if key in self.is_warm
            else WARM_TIMEOUT_S
        )
        assert waited_s > patience_s or key in self.told_to_show, "killed without being late"

    def leave(self, key: int) -> None:
        self.is_running.discard(key)
        self.gone.add(key)

    def spares(self) -> set[int]:
        return self.is_running - self.told_to_show

    def covering(self) -> set[int]:
        """Those that fill the screen, or are about to, and have not been given up."""
        return (self.is_running & self.told_to_show) - self.is_done - self.is_given_up

    def look_at_the_clock(self) -> None:
        """As the core will: a silent one on the screen is given up for good."""
        self.is_given_up |= {
            key
            for key in self.is_shown & self.is_running
            if self.now_s - self.silent_since_s[key] > BEAT_TIMEOUT_S
        }
        self.do(self.core.on_time(self.now_s))

    # --- what can happen

    @initialize()
    def start(self) -> None:
        self.do(self.core.start(self.now_s))

    @rule(seconds=st.floats(0.01, 12.0), lively=st.booleans())
    def time_passes(self, seconds: float, *, lively: bool) -> None:
        self.now_s += seconds
        if lively:
            for key in self.is_running & self.is_warm:
                self.beat(key)
        self.look_at_the_clock()

    def beat(self, key: int) -> None:
        self.silent_since_s[key] = self.now_s
        self.core.on_beat(key, self.now_s)

    @precondition(lambda self: self.is_running - self.is_warm)
    @rule(data=st.data())
    def becomes_warm(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.is_running - self.is_warm)))
        self.is_warm.add(key)
        self.beat(key)
        self.do(self.core.on_warm(key, self.now_s))

    @precondition(lambda self: (self.told_to_show & self.is_running) - self.is_shown)
    @rule(data=st.data())
    def shows_its_first_frame(self, data: st.DataObject) -> None:
        told = (self.told_to_show & self.is_running) - self.is_shown
        key = data.draw(st.sampled_from(sorted(told)))
        self.is_shown.add(key)
        self.beat(key)
        self.do(self.core.on_shown(key, self.now_s), next_is_shown=True)
        assert not (self.is_shown & self.is_running) - {key}, "the old one goes at once"

    @precondition(lambda self: self.is_shown & self.is_running)
    @rule(data=st.data())
    def its_resident_leaves(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.is_shown & self.is_running)))
        self.is_done.add(key)
        self.beat(key)
        self.do(self.core.on_done(key, self.now_s, "left"))

    @precondition(lambda self: self.is_running)
    @rule(data=st.data())
    def dies(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.is_running)))
        self.leave(key)
        self.do(self.core.on_exit(key, self.now_s))

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def a_late_word_arrives(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.gone)))
        said = data.draw(st.sampled_from(["warm", "shown", "done", "exit"]))
        self.core.on_beat(key, self.now_s)
        self.do(getattr(self.core, f"on_{said}")(key, self.now_s))

    # --- what always holds

    @invariant()
    def never_two_on_the_screen(self) -> None:
        assert len(self.covering()) <= 1

    @invariant()
    def never_two_spares(self) -> None:
        assert len(self.spares()) <= 1

    @precondition(lambda self: not self.spares())
    @rule()
    def a_spare_comes_within_the_longest_delay(self) -> None:
        for _ in range(2):  # one that never shows its frame is given up first
            self.now_s += LONGEST_DELAY_S
            for key in self.is_running:
                self.beat(key)
            self.look_at_the_clock()
            if self.spares():
                return
        raise AssertionError("nothing is coming")


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class Bench:
    """The core with one session on the screen (key 1) and a spare (key 2)."""

    def __init__(self) -> None:
        self.core = SupervisorCore()
        assert self.core.start(0.0) == [Action(SPAWN, 1)]
        assert self.core.on_warm(1, 0.1) == [Action(SHOW, 1), Action(SPAWN, 2)]
        assert self.core.on_shown(1, 0.2) == []
        assert self.core.find_on_screen() == 1


def test_next_resident_gets_the_spare_and_the_old_process_goes_after_its_frame() -> None:
    core = Bench().core
    core.on_warm(2, 0.3)
    assert core.on_done(1, 9.0, "finished+card") == [
        Action(SHOW, 2, "finished+card"),
        Action(SPAWN, 3),
    ]
    assert core.on_shown(2, 9.02) == [Action(KILL, 1)]
    assert core.on_exit(1, 9.03) == []


def test_done_before_the_spare_is_warm_waits_for_it() -> None:
    core = Bench().core
    assert core.on_done(1, 9.0, "left") == []
    assert core.on_warm(2, 9.5) == [Action(SHOW, 2, "left"), Action(SPAWN, 3)]


def test_crash_on_the_screen_is_covered_at_once_and_told() -> None:
    core = Bench().core
    core.on_warm(2, 0.3)
    assert core.on_exit(1, 9.0) == [Action(SHOW, 2, CRASHED), Action(SPAWN, 3)]


def test_silent_screen_is_covered_first_and_killed_then() -> None:
    core = Bench().core
    core.on_warm(2, 0.3)
    core.on_beat(2, 10.0)
    assert core.on_time(0.2 + BEAT_TIMEOUT_S) == []
    assert core.on_time(0.3 + BEAT_TIMEOUT_S) == [Action(SHOW, 2, CRASHED), Action(SPAWN, 3)]
    assert core.on_shown(2, 10.6) == [Action(KILL, 1)]


def test_spares_that_never_start_are_tried_ever_more_slowly() -> None:
    core = Bench().core
    now_s, key, delays = 1.0, 2, []
    for _ in range(9):
        assert core.on_exit(key, now_s) == []
        died_s = now_s
        while not (actions := core.on_time(now_s)):
            now_s += 0.25
        delays.append(now_s - died_s)
        key = actions[0].key
    assert delays[0] == FIRST_DELAY_S
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S


def test_a_session_that_reached_the_screen_ends_the_slow_tries() -> None:
    core = Bench().core
    core.on_exit(2, 1.0)
    (spawned,) = core.on_time(1.0 + FIRST_DELAY_S)
    core.on_warm(spawned.key, 2.0)
    core.on_done(1, 3.0)
    core.on_shown(spawned.key, 3.1)
    core.on_exit(spawned.key + 1, 4.0)
    assert core.on_time(4.0 + FIRST_DELAY_S) == [Action(SPAWN, spawned.key + 2)]


def test_spare_that_shows_no_frame_is_given_up_while_the_old_one_still_covers() -> None:
    core = Bench().core
    core.on_warm(2, 0.3)
    core.on_done(1, 1.0)
    assert core.on_time(1.0 + SHOW_TIMEOUT_S + 0.1) == [Action(KILL, 2)]
    core.on_warm(3, 7.0)
    assert core.on_shown(3, 7.1) == [Action(KILL, 1)]
