"""The table of endpoints: routes and OpenAPI document are both made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from yici.contract.delivery import (
    UPLOAD_FENCE,
    UPLOAD_LENGTH,
    UPLOAD_OFFSET,
    AcknowledgementPage,
    Batch,
    BatchReply,
    BlobProgress,
    ChangePage,
    Reconciliation,
    ReconciliationReply,
)
from yici.contract.problems import Problem, ProblemType
from yici.contract.statement import SignedStatement
from yici.contract.terminal import Greeting, Limits
from yici.contract.wire import Message
from yici.unified_platform.app import Platform
from yici.unified_platform.terminal_api import handlers
from yici.unified_platform.terminal_api.exchange import Call, Reply

Handler = Callable[[Platform, Call], Reply | Problem]
_LIMITS = Limits()
_SMALL = 16 * 1024
RECONCILIATION_BYTES: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path. `handler` None: the gate serves it (enrolment, changes)."""

    method: str
    path: str
    summary: str
    handler: Handler | None
    max_body_bytes: int = 0
    request: type[Message] | None = None
    reply: type[Message] | None = None
    reply_media_type: str = "application/json"
    query: tuple[str, ...] = ()
    request_headers: tuple[str, ...] = ()
    reply_headers: tuple[str, ...] = ()
    problems: tuple[ProblemType, ...] = ()


_ETAG = ("ETag",)
_SEEN = ("If-None-Match",)
P = ProblemType

CHANGES: Final = Endpoint(
    "GET",
    "/v1/changes",
    "Changes after an opaque cursor; `wait` seconds for one to come",
    None,
    reply=ChangePage,
    query=("cursor", "wait"),
    request_headers=_SEEN,
    reply_headers=_ETAG,
    problems=(P.CURSOR_GONE,),
)

SIGNED: Final[tuple[Endpoint, ...]] = (
    Endpoint(
        "POST",
        "/v1/session",
        "Greeting; the welcome is signed and fresh",
        handlers.session,
        max_body_bytes=_SMALL,
        request=Greeting,
        reply=SignedStatement,
    ),
    Endpoint(
        "POST",
        "/v1/submissions:batch",
        "Up to 64 sealed submissions, one verdict each",
        handlers.submissions_batch,
        max_body_bytes=_LIMITS.batch_bytes,
        request=Batch,
        reply=BatchReply,
    ),
    Endpoint(
        "HEAD",
        "/v1/blobs/{digest}",
        "Where an upload stands; raises the fence",
        handlers.blob_head,
        reply_headers=(UPLOAD_OFFSET, UPLOAD_LENGTH, UPLOAD_FENCE),
        problems=(P.NOT_FOUND,),
    ),
    Endpoint(
        "PATCH",
        "/v1/blobs/{digest}",
        "The next chunk; synced to disk before the answer",
        handlers.blob_patch,
        max_body_bytes=_LIMITS.chunk_bytes,
        reply=BlobProgress,
        request_headers=(UPLOAD_OFFSET, UPLOAD_LENGTH, UPLOAD_FENCE, "Content-Digest"),
        problems=(P.NOT_FOUND, P.STALE_UPLOAD, P.DIGEST_MISMATCH),
    ),
    Endpoint(
        "GET",
        "/v1/acknowledgements",
        "Acknowledgements after a sequence number, oldest first",
        handlers.acknowledgements,
        reply=AcknowledgementPage,
        query=("after", "limit"),
    ),
    CHANGES,
    Endpoint(
        "POST",
        "/v1/reconciliations",
        "Whether the terminal's and the platform's books agree",
        handlers.reconciliations,
        max_body_bytes=RECONCILIATION_BYTES,
        request=Reconciliation,
        reply=ReconciliationReply,
    ),
    Endpoint(
        "GET",
        "/v1/catalogue",
        "The signed release in force",
        handlers.catalogue,
        reply=SignedStatement,
        request_headers=_SEEN,
        reply_headers=_ETAG,
        problems=(P.NOT_FOUND,),
    ),
    Endpoint(
        "GET",
        "/v1/catalogue/packs/{digest}",
        "A catalogue pack: one service item a line",
        handlers.catalogue_pack,
        reply_media_type="application/x-ndjson",
        request_headers=_SEEN,
        reply_headers=_ETAG,
        problems=(P.NOT_FOUND,),
    ),
)
