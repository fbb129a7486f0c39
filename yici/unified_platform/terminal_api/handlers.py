"""One function an endpoint: parse, call the room that knows, answer."""

import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from yici.contract.delivery import (
    UPLOAD_FENCE,
    UPLOAD_LENGTH,
    UPLOAD_OFFSET,
    Batch,
    ChangePage,
    Reconciliation,
)
from yici.contract.problems import Problem, ProblemType, problem
from yici.contract.statement import Purpose
from yici.contract.terminal import Greeting
from yici.contract.wire import Message
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.feed import FeedPage, read_feed
from yici.unified_platform.fleet.terminals import greet
from yici.unified_platform.intake.batch import take_batch
from yici.unified_platform.intake.records import MAX_PAGE, acknowledgements_after, reconcile
from yici.unified_platform.intake.uploads import Chunk, begin_upload, take_chunk
from yici.unified_platform.items.catalogue import find_release
from yici.unified_platform.terminal_api.exchange import Call, Reply, message_reply

T = TypeVar("T", bound=Message)
_DIGEST = re.compile(r"(sha256|sm3)-[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_PACK_MEDIA_TYPE = "application/x-ndjson"
_IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}


def _bad(title: str, detail: str = "") -> Problem:
    return problem(ProblemType.BAD_REQUEST, title, detail=detail)


def _parse(model: type[T], body: bytes) -> T | Problem:
    try:
        return model.from_bytes(body)
    except ValidationError as error:
        # positions and kinds only: the values may be a resident's
        faults = [(e["loc"], e["type"]) for e in error.errors(include_input=False)[:5]]
        return _bad(f"the body is no {model.__name__}", str(faults))


def _number(values: Mapping[str, str], name: str, default: int | None = None) -> int | None:
    """None when it is missing without a default, or no number."""
    text = values.get(name)
    if text is None:
        return default
    return int(text) if _NUMBER.fullmatch(text) else None


def session(platform: Platform, call: Call) -> Reply | Problem:
    """POST /v1/session."""
    greeting = _parse(Greeting, call.body)
    if isinstance(greeting, Problem):
        return greeting
    welcome = greet(platform, call.terminal, greeting)
    keys = platform.keys.get(call.terminal.suite)
    return message_reply(keys.sign(Purpose.WELCOME, welcome))


def submissions_batch(platform: Platform, call: Call) -> Reply | Problem:
    """POST /v1/submissions:batch."""
    batch = _parse(Batch, call.body)
    if isinstance(batch, Problem):
        return batch
    return message_reply(take_batch(platform, call.terminal, batch))


def blob_head(platform: Platform, call: Call) -> Reply | Problem:
    """HEAD /v1/blobs/{digest}."""
    digest = call.path["digest"]
    if not _DIGEST.fullmatch(digest):
        return _bad("that is no digest")
    state = begin_upload(platform, call.terminal.terminal_id, digest)
    if isinstance(state, Problem):
        return state
    headers = {
        UPLOAD_OFFSET: str(state.offset),
        UPLOAD_LENGTH: str(state.length),
        UPLOAD_FENCE: str(state.fence),
        "Cache-Control": "no-store",
    }
    return Reply(200, headers=headers)


def blob_patch(platform: Platform, call: Call) -> Reply | Problem:
    """PATCH /v1/blobs/{digest}."""
    digest = call.path["digest"]
    if not _DIGEST.fullmatch(digest):
        return _bad("that is no digest")
    numbers = [
        _number(call.headers, n.lower()) for n in (UPLOAD_OFFSET, UPLOAD_LENGTH, UPLOAD_FENCE)
    ]
    if None in numbers:
        return _bad(f"{UPLOAD_OFFSET}, {UPLOAD_LENGTH} and {UPLOAD_FENCE} must be numbers")
    offset, length, fence = (number or 0 for number in numbers)
    chunk = Chunk(offset, length, fence, call.body)
    progress = take_chunk(platform, call.terminal.terminal_id, digest, chunk)
    return progress if isinstance(progress, Problem) else message_reply(progress)


def acknowledgements(platform: Platform, call: Call) -> Reply | Problem:
    """GET /v1/acknowledgements?after=N&limit=M."""
    after, limit = _number(call.query, "after", 0), _number(call.query, "limit", MAX_PAGE)
    if after is None or limit is None:
        return _bad("after and limit must be numbers")
    return message_reply(acknowledgements_after(platform, call.terminal.terminal_id, after, limit))


def reconciliations(platform: Platform, call: Call) -> Reply | Problem:
    """POST /v1/reconciliations."""
    reconciliation = _parse(Reconciliation, call.body)
    if isinstance(reconciliation, Problem):
        return reconciliation
    return message_reply(reconcile(platform, call.terminal.terminal_id, reconciliation))


def changes_now(platform: Platform, call: Call) -> FeedPage | Problem:
    """GET /v1/changes without waiting; the gate does the waiting."""
    with platform.database.read() as connection:
        page = read_feed(connection, call.terminal.terminal_id, call.query.get("cursor", ""))
    return page or problem(
        ProblemType.CURSOR_GONE, "this cursor is not of this database; start again without one"
    )


def changes_reply(call: Call, feed: FeedPage) -> Reply:
    """304 when the terminal has seen exactly this."""
    headers = {"ETag": feed.etag, "Cache-Control": "no-store"}
    if not feed.page.changes and call.headers.get("if-none-match") == feed.etag:
        return Reply(304, headers=headers)
    return message_reply(feed.page, headers)


def wait_s(call: Call, longest_s: int) -> int:
    """How long the terminal wants to wait for a change."""
    return min(_number(call.query, "wait", 0) or 0, longest_s)


def is_news(call: Call, page: ChangePage, etag: str) -> bool:
    """Whether there is anything to tell. Without an ETag only changes count."""
    seen = call.headers.get("if-none-match")
    return bool(page.changes) or (seen is not None and seen != etag)


def catalogue(platform: Platform, call: Call) -> Reply | Problem:
    """GET /v1/catalogue."""
    release = find_release(platform, call.terminal.suite)
    if release is None:
        return problem(ProblemType.NOT_FOUND, "no catalogue was published yet")
    headers = {"ETag": f'"{release.version}-{release.digest}"', "Cache-Control": "no-cache"}
    if call.headers.get("if-none-match") == headers["ETag"]:
        return Reply(304, headers=headers)
    return message_reply(release.statement, headers)


def catalogue_pack(platform: Platform, call: Call) -> Reply | Problem:
    """GET /v1/catalogue/packs/{digest}."""
    digest = call.path["digest"]
    if not _DIGEST.fullmatch(digest):
        return _bad("that is no digest")
    etag = f'"{digest}"'
    if call.headers.get("if-none-match") == etag:
        return Reply(304, headers={"ETag": etag, **_IMMUTABLE})
    try:
        pack = (platform.packs_dir / digest).read_bytes()
    except FileNotFoundError:
        return problem(ProblemType.NOT_FOUND, "no pack has that digest")
    return Reply(200, pack, _PACK_MEDIA_TYPE, {"ETag": etag, **_IMMUTABLE})
