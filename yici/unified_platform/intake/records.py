"""What a terminal can ask afterwards: acknowledgements again, and whether the books agree."""

from uuid import UUID

from sqlalchemy import Connection, func, select

from yici.contract.delivery import (
    AcknowledgementPage,
    Reconciliation,
    ReconciliationReply,
    SentRecord,
    fold_records,
)
from yici.contract.statement import SignedStatement
from yici.unified_platform.app import Platform
from yici.unified_platform.storage.tables import acknowledgements, submissions

MAX_PAGE = 100


def acknowledgements_after(
    platform: Platform, terminal_id: str, after: int, limit: int
) -> AcknowledgementPage:
    """At most MAX_PAGE, oldest first."""
    table = acknowledgements
    with platform.database.read() as connection:
        rows = connection.scalars(
            select(table.c.statement)
            .where(table.c.terminal_id == terminal_id, table.c.sequence > after)
            .order_by(table.c.sequence)
            .limit(min(max(limit, 1), MAX_PAGE))
        ).all()
        last = connection.scalar(
            select(func.max(table.c.sequence)).where(table.c.terminal_id == terminal_id)
        )
    return AcknowledgementPage(
        acknowledgements=tuple(SignedStatement.from_bytes(row) for row in rows), last=last or 0
    )


def reconcile(
    platform: Platform, terminal_id: str, reconciliation: Reconciliation
) -> ReconciliationReply:
    """Compare the fold over a span of sequence numbers; name what is missing when records came."""
    table = acknowledgements
    with platform.database.read() as connection:
        rows = connection.execute(
            select(table.c.submission_id, table.c.digest).where(
                table.c.terminal_id == terminal_id,
                table.c.sequence >= reconciliation.first_sequence,
                table.c.sequence <= reconciliation.last_sequence,
            )
        ).all()
        known = _known(connection, terminal_id, reconciliation.records or ())
    ours = [SentRecord(submission_id=UUID(r.submission_id), digest=r.digest) for r in rows]
    matches = len(ours) == reconciliation.count and fold_records(ours) == reconciliation.fold
    missing = tuple(
        record.submission_id
        for record in reconciliation.records or ()
        if (str(record.submission_id), record.digest) not in known
    )
    return ReconciliationReply(matches=matches, missing=missing)


def _known(
    connection: Connection, terminal_id: str, records: tuple[SentRecord, ...]
) -> set[tuple[str, str]]:
    table = submissions
    wanted = [str(record.submission_id) for record in records]
    rows = connection.execute(
        select(table.c.submission_id, table.c.digest).where(
            table.c.terminal_id == terminal_id, table.c.submission_id.in_(wanted)
        )
    )
    return {(row.submission_id, row.digest) for row in rows}
