"""The session's table has no dead end: every state is left by the resident or by the clock.

A process begins at HOME or, after somebody has left, at FAREWELL; ENDED ends it.
"""

from collections import deque
from graphlib import TopologicalSorter
from itertools import product

import pytest

from yici.config.declaration import SessionSettings
from yici.kiosk.session.table import (
    STATES_WITH_RESIDENT_DATA,
    TABLE,
    Event,
    Guard,
    State,
    find_next,
    step_of,
)
from yici.kiosk.session.timers import Limit, SessionTimers

Path = tuple[tuple[State, Event], ...]

# every situation that the session can be in: (several pages?, first?, last?, materials?)
SITUATIONS = [
    {
        Guard.ALWAYS: True,
        Guard.MORE_PAGES: not last,
        Guard.LAST_PAGE_WITH_MATERIALS: last and materials,
        Guard.LAST_PAGE_WITHOUT_MATERIALS: last and not materials,
        Guard.FIRST_PAGE: first,
        Guard.LATER_PAGE: not first,
        Guard.HAS_MATERIALS: materials,
        Guard.NO_MATERIALS: not materials,
    }
    for first, last, materials in product((True, False), repeat=3)
]


def following(state: State, event: Event) -> set[State]:
    """Every state that may follow, in any situation."""
    found = (find_next(state, event, situation.__getitem__) for situation in SITUATIONS)
    return {state for state in found if state is not None}


def shortest_paths(*starts: State) -> dict[State, Path]:
    """How each reachable state is reached first."""
    paths: dict[State, Path] = dict.fromkeys(starts, ())
    queue = deque(starts)
    while queue:
        state = queue.popleft()
        for event in Event:
            for after in following(state, event) - paths.keys():
                paths[after] = (*paths[state], (state, event))
                queue.append(after)
    return paths


def told(path: Path, end: State) -> str:
    return " → ".join([f"{state.value} --{event.value}" for state, event in path] + [end.value])


FIRST_SCREENS = (State.HOME, State.FAREWELL)
REACHED = shortest_paths(*FIRST_SCREENS)
# between one outcome and the next only the machine has a say
MACHINES_TURN = (State.SEALING, State.SUBMITTED)
SERVING = [state for state in State if state not in (State.ENDED, State.FAREWELL)]


def test_every_state_is_reached_from_a_first_screen() -> None:
    assert set(REACHED) == set(State)


@pytest.mark.parametrize("state", SERVING)
def test_from_every_state_the_clock_ends_the_session_at_once(state: State) -> None:
    assert following(state, Event.TIME_OUT) == {State.ENDED}, told(REACHED[state], state)


@pytest.mark.parametrize("state", [state for state in SERVING if state not in MACHINES_TURN])
def test_from_every_state_the_resident_can_leave_at_once(state: State) -> None:
    assert following(state, Event.END) == {State.ENDED}, told(REACHED[state], state)


@pytest.mark.parametrize("state", MACHINES_TURN)
def test_commit_and_print_are_not_cut_off_and_each_outcome_can_be_left(state: State) -> None:
    """The end of the process would tear a slip, or hide what became of a submission."""
    assert following(state, Event.END) == set()
    outcomes = {
        after
        for event in set(Event) - {Event.TIME_OUT}
        for after in following(state, event) - set(MACHINES_TURN)
    }
    assert outcomes
    for outcome in outcomes:
        assert following(outcome, Event.END) == {State.ENDED}, told(REACHED[outcome], outcome)


def test_farewell_makes_way_for_the_next_resident_only() -> None:
    assert {event: following(State.FAREWELL, event) for event in Event} == {
        event: {State.HOME} if event in (Event.NEXT, Event.TIME_OUT) else set() for event in Event
    }
    assert all(State.FAREWELL not in following(state, event) for state in State for event in Event)


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("state", State)
def test_one_event_has_one_outcome(state: State, situation: dict[Guard, bool]) -> None:
    for event in Event:
        rows = [
            row
            for row in TABLE
            if row.state is state and row.event is event and situation[row.guard]
        ]
        assert len(rows) <= 1, f"{state.value} --{event.value} is ambiguous: {rows}"


def test_guarded_events_are_taken_in_every_situation() -> None:
    """A row that fits only sometimes has a row beside it for every other time."""
    guarded = {(row.state, row.event) for row in TABLE if row.guard is not Guard.ALWAYS}
    for (state, event), situation in product(guarded, SITUATIONS):
        taken = find_next(state, event, situation.__getitem__)
        assert taken is not None, f"{state.value} --{event.value} is lost in {situation}"


def test_back_leads_home_and_never_round_in_a_circle() -> None:
    """The pages of FILL are the only loop of BACK, and each turn goes one page down."""
    leads = {state: following(state, Event.BACK) - {state} for state in State}
    nearest_first = list(TopologicalSorter(leads).static_order())  # raises CycleError
    leads_home = {State.HOME}
    for state in nearest_first:
        if leads[state]:
            assert leads[state] <= leads_home, f"BACK from {state.value} does not lead home"
            leads_home.add(state)


def test_back_never_forgets_that_something_was_handed_in() -> None:
    for state in (State.SEALING, State.SUBMITTED, State.SLIP, State.ENDED):
        assert following(state, Event.BACK) == set()


def test_nothing_leaves_the_last_page() -> None:
    """The next resident gets another process: a wiped session is never used again."""
    assert all(following(State.ENDED, event) == set() for event in Event)
    assert {State.ENDED} == {
        state for state in State if not any(following(state, e) for e in Event)
    }


def test_only_an_accepted_submission_reaches_the_slip() -> None:
    without = {(row.state, row.next_state) for row in TABLE if row.event is not Event.ACCEPTED}
    reached, front = {State.HOME}, {State.HOME}
    while front:
        front = {after for before, after in without if before in front} - reached
        reached |= front
    assert not reached & {State.SUBMITTED, State.SLIP}


@pytest.mark.parametrize("state", [state for state in State if state is not State.ENDED])
def test_the_timers_end_every_state_that_is_left_alone(state: State) -> None:
    settings = SessionSettings()
    timers = SessionTimers(settings, 0.0)
    timers.touch(0.0)
    timers.enter(0.0)
    waited = (timers.read(state, float(second)).reached for second in range(1, 3600))
    limit = next((reached for reached in waited if reached is not None), None)
    assert limit is not None, f"{state.value} is never ended by the clock"


@pytest.mark.parametrize("state", sorted(STATES_WITH_RESIDENT_DATA))
def test_a_touch_can_not_keep_resident_data_for_ever(state: State) -> None:
    timers = SessionTimers(SessionSettings(), 0.0)
    timers.enter(0.0)
    for second in range(3600):
        timers.touch(float(second))
        if timers.read(state, float(second)).reached is Limit.TOO_LONG:
            return
    pytest.fail(f"{state.value} lasts as long as somebody touches the screen")


def test_steps_count_up_along_the_application() -> None:
    order = [
        State.GUIDE,
        State.IDENTIFY,
        State.FILL,
        State.MATERIALS,
        State.REVIEW,
        State.SEALING,
        State.SUBMITTED,
        State.SLIP,
    ]
    assert [step_of(state) for state in order] == [1, 2, 3, 4, 5, 5, 6, 6]
    assert step_of(State.HOME) == 0
