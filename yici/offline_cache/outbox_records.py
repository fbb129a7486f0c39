"""What the outbox hands out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from yici.contract.acknowledgement import Acknowledgement
from yici.contract.submission import SealedSubmission
from yici.offline_cache.outbox_states import OutboxState


@dataclass(frozen=True, slots=True)
class AcceptedSubmission:
    """COMMIT has returned: only now may a screen say 已暂存."""

    submission_id: UUID
    sequence: int
    digest: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class PendingForm:
    """The row as stored; `crashes` above 0 makes the agent send it alone."""

    submission_id: UUID
    sequence: int
    digest: str
    manifest: bytes
    signature: bytes
    form: bytes
    crashes: int

    @property
    def size_bytes(self) -> int:
        """What it adds to a batch, before base64."""
        return len(self.manifest) + len(self.signature) + len(self.form)

    def sealed(self) -> SealedSubmission:
        """The message to send."""
        return SealedSubmission(manifest=self.manifest, signature=self.signature, form=self.form)


@dataclass(frozen=True, slots=True)
class PendingPart:
    """A sealed part that the platform may not have yet."""

    submission_id: UUID
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class VerifiedAcknowledgement:
    """Signature checked. `chain_head` is the new head's digest, None where the head stays."""

    acknowledgement: Acknowledgement
    statement: bytes
    chain_head: str | None


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One line of the staff's list; holds nothing about the resident."""

    sequence: int
    submission_id: UUID
    item_code: str
    state: OutboxState
    digest: str
    accepted_at: datetime
    attempts: int
    crashes: int
    part_count: int
    parts_delivered: int
    reason: str | None
    refusal: str | None
    case_number: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, for screens and for the greeting."""

    pending: int
    oldest_pending_s: int
    set_apart: int


def from_ms(unix_ms: int) -> datetime:
    """Milliseconds since 1970 as a time with a zone."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC)
