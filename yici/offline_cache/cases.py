"""The terminal's mirror of its submissions' cases, readable only with the slip's code."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yici.contract.case import CaseChange, CaseState, find_note, slip_code_digest
from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.outbox_records import from_ms
from yici.offline_cache.outbox_states import OutboxState
from yici.offline_cache.store import Store


@dataclass(frozen=True, slots=True)
class SlipStanding:
    """What the holder of a slip may learn at this terminal.

    Case fields are None until the platform has said something; `refusal` is set for a submission
    that the platform did not take.
    """

    submission_id: UUID
    item_code: str
    outbox_state: OutboxState
    accepted_at: datetime
    received_at: datetime | None
    case_number: str | None
    case_state: CaseState | None
    changed_at: datetime | None
    note: str | None
    refusal: str | None


class CaseMirror:
    """Case changes as the platform sent them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def apply(self, changes: Iterable[CaseChange], cursor: str, etag: str = "") -> None:
        """Changes and the cursor behind them in one commit; an older version changes nothing."""
        with self._store.writing() as connection:
            for change in changes:
                _apply(connection, change)
            connection.executemany(
                "INSERT OR REPLACE INTO bookmark VALUES (?, ?)",
                [
                    (Bookmark.CHANGES_CURSOR.value, cursor),
                    (Bookmark.CHANGES_ETAG.value, etag),
                ],
            )

    def find_by_slip_code(self, code: str) -> SlipStanding | None:
        """Where the matter of this slip stands; `code` is normalised. None: not from here."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT submission.submission_id, item_code, submission.state, accepted_at_ms,"
                " received_at, coalesce(case_status.case_number, acknowledgement.case_number),"
                " case_status.state, changed_at, version, sealed_note, refusal"
                " FROM submission LEFT JOIN acknowledgement USING (submission_id)"
                " LEFT JOIN case_status USING (submission_id) WHERE slip_code_digest = ?",
                (slip_code_digest(code),),
            ).fetchone()
        if row is None:
            return None
        identifier, item_code, state, accepted_at_ms, received_at, case_number, *rest = row
        case_state, changed_at, version, sealed_note, refusal = rest
        submission_id = UUID(identifier)
        note = sealed_note and find_note(
            sealed_note, slip_code=code, submission_id=submission_id, version=version
        )
        return SlipStanding(
            submission_id,
            item_code,
            OutboxState(state),
            from_ms(accepted_at_ms),
            datetime.fromisoformat(received_at) if received_at else None,
            case_number,
            CaseState(case_state) if case_state else None,
            datetime.fromisoformat(changed_at) if changed_at else None,
            note,
            refusal,
        )


def _apply(connection: sqlite3.Connection, change: CaseChange) -> None:
    connection.execute(
        "INSERT INTO case_status VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (submission_id) DO UPDATE SET case_number = excluded.case_number,"
        " state = excluded.state, version = excluded.version, changed_at = excluded.changed_at,"
        " sealed_note = excluded.sealed_note WHERE excluded.version > case_status.version",
        (
            str(change.submission_id),
            change.case_number,
            change.state.value,
            change.version,
            change.changed_at.isoformat(),
            change.sealed_note,
        ),
    )
