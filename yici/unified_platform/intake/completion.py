"""The last part is there: open, check, create the case, acknowledge, in one transaction.

Opening and checking happen before the transaction, because they take time and change nothing;
the transaction looks again whether somebody else was quicker.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, select, update

from yici.contract.acknowledgement import Acknowledgement, chain_digest
from yici.contract.case import CaseChange, CaseState
from yici.contract.delivery import NeededPart, Outcome, Verdict
from yici.contract.problems import FieldProblem, Problem, ProblemType, problem
from yici.contract.statement import Purpose, SignedStatement
from yici.contract.submission import Manifest, SubmissionForm
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.feed import append_change, lock_terminal
from yici.unified_platform.intake.case_number import CHINA, next_case_number
from yici.unified_platform.intake.envelopes import check_parts, open_envelope, stored_envelope
from yici.unified_platform.intake.form_check import check_form
from yici.unified_platform.intake.superseding import replace_older
from yici.unified_platform.items.catalogue import find_item
from yici.unified_platform.storage.tables import (
    acknowledgements,
    case_actions,
    cases,
    parts,
    submissions,
    terminals,
)
from yici.unified_platform.trust.keys import SuiteKeys

STORED, COMPLETE, REJECTED = "stored", "complete", "rejected"
FAULTS = TypeAdapter(tuple[FieldProblem, ...])


@dataclass(frozen=True, slots=True)
class _Readable:
    """A submission that opened; ready for its case."""

    form: SubmissionForm
    faults: tuple[FieldProblem, ...]
    supersedes: str | None


def stored_verdict(
    platform: Platform, connection: Connection, row: Row[tuple[object, ...]]
) -> Verdict:
    """What a terminal is told about a submission that is known: the same each time."""
    submission_id = UUID(row.submission_id)
    if row.state == COMPLETE:
        statement = connection.scalar(
            select(acknowledgements.c.statement).where(
                acknowledgements.c.terminal_id == row.terminal_id,
                acknowledgements.c.submission_id == row.submission_id,
            )
        )
        return Verdict(
            submission_id=submission_id,
            digest=row.digest,
            outcome=Outcome.COMPLETE,
            acknowledgement=SignedStatement.from_bytes(statement or b""),
        )
    if row.state == REJECTED:
        return Verdict(
            submission_id=submission_id,
            digest=row.digest,
            outcome=Outcome.REJECTED,
            problem=Problem.model_validate_json(row.problem),
        )
    return Verdict(
        submission_id=submission_id,
        digest=row.digest,
        outcome=Outcome.STORED,
        needed=_needed(platform, connection, row),
    )


def needed_parts(
    platform: Platform, terminal_id: str, digests: Iterable[str]
) -> tuple[NeededPart, ...]:
    """Those that are not here yet, and how much of each is."""
    blobs = platform.blobs
    return tuple(
        NeededPart(digest=digest, offset=blobs.offset(terminal_id, digest))
        for digest in digests
        if not blobs.is_finished(terminal_id, digest)
    )


def _needed(
    platform: Platform, connection: Connection, row: Row[tuple[object, ...]]
) -> tuple[NeededPart, ...]:
    named = connection.scalars(
        select(parts.c.digest)
        .where(parts.c.terminal_id == row.terminal_id, parts.c.submission_id == row.submission_id)
        .order_by(parts.c.number)
    )
    return needed_parts(platform, row.terminal_id, named)


def find_submission(
    connection: Connection, terminal_id: str, submission_id: str
) -> Row[tuple[object, ...]] | None:
    """The row of `submissions`."""
    return connection.execute(
        select(submissions).where(
            submissions.c.terminal_id == terminal_id,
            submissions.c.submission_id == submission_id,
        )
    ).one_or_none()


def close_whole(
    platform: Platform, terminal_id: str, submission_ids: Sequence[str]
) -> dict[str, Verdict]:
    """Complete what needs nothing more, all in one transaction; a verdict for each known id."""
    verdicts: dict[str, Verdict] = {}
    whole = []
    with platform.database.read() as connection:
        for submission_id in dict.fromkeys(submission_ids):
            row = find_submission(connection, terminal_id, submission_id)
            if row is None:
                continue
            verdict = stored_verdict(platform, connection, row)
            verdicts[submission_id] = verdict
            if verdict.outcome is Outcome.STORED and not verdict.needed:
                whole.append(row)
    if not whole:
        return verdicts
    checked = [(row, _check(platform, row)) for row in whole]

    def work(connection: Connection) -> dict[str, Verdict]:
        lock_terminal(connection, terminal_id)
        return {row.submission_id: _close_one(platform, connection, row, c) for row, c in checked}

    return verdicts | platform.database.write(work)


def _close_one(
    platform: Platform,
    connection: Connection,
    row: Row[tuple[object, ...]],
    checked: _Readable | Problem,
) -> Verdict:
    """Under the terminal's lock: somebody else may have been quicker."""
    again = find_submission(connection, row.terminal_id, row.submission_id)
    if again is not None and again.state != STORED:
        return stored_verdict(platform, connection, again)
    if isinstance(checked, Problem):
        return _reject(platform, connection, row, checked)
    return _accept_delivery(platform, connection, row, checked)


