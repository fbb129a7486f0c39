"""The delivery wire, version 1: forms in batches, attachments by digest, acknowledgements.

    POST  /v1/session               Greeting            → SignedStatement(Welcome)
    POST  /v1/submissions:batch     Batch (≤ 64)        → BatchReply, one verdict an item
    HEAD  /v1/blobs/{digest}                            → Upload-Offset, Upload-Length, Upload-Fence
    PATCH /v1/blobs/{digest}        ≤ 256 KiB           → BlobProgress
    GET   /v1/acknowledgements?after=N&limit=M          → AcknowledgementPage
    GET   /v1/changes?cursor=C&wait=S                   → ChangePage (ETag, 304, long poll)
    POST  /v1/reconciliations       Reconciliation      → ReconciliationReply
    GET   /v1/catalogue                                 → SignedStatement(CatalogueRelease), ETag
    GET   /v1/catalogue/packs/{digest}                  → the pack: one ServiceItem a line

PATCH carries Upload-Offset, Upload-Length, Upload-Fence and Content-Digest; a HEAD raises the
fence, so a stale PATCH that is still on its way is refused (409). Every reply carries
`Yici-Protocol: 1`; a reply without it is not from the platform. Errors are problem details.
"""

import hashlib
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from yici.contract.case import CaseChange
from yici.contract.digests import Digest
from yici.contract.problems import Problem
from yici.contract.statement import SignedStatement
from yici.contract.submission import SealedSubmission
from yici.contract.wire import Message

UPLOAD_OFFSET = "Upload-Offset"
UPLOAD_LENGTH = "Upload-Length"
UPLOAD_FENCE = "Upload-Fence"


class Batch(Message):
    """Up to 64 sealed submissions."""

    items: tuple[SealedSubmission, ...] = Field(min_length=1, max_length=64)


class Outcome(StrEnum):
    """The platform's verdict on one item of a batch."""

    STORED = "stored"  # form stored; `needed` lists the parts still to come
    COMPLETE = "complete"  # everything is here; `acknowledgement` is set
    REJECTED = "rejected"  # will never be taken as it is; `problem` says why
    CONFLICT = "conflict"  # this id is known with other bytes


class NeededPart(Message):
    """A part that the platform lacks, and how much of it is already there."""

    digest: Digest
    offset: int = Field(ge=0)


class Verdict(Message):
    """Names the id and the digest that it is about; a verdict that doesn't is ignored.

    For an item whose manifest can't be read, `submission_id` is None and `digest` tells which.
    """

    submission_id: UUID | None
    digest: Digest
    outcome: Outcome
    needed: tuple[NeededPart, ...] = ()
    acknowledgement: SignedStatement | None = None
    problem: Problem | None = None


class BatchReply(Message):
    """One verdict for each item, in the order sent."""

    verdicts: tuple[Verdict, ...]


class BlobProgress(Message):
    """The platform has synced this much of a part to disk.

    The chunk that completes the last part of a submission brings its verdict (COMPLETE, or
    REJECTED when a part does not open).
    """

    digest: Digest
    offset: int
    length: int
    verdicts: tuple[Verdict, ...] = ()


class AcknowledgementPage(Message):
    """Acknowledgements after a sequence number, oldest first; `last` is the newest that exists."""

    acknowledgements: tuple[SignedStatement, ...]
    last: int


class ChangePage(Message):
    """Changes after an opaque cursor; `more` when another page waits."""

    cursor: str
    changes: tuple[CaseChange, ...] = ()
    catalogue_version: int
    more: bool = False


class SentRecord(Message):
    """A submission that the terminal holds an acknowledgement for, or has sent."""

    submission_id: UUID
    digest: Digest


class Reconciliation(Message):
    """Daily: everything acknowledged since the last one, folded; `records` on the second try."""

    first_sequence: int
    last_sequence: int
    count: int
    fold: str = Field(pattern=r"^[0-9a-f]{64}$")
    records: tuple[SentRecord, ...] | None = Field(default=None, max_length=1000)


class ReconciliationReply(Message):
    """`matches` for the fold; `missing` are records that the platform doesn't have."""

    matches: bool
    missing: tuple[UUID, ...] = ()


def fold_records(records: list[SentRecord]) -> str:
    """Order-free fold: XOR of the SHA-256 of `id|digest`."""
    folded = 0
    for record in records:
        line = f"{record.submission_id}|{record.digest}".encode()
        folded ^= int.from_bytes(hashlib.sha256(line).digest(), "big")
    return f"{folded:064x}"


class CatalogueRelease(Message):
    """The catalogue in force: a version that only rises, and the pack's address."""

    version: int
    digest: Digest
    size_bytes: int
    item_count: int
