"""Accept or refuse a case; the reason travels sealed to the holder of the slip."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from yici.contract.case import CaseChange, CaseState, seal_note
from yici.contract.problems import Problem
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.audit import AuditAction, record
from yici.unified_platform.cases.feed import append_change, lock_terminal
from yici.unified_platform.intake.completion import find_submission
from yici.unified_platform.intake.envelopes import open_envelope, stored_envelope
from yici.unified_platform.storage.tables import case_actions, cases

LONGEST_NOTE = 500


class Decision(StrEnum):
    """What staff can do with a received case."""

    ACCEPT = "accept"  # 受理
    REFUSE = "refuse"  # 不予受理


class DecisionFault(StrEnum):
    """Why a decision was not taken."""

    NO_SUCH_CASE = "no_such_case"
    REASON_NEEDED = "reason_needed"
    REASON_TOO_LONG = "reason_too_long"
    ALREADY_DECIDED = "already_decided"
    SUPERSEDED = "superseded"  # the same person sent it again: that one is to be decided
    UNREADABLE = "unreadable"


TRANSITIONS: dict[tuple[CaseState, Decision], CaseState] = {
    (CaseState.RECEIVED, Decision.ACCEPT): CaseState.ACCEPTED,
    (CaseState.RECEIVED, Decision.REFUSE): CaseState.REFUSED,
}
_AUDIT = {
    Decision.ACCEPT: AuditAction.CASE_ACCEPTED,
    Decision.REFUSE: AuditAction.CASE_REFUSED,
}


@dataclass(frozen=True, slots=True)
class Decided:
    """The case as it stands now."""

    case_number: str
    state: CaseState
    version: int


def decide(
    platform: Platform, case_number: str, decision: Decision, *, reason: str, actor: str
) -> Decided | DecisionFault:
    """A refusal needs a reason; an acceptance may have a note."""
    note = reason.replace("\r\n", "\n").strip()  # browsers send CRLF
    if decision is Decision.REFUSE and not note:
        return DecisionFault.REASON_NEEDED
    if len(note) > LONGEST_NOTE:
        return DecisionFault.REASON_TOO_LONG
    slip_code = _slip_code(platform, case_number)
    if isinstance(slip_code, DecisionFault):
        return slip_code

    def work(connection: Connection) -> Decided | DecisionFault:
        case = _find_case(connection, case_number)
        if case is None:
            return DecisionFault.NO_SUCH_CASE
        lock_terminal(connection, case.terminal_id)
        case = _find_case(connection, case_number)
        state = case and TRANSITIONS.get((CaseState(case.state), decision))
        if case is None or state is None:
            return DecisionFault.ALREADY_DECIDED
        if case.superseded_by is not None:
            return DecisionFault.SUPERSEDED
        _apply(platform, connection, case, state=state, note=note, slip_code=slip_code, actor=actor)
        at = platform.now()
        record(connection, _AUDIT[decision], actor=actor, subject=case_number, at=at)
        return Decided(case_number, state, case.version + 1)

    return platform.database.write(work)


def _find_case(connection: Connection, case_number: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(cases).where(cases.c.case_number == case_number)).one_or_none()


def _slip_code(platform: Platform, case_number: str) -> str | DecisionFault:
    """Only the sealed form holds it."""
    with platform.database.read() as connection:
        case = _find_case(connection, case_number)
        row = case and find_submission(connection, case.terminal_id, case.submission_id)
    if row is None:
        return DecisionFault.NO_SUCH_CASE
    opened = open_envelope(platform, stored_envelope(row))
    return DecisionFault.UNREADABLE if isinstance(opened, Problem) else opened.form.slip_code


def _apply(
    platform: Platform,
    connection: Connection,
    case: Row[tuple[object, ...]],
    *,
    state: CaseState,
    note: str,
    slip_code: str,
    actor: str,
) -> None:
    version, at, submission_id = case.version + 1, platform.now(), UUID(case.submission_id)
    sealed = None
    if note:
        sealed = seal_note(note, slip_code=slip_code, submission_id=submission_id, version=version)
    connection.execute(
        update(cases)
        .where(cases.c.case_number == case.case_number)
        .values(state=state.value, version=version, changed_at=at)
    )
    connection.execute(
        insert(case_actions).values(
            case_number=case.case_number,
            version=version,
            state=state.value,
            actor=actor,
            at=at,
            note=note,
        )
    )
    change = CaseChange(
        submission_id=submission_id,
        case_number=case.case_number,
        state=state,
        version=version,
        changed_at=at,
        sealed_note=sealed,
    )
    append_change(connection, case.terminal_id, change)
