"""An application that the same person sent again replaces the older one, while nobody decided it.

The terminal names the older submission in the manifest's `supersedes`. Whether that counts is
looked at when the second of the two becomes a case, whichever it is: parts can arrive in any
order. The older case then carries the newer one's number, leaves the shelf of what is to be
decided, and can't be decided any more. Where one condition fails, both stay as they are, and the
newer case's page names the older one for a person to look at.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select, text, update

from yici.contract.case import CaseState
from yici.contract.people import Assurance
from yici.contract.problems import Problem
from yici.contract.sealing import OpenedSubmission
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.audit import AuditAction, record
from yici.unified_platform.intake.envelopes import open_envelope, stored_envelope
from yici.unified_platform.storage.tables import cases, submissions

_Case = Row[tuple[object, ...]]
# one that was refused itself replaces nothing
_STANDING = (CaseState.RECEIVED.value, CaseState.ACCEPTED.value)

# hand-written: asked for every submission, and hardly ever answered with a row
_NAMED_BY_ANOTHER = text(
    "SELECT 1 FROM cases WHERE terminal_id = :terminal_id AND supersedes = :submission_id LIMIT 1"
)


def replace_older(
    platform: Platform,
    connection: Connection,
    *,
    terminal_id: str,
    submission_id: str,
    supersedes: str | None,
    at: datetime,
) -> None:
    """After this submission became a case; the caller has locked its terminal."""
    key = {"terminal_id": terminal_id, "submission_id": submission_id}
    if supersedes is None and connection.scalar(_NAMED_BY_ANOTHER, key) is None:
        return
    mine, own = cases.c.terminal_id == terminal_id, cases.c.submission_id == submission_id
    # the newer one may have been here first
    pairs = [(own, cases.c.supersedes == submission_id)]
    if supersedes is not None:
        pairs.append((cases.c.submission_id == supersedes, own))
    for is_older, is_newer in pairs:
        newer = _find_case(connection, mine & is_newer & cases.c.state.in_(_STANDING))
        older = newer and _find_case(connection, mine & is_older & _is_untouched())
        if older and newer and _may_replace(platform, older, newer):
            _mark(connection, older=older, newer=newer, at=at)


def _is_untouched() -> ColumnElement[bool]:
    return (cases.c.state == CaseState.RECEIVED.value) & cases.c.superseded_by.is_(None)


def _find_case(connection: Connection, condition: ColumnElement[bool]) -> _Case | None:
    """The newest such case with its envelope."""
    its_submission = (submissions.c.terminal_id == cases.c.terminal_id) & (
        submissions.c.submission_id == cases.c.submission_id
    )
    return connection.execute(
        select(cases, submissions.c.manifest, submissions.c.signature, submissions.c.form)
        .join(submissions, its_submission)
        .where(condition)
        .order_by(cases.c.received_at.desc(), cases.c.case_number.desc())
        .limit(1)
    ).one_or_none()


def _may_replace(platform: Platform, older: _Case, newer: _Case) -> bool:
    before = open_envelope(platform, stored_envelope(older))
    after = open_envelope(platform, stored_envelope(newer))
    if isinstance(before, Problem) or isinstance(after, Problem):
        return False
    return may_replace(before, after)


def may_replace(older: OpenedSubmission, newer: OpenedSubmission) -> bool:
    """Same person, same item, sent later; a typed number never replaces one read from a card.

    "Later" is by the terminal's own count, so that two can't replace each other.
    """
    before, after = older.form.identity, newer.form.identity
    proven = after.assurance is Assurance.CARD or before.assurance is not Assurance.CARD
    return (
        older.form.item_code == newer.form.item_code
        and older.manifest.sequence < newer.manifest.sequence
        and (before.kind, before.id_number) == (after.kind, after.id_number)
        and proven
    )


def _mark(connection: Connection, *, older: _Case, newer: _Case, at: datetime) -> None:
    connection.execute(
        update(cases)
        .where(cases.c.case_number == older.case_number)
        .values(superseded_by=newer.case_number)
    )
    record(
        connection,
        AuditAction.CASE_SUPERSEDED,
        actor=newer.terminal_id,
        subject=older.case_number,
        detail=newer.case_number,
        at=at,
    )