def close_all_whole(platform: Platform) -> int:
    """After a restart: complete what was whole when the server stopped. How many there were."""
    with platform.database.read() as connection:
        waiting = connection.execute(
            select(submissions.c.terminal_id, submissions.c.submission_id).where(
                submissions.c.state == STORED
            )
        ).all()
    by_terminal: dict[str, list[str]] = {}
    for row in waiting:
        by_terminal.setdefault(row.terminal_id, []).append(row.submission_id)
    verdicts = [
        verdict
        for terminal_id, ids in by_terminal.items()
        for verdict in close_whole(platform, terminal_id, ids).values()
    ]
    return sum(verdict.outcome is not Outcome.STORED for verdict in verdicts)


def _check(platform: Platform, row: Row[tuple[object, ...]]) -> _Readable | Problem:
    opened = open_envelope(platform, stored_envelope(row))
    if isinstance(opened, Problem):
        return opened
    form = opened.form
    if form.item_code != opened.manifest.item_code:
        return _invalid("form and manifest name different items")
    with platform.database.read() as connection:
        item = find_item(connection, form.item_code, form.item_version)
    if item is None:
        return _invalid(f"item {form.item_code} has no version {form.item_version} here")
    findings = check_form(form, item, today=row.received_at.astimezone(CHINA).date())
    if findings.unusable:
        return _invalid("answers have another shape than their questions", findings.unusable)
    supersedes = opened.manifest.supersedes
    return check_parts(platform, opened) or _Readable(
        form, findings.faults, str(supersedes) if supersedes else None
    )


def _invalid(title: str, errors: tuple[FieldProblem, ...] = ()) -> Problem:
    return problem(ProblemType.INVALID_SUBMISSION, title, errors=errors[:50])


def _close(
    connection: Connection,
    row: Row[tuple[object, ...]],
    *,
    state: str,
    at: datetime,
    why: str | None,
) -> None:
    connection.execute(
        update(submissions)
        .where(
            submissions.c.terminal_id == row.terminal_id,
            submissions.c.submission_id == row.submission_id,
        )
        .values(state=state, closed_at=at, problem=why)
    )


def _reject(
    platform: Platform, connection: Connection, row: Row[tuple[object, ...]], why: Problem
) -> Verdict:
    _close(connection, row, state=REJECTED, at=platform.now(), why=why.model_dump_json())
    return Verdict(
        submission_id=UUID(row.submission_id),
        digest=row.digest,
        outcome=Outcome.REJECTED,
        problem=why,
    )


def _accept_delivery(
    platform: Platform, connection: Connection, row: Row[tuple[object, ...]], readable: _Readable
) -> Verdict:
    terminal = connection.execute(
        select(terminals).where(terminals.c.terminal_id == row.terminal_id)
    ).one()
    at = platform.now()
    case_number = next_case_number(connection, terminal.hall_code, row.received_at)
    _create_case(
        connection,
        row,
        readable,
        case_number=case_number,
        hall_code=terminal.hall_code,
        at=at,
    )
    statement = _acknowledge(
        connection,
        row,
        case_number=case_number,
        sequence=terminal.last_sequence + 1,
        previous=terminal.last_chain_digest,
        keys=platform.keys.get(terminal.suite),
    )
    _close(connection, row, state=COMPLETE, at=at, why=None)
    replace_older(
        platform,
        connection,
        terminal_id=row.terminal_id,
        submission_id=row.submission_id,
        supersedes=readable.supersedes,
        at=at,
    )
    return Verdict(
        submission_id=UUID(row.submission_id),
        digest=row.digest,
        outcome=Outcome.COMPLETE,
        acknowledgement=statement,
    )


def _create_case(
    connection: Connection,
    row: Row[tuple[object, ...]],
    readable: _Readable,
    *,
    case_number: str,
    hall_code: str,
    at: datetime,
) -> None:
    connection.execute(
        insert(cases).values(
            terminal_id=row.terminal_id,
            submission_id=row.submission_id,
            case_number=case_number,
            hall_code=hall_code,
            item_code=readable.form.item_code,
            item_version=readable.form.item_version,
            state=CaseState.RECEIVED.value,
            version=1,
            received_at=row.received_at,
            changed_at=at,
            faults=json.dumps(FAULTS.dump_python(readable.faults, mode="json")),
            supersedes=readable.supersedes,
        )
    )
    connection.execute(
        insert(case_actions).values(
            case_number=case_number,
            version=1,
            state=CaseState.RECEIVED.value,
            actor=row.terminal_id,
            at=at,
            note="",
        )
    )
    change = CaseChange(
        submission_id=UUID(row.submission_id),
        case_number=case_number,
        state=CaseState.RECEIVED,
        version=1,
        changed_at=at,
    )
    append_change(connection, row.terminal_id, change)


def _acknowledge(
    connection: Connection,
    row: Row[tuple[object, ...]],
    *,
    case_number: str,
    sequence: int,
    previous: str,
    keys: SuiteKeys,
) -> SignedStatement:
    manifest = Manifest.from_bytes(row.manifest)
    message = Acknowledgement(
        terminal_id=row.terminal_id,
        submission_id=manifest.submission_id,
        digest=row.digest,
        part_digests=tuple(part.digest for part in manifest.parts),
        case_number=case_number,
        received_at=row.received_at,
        sequence=sequence,
        previous=previous,
    )
    statement = keys.sign(Purpose.ACKNOWLEDGEMENT, message)
    connection.execute(
        insert(acknowledgements).values(
            terminal_id=row.terminal_id,
            sequence=sequence,
            submission_id=row.submission_id,
            digest=row.digest,
            statement=statement.to_bytes(),
        )
    )
    connection.execute(
        update(terminals)
        .where(terminals.c.terminal_id == row.terminal_id)
        .values(last_sequence=sequence, last_chain_digest=chain_digest(statement))
    )
    return statement
