"""Asking again: an answer belongs to the moment in which it was asked for."""

from datetime import UTC, datetime
from uuid import UUID

from yici.contract.case import CaseState
from yici.kiosk.session.progress import ProgressDesk
from yici.offline_cache.cases import SlipStanding
from yici.offline_cache.errors import StoreBusy
from yici.offline_cache.outbox_states import OutboxState

CODE = "7K3M-QX2-P9D"
NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


class Cases:
    """A mirror whose one case moves on."""

    def __init__(self) -> None:
        self.state: CaseState | None = CaseState.RECEIVED
        self.fails = False

    def find_by_slip_code(self, code: str) -> SlipStanding | None:
        if self.fails:
            raise StoreBusy("locked")
        return SlipStanding(
            UUID(int=7), code, OutboxState.ERASED, NOW, NOW, "4301-1", self.state, NOW, None, None
        )


def test_the_same_code_typed_again_shows_no_old_answer() -> None:
    cases = Cases()
    desk = ProgressDesk(cases, lambda code: code)  # type: ignore[arg-type]  # the one method it asks
    desk.enter(CODE)
    desk.look_up()
    assert desk.view().result == "delivered"
    cases.state = CaseState.ACCEPTED
    desk.enter("")
    desk.enter(CODE)
    assert desk.view().result == ""
    desk.look_up()
    assert desk.view().result == "accepted"


def test_storage_that_fails_is_told_and_asked_again() -> None:
    cases = Cases()
    desk = ProgressDesk(cases, lambda code: code)  # type: ignore[arg-type]  # the one method it asks
    desk.enter(CODE)
    cases.fails = True
    desk.look_up()
    assert desk.view().result == "storage"
    cases.fails = False
    desk.look_up()
    assert desk.view().result == "delivered"
