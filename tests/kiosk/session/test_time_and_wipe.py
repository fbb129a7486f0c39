"""Nobody's matter stays on the screen: idle question, longest session, and nothing left behind."""

import gc
import threading
import types
from collections.abc import Callable

import pytest
from driver import SessionDriver

from yici.config.declaration import SessionSettings
from yici.drivers.id_card_reader.personas import Persona
from yici.kiosk.session.table import EndKind, State
from yici.kiosk.session.timers import STUCK_S

LIMITS = SessionSettings()


def at_search(desk: SessionDriver, persona: Persona) -> None:
    desk.session.start_search()
    desk.session.search("养老")


def at_guide(desk: SessionDriver, persona: Persona) -> None:
    desk.session.choose_item("RS-003")


def at_identified(desk: SessionDriver, persona: Persona) -> None:
    desk.choose("RS-003")
    desk.lay_card(persona)


def at_typing(desk: SessionDriver, persona: Persona) -> None:
    desk.choose("RS-003")
    desk.session.type_instead()
    desk.session.identifying.set_typed_name(persona.identity.name)
    desk.session.identifying.set_typed_number(persona.identity.id_number)


def at_form(desk: SessionDriver, persona: Persona) -> None:
    at_identified(desk, persona)
    desk.session.confirm_identity()


def at_papers(desk: SessionDriver, persona: Persona) -> None:
    desk.go_to_papers(persona)


def at_review(desk: SessionDriver, persona: Persona) -> None:
    desk.hand_in_certificate(persona)
    desk.sign()


def at_slip(desk: SessionDriver, persona: Persona) -> None:
    at_review(desk, persona)
    desk.submit()


def at_progress(desk: SessionDriver, persona: Persona) -> None:
    desk.session.ask_progress()
    desk.session.enter_progress_code(persona.identity.id_number[:16])


PLACES = [
    at_search,
    at_guide,
    at_identified,
    at_typing,
    at_form,
    at_papers,
    at_review,
    at_slip,
    at_progress,
]
Place = Callable[[SessionDriver, Persona], None]


def texts_held_by(root: object) -> list[str]:
    """Every text that can be reached from an object without passing through code or modules."""
    seen: set[int] = set()
    queue = [root]
    texts = []
    while queue:
        held = queue.pop()
        if id(held) in seen or isinstance(held, type | types.ModuleType | types.CodeType):
            continue
        seen.add(id(held))
        if isinstance(held, str):
            texts.append(held)
        elif isinstance(held, bytes):
            texts.append(held.decode("utf-8", "replace"))
        elif isinstance(held, types.FunctionType):
            queue += list(held.__closure__ or ())
        else:
            queue += gc.get_referents(held)
    return texts


def leaves(desk: SessionDriver) -> None:
    desk.session.end()


def is_left_alone(desk: SessionDriver) -> None:
    desk.pass_time(LIMITS.idle_s + LIMITS.idle_warning_s)


@pytest.mark.parametrize("end", [leaves, is_left_alone])
@pytest.mark.parametrize("place", PLACES)
def test_session_ends_wiped_wherever_it_was(
    desk: SessionDriver, personas: dict[str, Persona], place: Place, end: Callable[..., None]
) -> None:
    persona = personas["P02"]
    place(desk, persona)
    secrets = [persona.identity.id_number[:16], persona.identity.name]
    if desk.session.application is not None:
        secrets.append(desk.session.application.slip_code)
    end(desk)
    assert desk.screen is State.ENDED
    desk.work_for(0.1)
    held = texts_held_by(desk.session)
    assert not [text for text in held if any(secret in text for secret in secrets)]
    assert not desk.session.ink.strokes


def test_the_search_for_held_texts_finds_what_is_there(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    at_review(desk, personas["P02"])
    held = texts_held_by(desk.session)
    assert any(personas["P02"].identity.id_number in text for text in held)


@pytest.mark.parametrize("place", PLACES)
def test_idle_question_is_asked_and_a_touch_answers_it(
    desk: SessionDriver, personas: dict[str, Persona], place: Place
) -> None:
    place(desk, personas["P01"])
    before = desk.screen
    desk.session.touch()
    desk.pass_time(LIMITS.idle_s - 1)
    assert desk.view.warning_seconds_left is None
    desk.pass_time(1)
    assert desk.view.warning_seconds_left == LIMITS.idle_warning_s + 1
    desk.pass_time(LIMITS.idle_warning_s - 1)
    assert desk.view.warning_seconds_left == 2
    desk.session.touch()
    assert (desk.view.warning_seconds_left, desk.screen) == (None, before)
    desk.pass_time(LIMITS.idle_s - 1)
    assert desk.view.warning_seconds_left is None
    desk.pass_time(LIMITS.idle_warning_s + 2)
    assert desk.session.end_kind is EndKind.IDLE


def test_longest_session_ends_although_somebody_touches(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    at_form(desk, personas["P01"])
    for _ in range(LIMITS.hard_cap_s // 10):
        desk.session.touch()
        desk.pass_time(10)
    assert desk.screen is State.ENDED
    assert desk.view.end.kind == "too_long"
    assert desk.view.end.card_may_lie_there, "the last page says: take your card"


def test_untouched_home_waits_for_ever_and_a_touched_one_resets(desk: SessionDriver) -> None:
    desk.pass_time(7200)
    assert desk.screen is State.HOME
    desk.session.touch()
    desk.session.set_language("en")
    desk.pass_time(61)
    assert desk.screen is State.ENDED


@pytest.mark.parametrize("kind", EndKind)
def test_the_next_process_says_farewell_until_the_clock_or_a_touch_ends_it(
    desk: SessionDriver, kind: EndKind
) -> None:
    desk.session.say_farewell(kind, card_was_read=True)
    assert (desk.screen, desk.view.end.kind) == (State.FAREWELL, kind.value)
    assert desk.view.end.card_may_lie_there
    assert not desk.view.can_end
    desk.pass_time(LIMITS.end_page_s)
    assert desk.screen is State.HOME
    assert desk.session.end_kind is None, "that was the one before"
    desk.session.say_farewell(kind, card_was_read=False)
    desk.session.leave_now()
    assert desk.screen is State.HOME


def test_farewell_comes_before_anything_else(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    at_form(desk, personas["P01"])
    desk.session.say_farewell(EndKind.CRASHED, card_was_read=False)
    assert desk.screen is State.FILL


def test_commit_that_hangs_does_not_keep_the_screen_for_ever(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    at_review(desk, personas["P01"])
    hung = threading.Event()
    desk.session.services.background.run(lambda: hung.wait(60), lambda _: None, lambda _: None)
    desk.session.submit()
    desk.pass_time(STUCK_S - 1)
    assert desk.screen is State.SEALING
    desk.session.end()
    assert desk.screen is State.SEALING, "only its outcome, or the clock, ends a commit"
    desk.pass_time(1)
    assert desk.screen is State.ENDED
    assert desk.view.end.kind == "too_long"
    hung.set()
    desk.until(lambda: desk.cache.outbox.backlog().pending == 1, "committed after all")
    desk.work_for(0.1)
    assert desk.screen is State.ENDED, "a late answer does not bring the resident back"


def test_late_answers_of_devices_do_not_reach_an_ended_session(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.session.end()
    desk.reader.put_card(personas["P01"])
    desk.work_for(1.0)
    assert desk.session.identifying.identity is None
    assert desk.session.application is None
