"""Every table of the platform. The terminal comes first in keys, so that rows can be sharded by it.

Times are whole microseconds since 1970 UTC, because SQLite has no type for them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in Python, microseconds in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


metadata = MetaData()

# facts about this database, for example the feed's epoch
facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

halls = Table(
    "halls",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", Text, nullable=False),
)

terminals = Table(
    "terminals",
    metadata,
    Column("terminal_id", String(40), primary_key=True),
    Column("suite", String(20), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("hall_code", String(20), nullable=False),
    Column("hardware_id", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("enrolled_at", UtcTime, nullable=False),
    Column("check_digits", String(6), nullable=False),
    Column("last_seen_at", UtcTime),
    Column("software_version", Text, nullable=False, server_default=""),
    Column("pending_submissions", Integer, nullable=False, server_default="0"),
    Column("oldest_pending_s", BigInteger, nullable=False, server_default="0"),
    Column("last_sequence", BigInteger, nullable=False, server_default="0"),
    Column("last_chain_digest", String(80), nullable=False),
    Column("last_position", BigInteger, nullable=False, server_default="0"),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("code_id", String(20), primary_key=True),
    Column("code_key", LargeBinary, nullable=False),  # scrypt, never the code
    Column("hall_code", String(20), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("terminal_id", String(40)),
    Column("request_digest", String(80)),
    Column("answer", LargeBinary),  # so that a lost answer can be given again
)

submissions = Table(
    "submissions",
    metadata,
    Column("terminal_id", String(40), nullable=False),
    Column("submission_id", String(36), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("item_code", String(60), nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("form", LargeBinary, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("closed_at", UtcTime),
    Column("problem", Text),
    PrimaryKeyConstraint("terminal_id", "submission_id"),
    Index("submissions_by_state", "state", "received_at"),
)

parts = Table(
    "parts",
    metadata,
    Column("terminal_id", String(40), nullable=False),
    Column("submission_id", String(36), nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    PrimaryKeyConstraint("terminal_id", "submission_id", "number"),
    ForeignKeyConstraint(
        ["terminal_id", "submission_id"],
        ["submissions.terminal_id", "submissions.submission_id"],
    ),
    Index("parts_by_digest", "terminal_id", "digest"),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("terminal_id", String(40), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("submission_id", String(36), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("statement", LargeBinary, nullable=False),
    PrimaryKeyConstraint("terminal_id", "sequence"),
    UniqueConstraint("terminal_id", "submission_id"),
)

case_serials = Table(
    "case_serials",
    metadata,
    Column("hall_code", String(20), nullable=False),
    Column("day", String(8), nullable=False),
    Column("last_serial", Integer, nullable=False),
    PrimaryKeyConstraint("hall_code", "day"),
)

cases = Table(
    "cases",
    metadata,
    Column("terminal_id", String(40), nullable=False),
    Column("submission_id", String(36), nullable=False),
    Column("case_number", String(40), nullable=False),
    Column("hall_code", String(20), nullable=False),
    Column("item_code", String(60), nullable=False),
    Column("item_version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("faults", Text, nullable=False),  # JSON list of FieldProblem, for staff to look at
    Column("supersedes", String(36)),  # the submission that the terminal says it replaces
    Column("superseded_by", String(40)),  # the case number of what replaced this one
    PrimaryKeyConstraint("terminal_id", "submission_id"),
    UniqueConstraint("case_number"),
    Index("cases_by_state", "state", "received_at"),
    Index("cases_by_time", "received_at"),
    Index("cases_by_supersedes", "terminal_id", "supersedes"),
)

case_actions = Table(
    "case_actions",
    metadata,
    Column("case_number", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("case_number", "version"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("terminal_id", String(40), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("change", LargeBinary, nullable=False),
    UniqueConstraint("terminal_id", "position"),
)

items = Table(
    "items",
    metadata,
    Column("code", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("code", "version"),
)

releases = Table(
    "releases",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(80), nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("detail", String(60), nullable=False),
    Index("audit_by_subject", "subject", "at"),
)
