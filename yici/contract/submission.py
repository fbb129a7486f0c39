"""A submission: what the resident states (sealed) and what the line may know (the manifest)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from yici.contract.digests import Digest
from yici.contract.people import Identity
from yici.contract.wire import Base64, Message

FORM_PART_NUMBER = 0
MAX_PART_BYTES = 20 * 1024 * 1024
MAX_PARTS = 60
MAX_PART_NUMBER = 1000  # a page taken again gets a new number


class MaterialDecision(StrEnum):
    """How a required material was met."""

    CAPTURED = "captured"
    CARD_READ = "card_read"  # the chip was read, which stands for the original
    EXEMPT = "exempt"  # shared data or e-licence answers instead
    DEFERRED = "deferred"  # the item lets the resident bring it later
    NOT_APPLICABLE = "not_applicable"  # its condition does not hold


class Channel(StrEnum):
    """Where it was handed in; only at the screen can somebody sign."""

    SCREEN = "screen"
    COMMAND_LINE = "command_line"


class MaterialEntry(Message):
    """One material of the item and what became of it."""

    key: str
    name: str
    decision: MaterialDecision
    reason: str = ""
    part_number: int | None = None
    page_count: int = 0


class PartContent(Message):
    """What the sealed form knows of a sealed part: its digest ties the two together."""

    number: int = Field(ge=1)
    digest: Digest
    media_type: str


class SignatureEntry(Message):
    """The handwriting: an ink picture as a part, bound to the digest of what was shown."""

    part_number: int
    shown_digest: Digest
    signed_at: datetime


class SubmissionForm(Message):
    """The sealed form, plaintext of part 0. Times carry a zone and are the terminal's own."""

    schema_version: int = 1
    submission_id: UUID
    item_code: str
    item_version: int
    opened_at: datetime
    submitted_at: datetime
    language: str
    channel: Channel = Channel.SCREEN
    slip_code: str
    identity: Identity
    answers: dict[str, Any]
    materials: tuple[MaterialEntry, ...] = ()
    parts: tuple[PartContent, ...] = ()
    signature: SignatureEntry | None = None


class ClockReading(Message):
    """The terminal's clock when it sealed: order comes from `sequence`, never from here."""

    boot_id: str
    monotonic_ms: int
    wall: datetime
    platform_offset_ms: int | None = None  # platform minus terminal, None while unknown


class SealedKey(Message):
    """The data key, sealed to one recipient (the platform, or the offline escrow)."""

    key_id: str
    sealed: Base64


class PartEntry(Message):
    """A sealed part on the line: its number, the digest and size of its ciphertext."""

    number: int = Field(ge=0, le=MAX_PART_NUMBER)
    digest: Digest
    size_bytes: int = Field(ge=1, le=MAX_PART_BYTES + 64)


class Manifest(Message):
    """The clear cover of a sealed submission; its bytes are signed, stored and sent verbatim."""

    version: int = 1
    suite: str
    terminal_id: str
    submission_id: UUID
    sequence: int
    form_attempt: int = Field(default=0, ge=0, lt=1 << 32)
    item_code: str
    clock: ClockReading
    recipients: tuple[SealedKey, ...] = Field(min_length=1)
    parts: tuple[PartEntry, ...] = Field(min_length=1, max_length=MAX_PARTS)
    supersedes: UUID | None = None


class SealedSubmission(Message):
    """What the batch carries: manifest bytes, the terminal's signature, the sealed form."""

    manifest: Base64
    signature: Base64
    form: Base64
