"""Progress by the slip's code, from the terminal's own records; works without a network."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from yici.contract.case import CaseState
from yici.contract.submission_ids import normalise_slip_code
from yici.kiosk.session.view import ProgressView
from yici.offline_cache.cases import CaseMirror, SlipStanding
from yici.offline_cache.errors import StoreError
from yici.offline_cache.outbox_states import OutboxState

HALL_TIME = ZoneInfo("Asia/Shanghai")

_NOT_TAKEN = (OutboxState.REJECTED, OutboxState.QUARANTINED)


class ProgressDesk:
    """The progress screen's own state."""

    def __init__(self, cases: CaseMirror, item_name: Callable[[str], str]) -> None:
        self._cases = cases
        self._item_name = item_name
        self._result = ProgressView(code="")

    def clear(self) -> None:
        """A new question."""
        self.enter("")

    def enter(self, code: str) -> None:
        """What is in the code field; an answer given before is gone, also for the same code."""
        self._result = ProgressView(code=code)

    def look_up(self) -> None:
        """Ask for the code that was entered."""
        entered = self._result.code
        code = normalise_slip_code(entered)
        if code is None:
            self._result = ProgressView(code=entered, result="bad_code")
            return
        try:
            standing = self._cases.find_by_slip_code(code)
        except StoreError:
            self._result = ProgressView(code=entered, result="storage")
            return
        if standing is None:
            self._result = ProgressView(code=entered, result="not_found")
            return
        self._result = self._told(entered, standing)

    def view(self) -> ProgressView:
        """For the screen."""
        return self._result

    def _told(self, entered: str, standing: SlipStanding) -> ProgressView:
        when = standing.changed_at or standing.received_at or standing.accepted_at
        return ProgressView(
            code=entered,
            result=_result_of(standing),
            item_name=self._item_name(standing.item_code),
            case_number=standing.case_number or "",
            note=standing.note or "",
            changed_at=when.astimezone(HALL_TIME).strftime("%Y-%m-%d %H:%M"),
        )


def _result_of(standing: SlipStanding) -> str:
    if standing.outbox_state in _NOT_TAKEN:
        return "rejected"
    if standing.case_state is CaseState.ACCEPTED:
        return "accepted"
    if standing.case_state is CaseState.REFUSED:
        return "refused"
    return "delivered" if standing.case_number else "stored"
