"""Single steps on the outbox's rows, each inside a transaction that the outbox has opened."""

import sqlite3
import time
from typing import Any
from uuid import UUID

from yici.contract.acknowledgement import Acknowledgement
from yici.contract.submission import Manifest
from yici.offline_cache.outbox_records import (
    AcceptedSubmission,
    OutboxLine,
    VerifiedAcknowledgement,
    from_ms,
)
from yici.offline_cache.outbox_states import OutboxEvent, OutboxState, find_next_state


class BadSeal(Exception):
    """`build` returned a cover that names another submission, sequence or other parts."""


def now_ms() -> int:
    """Milliseconds since 1970 on this terminal's own clock."""
    return time.time_ns() // 1_000_000


def erase_rows(connection: sqlite3.Connection, due: list[tuple[int]]) -> tuple[str, ...]:
    """Leave tombstones; returns the parts that nobody names any more."""
    digests: set[str] = set()
    for row in due:
        rows = connection.execute("SELECT digest FROM part WHERE sequence = ?", row)
        digests.update(digest for (digest,) in rows)
        connection.execute("DELETE FROM part WHERE sequence = ?", row)
        connection.execute(
            "UPDATE submission SET state = 'erased', manifest = NULL, signature = NULL,"
            " form = NULL WHERE sequence = ? AND state = 'complete'",
            row,
        )
    still_named = "SELECT 1 FROM part WHERE digest = ?"
    return tuple(
        each for each in digests if not connection.execute(still_named, (each,)).fetchone()
    )


def line_of(row: tuple[Any, ...]) -> OutboxLine:
    """The staff's line from a joined row."""
    sequence, submission_id, item_code, state, digest, accepted_at_ms, *rest = row
    return OutboxLine(
        sequence,
        UUID(submission_id),
        item_code,
        OutboxState(state),
        digest,
        from_ms(accepted_at_ms),
        *rest,
    )


def last_and_own(
    connection: sqlite3.Connection, submission_id: UUID
) -> tuple[int, AcceptedSubmission | None]:
    """The last number given, 0 before the first, and what an earlier `accept` of this id gave."""
    last, sequence, digest, accepted_at_ms = connection.execute(
        "SELECT last, sequence, digest, accepted_at_ms"
        " FROM (SELECT max(sequence) AS last FROM submission)"
        " LEFT JOIN submission ON submission_id = ?",
        (str(submission_id),),
    ).fetchone()
    if sequence is None:
        return last or 0, None
    return last, AcceptedSubmission(submission_id, sequence, digest, from_ms(accepted_at_ms))


def check_names(manifest: Manifest, submission_id: UUID, sequence: int) -> None:
    """The cover must name this submission and number. Raises BadSeal."""
    if (manifest.submission_id, manifest.sequence) != (submission_id, sequence):
        raise BadSeal("the cover names another submission or sequence number")


def move(connection: sqlite3.Connection, submission_id: UUID, event: OutboxEvent) -> bool:
    """Follow the table of states; False where the event changes nothing."""
    row = connection.execute(
        "SELECT state FROM submission WHERE submission_id = ?", (str(submission_id),)
    ).fetchone()
    following = find_next_state(OutboxState(row[0]), event) if row else None
    if following is None:
        return False
    connection.execute(
        "UPDATE submission SET state = ? WHERE submission_id = ?",
        (following.value, str(submission_id)),
    )
    return True


def start_over(connection: sqlite3.Connection, submission_id: UUID) -> None:
    """As if it had just been accepted: no attempts, no part delivered."""
    connection.execute(
        "UPDATE submission SET attempts = 0, crashes = 0, not_before_boot = NULL, reason = NULL,"
        " refusal = NULL, completed_at_ms = NULL WHERE submission_id = ?",
        (str(submission_id),),
    )
    connection.execute(
        "UPDATE part SET delivered = 0 WHERE sequence ="
        " (SELECT sequence FROM submission WHERE submission_id = ?)",
        (str(submission_id),),
    )


def parts_of(connection: sqlite3.Connection, submission_id: UUID) -> list[tuple[int, int, str]]:
    """Sequence, part number and digest of each."""
    return connection.execute(
        "SELECT sequence, number, part.digest FROM part JOIN submission USING (sequence)"
        " WHERE submission_id = ?",
        (str(submission_id),),
    ).fetchall()


def _covers(connection: sqlite3.Connection, acknowledgement: Acknowledgement) -> bool:
    row = connection.execute(
        "SELECT digest, state FROM submission WHERE submission_id = ?",
        (str(acknowledgement.submission_id),),
    ).fetchone()
    if row is None or row[0] != acknowledgement.digest:
        return False
    if row[1] == OutboxState.ERASED.value:
        return True  # its parts were compared the first time
    held = {digest for _, _, digest in parts_of(connection, acknowledgement.submission_id)}
    return held <= set(acknowledgement.part_digests)


def take_in(connection: sqlite3.Connection, word: VerifiedAcknowledgement) -> bool:
    """Move the chain's head and complete the submission; True when it was not complete before."""
    acknowledgement = word.acknowledgement
    if word.chain_head is not None:
        _set_chain_head(connection, acknowledgement.sequence, word.chain_head)
    if not _covers(connection, acknowledgement):
        return False
    if not move(connection, acknowledgement.submission_id, OutboxEvent.ACKNOWLEDGED):
        return False
    identifier = str(acknowledgement.submission_id)
    connection.execute(
        "UPDATE submission SET completed_at_ms = ?, reason = NULL, refusal = NULL, crashes = 0,"
        " not_before_boot = NULL WHERE submission_id = ?",
        (now_ms(), identifier),
    )
    connection.execute(
        "INSERT OR REPLACE INTO acknowledgement VALUES (?, ?, ?, ?, ?)",
        (
            identifier,
            acknowledgement.case_number,
            acknowledgement.received_at.isoformat(),
            acknowledgement.sequence,
            word.statement,
        ),
    )
    return True


def _set_chain_head(connection: sqlite3.Connection, number: int, digest: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO bookmark VALUES ('chain_head', ?)", (f"{number} {digest}",)
    )
