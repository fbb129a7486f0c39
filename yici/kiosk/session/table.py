"""The resident session as a table: state × event → next state, under a guard.

    HOME → FIND → GUIDE → IDENTIFY → FILL → MATERIALS → REVIEW → SEALING → SUBMITTED → SLIP → ENDED
      └──→ PROGRESS

Every state in which the resident has a say can be left by END, and every one by its time limit;
ENDED ends the process, and with it
everything that was said here. FAREWELL is shown to the one who leaves by the next process,
which knows nothing of them: only then is it true that nothing is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where the resident is; each state is one screen."""

    HOME = "home"
    FIND = "find"
    GUIDE = "guide"
    IDENTIFY = "identify"
    FILL = "fill"
    MATERIALS = "materials"
    REVIEW = "review"
    SEALING = "sealing"
    SUBMITTED = "submitted"  # safe on this terminal; the slip is being printed
    SLIP = "slip"  # what became of the slip is known
    PROGRESS = "progress"
    ENDED = "ended"
    FAREWELL = "farewell"


class Event(StrEnum):
    """What can happen."""

    SEARCH = "search"
    ASK_PROGRESS = "ask_progress"
    CHOOSE_ITEM = "choose_item"
    APPLY = "apply"
    IDENTIFIED = "identified"
    PAGE_DONE = "page_done"
    MATERIALS_DONE = "materials_done"
    SUBMIT = "submit"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    PRINT_SETTLED = "print_settled"
    PRINT_AGAIN = "print_again"
    NEXT = "next"  # the next resident is here
    BACK = "back"
    END = "end"
    TIME_OUT = "time_out"


class Guard(StrEnum):
    """What has to hold for a row; evaluated by the session."""

    ALWAYS = "always"
    MORE_PAGES = "more_pages"
    LAST_PAGE_WITH_MATERIALS = "last_page_with_materials"
    LAST_PAGE_WITHOUT_MATERIALS = "last_page_without_materials"
    FIRST_PAGE = "first_page"
    LATER_PAGE = "later_page"
    HAS_MATERIALS = "has_materials"
    NO_MATERIALS = "no_materials"


class EndKind(StrEnum):
    """How a session ended."""

    FINISHED = "finished"
    LEFT = "left"  # the resident pressed 结束
    IDLE = "idle"
    TOO_LONG = "too_long"
    CRASHED = "crashed"  # the process died; the next one says so


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    state: State
    event: Event
    next_state: State
    guard: Guard = Guard.ALWAYS


TABLE: tuple[Row, ...] = (
    Row(State.HOME, Event.SEARCH, State.FIND),
    Row(State.HOME, Event.CHOOSE_ITEM, State.GUIDE),
    Row(State.HOME, Event.ASK_PROGRESS, State.PROGRESS),
    Row(State.FIND, Event.CHOOSE_ITEM, State.GUIDE),
    Row(State.FIND, Event.BACK, State.HOME),
    Row(State.GUIDE, Event.APPLY, State.IDENTIFY),
    Row(State.GUIDE, Event.BACK, State.FIND),
    Row(State.IDENTIFY, Event.IDENTIFIED, State.FILL),
    Row(State.IDENTIFY, Event.BACK, State.GUIDE),
    Row(State.FILL, Event.PAGE_DONE, State.FILL, Guard.MORE_PAGES),
    Row(State.FILL, Event.PAGE_DONE, State.MATERIALS, Guard.LAST_PAGE_WITH_MATERIALS),
    Row(State.FILL, Event.PAGE_DONE, State.REVIEW, Guard.LAST_PAGE_WITHOUT_MATERIALS),
    Row(State.FILL, Event.BACK, State.IDENTIFY, Guard.FIRST_PAGE),
    Row(State.FILL, Event.BACK, State.FILL, Guard.LATER_PAGE),
    Row(State.MATERIALS, Event.MATERIALS_DONE, State.REVIEW),
    Row(State.MATERIALS, Event.BACK, State.FILL),
    Row(State.REVIEW, Event.SUBMIT, State.SEALING),
    Row(State.REVIEW, Event.BACK, State.MATERIALS, Guard.HAS_MATERIALS),
    Row(State.REVIEW, Event.BACK, State.FILL, Guard.NO_MATERIALS),
    Row(State.SEALING, Event.ACCEPTED, State.SUBMITTED),
    Row(State.SEALING, Event.NOT_ACCEPTED, State.REVIEW),
    Row(State.SUBMITTED, Event.PRINT_SETTLED, State.SLIP),
    Row(State.SLIP, Event.PRINT_AGAIN, State.SUBMITTED),
    Row(State.PROGRESS, Event.BACK, State.HOME),
    Row(State.FAREWELL, Event.NEXT, State.HOME),
    Row(State.FAREWELL, Event.TIME_OUT, State.HOME),
    *(
        Row(state, Event.END, State.ENDED)
        for state in State
        if state not in (State.SEALING, State.SUBMITTED, State.ENDED, State.FAREWELL)
    ),
    *(
        Row(state, Event.TIME_OUT, State.ENDED)
        for state in State
        if state not in (State.ENDED, State.FAREWELL)
    ),
)

# SEALING and SUBMITTED have no end button: they last as long as one commit and one print job, and
# the end of the process would cut either off
STATES_WITH_RESIDENT_DATA = frozenset(
    {
        State.IDENTIFY,
        State.FILL,
        State.MATERIALS,
        State.REVIEW,
        State.SEALING,
        State.SUBMITTED,
        State.SLIP,
        State.PROGRESS,
    }
)


def find_next(state: State, event: Event, holds: Callable[[Guard], bool]) -> State | None:
    """The state that follows, or None when the event means nothing here."""
    for row in TABLE:
        if row.state is state and row.event is event and holds(row.guard):
            return row.next_state
    return None


STEPS: tuple[State, ...] = (
    State.GUIDE,
    State.IDENTIFY,
    State.FILL,
    State.MATERIALS,
    State.REVIEW,
    State.SUBMITTED,
)


def step_of(state: State) -> int:
    """The step of an application from 1, or 0 outside of one."""
    shown = {State.SEALING: State.REVIEW, State.SLIP: State.SUBMITTED}.get(state, state)
    return STEPS.index(shown) + 1 if shown in STEPS else 0
