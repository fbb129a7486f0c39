"""The disk fails at the moment that counts: nothing is claimed, and the next try is whole."""

from collections.abc import Callable
from dataclasses import replace

from driver import SessionDriver

from yici.drivers.id_card_reader.personas import Persona
from yici.kiosk.session.resident import ResidentSession
from yici.kiosk.session.table import State


def set_size_limit(desk: SessionDriver, *, pages: int) -> None:
    with desk.cache.store.reading() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages}")


def test_full_disk_at_the_commit_is_told_and_the_next_try_is_accepted(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona]
) -> None:
    with_first = open_session()
    with_first.hand_in_certificate(personas["P02"])
    with_first.submit()
    with_first.close()
    desk = open_session()
    desk.hand_in_certificate(personas["P01"])
    desk.sign()
    set_size_limit(desk, pages=1)  # as many as there are: not one more
    desk.session.submit()
    assert desk.screen is State.SEALING
    desk.until(lambda: desk.screen is State.REVIEW, "told that nothing was accepted")
    assert desk.review.fault == "disk_full"
    assert desk.review.signed, "the signature is still good: nothing shown has changed"
    assert desk.cache.outbox.backlog().pending == 1, "the one before is safe, this one is not in"
    assert len(desk.printer.slips) == 1
    set_size_limit(desk, pages=1_000_000)
    desk.session.submit()
    desk.reaches(State.SLIP)
    assert desk.cache.outbox.backlog().pending == 2


def test_full_disk_closes_the_way_in_before_anything_is_asked(desk: SessionDriver) -> None:
    desk.has_room = False
    assert desk.view.home.cannot_submit == "disk_full"
    desk.session.choose_item("RS-003")
    desk.session.apply()
    assert desk.screen is State.GUIDE
    assert desk.view.guide.cannot_apply == "disk_full"


def test_terminal_that_is_not_enrolled_explains_and_takes_nothing(desk: SessionDriver) -> None:
    services = replace(desk.session.services, counter=None)
    desk.session = ResidentSession(services, lambda: None)
    assert desk.view.home.cannot_submit == "not_enrolled"
    desk.session.choose_item("RS-003")
    desk.session.apply()
    assert desk.screen is State.GUIDE
    assert desk.view.guide.cannot_apply == "not_enrolled"


def test_every_session_at_one_terminal_takes_the_next_number(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona]
) -> None:
    codes = set()
    for persona in ("P01", "P02"):
        desk = open_session()
        desk.hand_in_certificate(personas[persona])
        desk.submit()
        desk.reader.take_card()
        codes.add(desk.submitted.slip_code)
        desk.close()
    assert len(codes) == 2
    kept = open_session().cache.outbox.list_lines()
    assert sorted(line.sequence for line in kept) == [1, 2]
