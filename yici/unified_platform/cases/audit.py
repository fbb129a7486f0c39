"""Who looked at what, and who did what. Rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from yici.unified_platform.storage.tables import audit


class AuditAction(StrEnum):
    """What is recorded."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    CASE_READ = "case_read"
    PART_READ = "part_read"
    CASE_ACCEPTED = "case_accepted"
    CASE_REFUSED = "case_refused"
    CASE_SUPERSEDED = "case_superseded"
    CODE_MADE = "code_made"
    TERMINAL_ENROLLED = "terminal_enrolled"
    TERMINAL_STATE = "terminal_state"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that somebody did."""

    at: datetime
    actor: str
    action: AuditAction
    subject: str
    detail: str


def record(
    connection: Connection,
    action: AuditAction,
    *,
    actor: str,
    subject: str,
    at: datetime,
    detail: str = "",
) -> None:
    """`subject` and `detail` are identifiers, never a resident's data."""
    connection.execute(
        insert(audit).values(
            at=at, actor=actor, action=action.value, subject=subject, detail=detail
        )
    )


def list_audit(connection: Connection, subject: str, *, limit: int = 100) -> list[AuditRow]:
    """The newest rows about one case or terminal, newest first."""
    rows = connection.execute(
        select(audit)
        .where(audit.c.subject == subject)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
    )
    return [AuditRow(r.at, r.actor, AuditAction(r.action), r.subject, r.detail) for r in rows]
