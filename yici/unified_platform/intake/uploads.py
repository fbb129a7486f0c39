"""Parts on their way in: only those that this terminal's manifests name."""

from dataclasses import dataclass

from sqlalchemy import select

from yici.contract.delivery import BlobProgress, Verdict
from yici.contract.problems import Problem, ProblemType, problem
from yici.unified_platform.app import Platform
from yici.unified_platform.intake.completion import close_whole
from yici.unified_platform.storage.blobs import AppendOutcome
from yici.unified_platform.storage.tables import parts


@dataclass(frozen=True, slots=True)
class UploadState:
    """What HEAD answers."""

    offset: int
    length: int
    fence: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What PATCH brings."""

    offset: int
    length: int
    fence: int
    data: bytes


def _find_length(platform: Platform, terminal_id: str, digest: str) -> int | None:
    with platform.database.read() as connection:
        size: int | None = connection.scalar(
            select(parts.c.size_bytes)
            .where(parts.c.terminal_id == terminal_id, parts.c.digest == digest)
            .limit(1)
        )
    return size


def _unknown() -> Problem:
    return problem(
        ProblemType.NOT_FOUND, "no submission of this terminal names that part; send the form first"
    )


def begin_upload(platform: Platform, terminal_id: str, digest: str) -> UploadState | Problem:
    """Raises the fence, so that older requests for this part are refused."""
    length = _find_length(platform, terminal_id, digest)
    if length is None:
        return _unknown()
    offset, fence = platform.blobs.open_upload(terminal_id, digest, length=length)
    return UploadState(offset, length, fence)


def take_chunk(
    platform: Platform, terminal_id: str, digest: str, chunk: Chunk
) -> BlobProgress | Problem:
    """Synced to disk when this returns; the last chunk brings verdicts."""
    length = _find_length(platform, terminal_id, digest)
    if length is None:
        return _unknown()
    if chunk.length != length:
        return problem(
            ProblemType.DIGEST_MISMATCH,
            "Upload-Length is not the size that the manifest names",
            detail=f"expected {length}",
        )
    result = platform.blobs.append(
        terminal_id,
        digest,
        offset=chunk.offset,
        length=length,
        fence=chunk.fence,
        chunk=chunk.data,
    )
    if result.outcome is AppendOutcome.WRONG_DIGEST:
        return problem(
            ProblemType.DIGEST_MISMATCH, "the part has another digest than its name; start again"
        )
    if result.outcome in (AppendOutcome.STALE_FENCE, AppendOutcome.WRONG_OFFSET):
        return problem(
            ProblemType.STALE_UPLOAD,
            "ask with HEAD where to go on",
            detail=f"{result.outcome.value}; offset {result.offset}",
        )
    verdicts = (
        _verdicts(platform, terminal_id, digest) if result.outcome is AppendOutcome.FINISHED else ()
    )
    return BlobProgress(digest=digest, offset=result.offset, length=length, verdicts=verdicts)


def _verdicts(platform: Platform, terminal_id: str, digest: str) -> tuple[Verdict, ...]:
    with platform.database.read() as connection:
        named = connection.scalars(
            select(parts.c.submission_id)
            .where(parts.c.terminal_id == terminal_id, parts.c.digest == digest)
            .distinct()
        ).all()
    return tuple(close_whole(platform, terminal_id, named).values())
