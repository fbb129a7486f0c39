"""Sending parts: resumable chunks by content address, fenced against their own stale copies."""

from collections.abc import Iterable
from dataclasses import dataclass

from yici.contract.delivery import (
    UPLOAD_FENCE,
    UPLOAD_LENGTH,
    UPLOAD_OFFSET,
    BlobProgress,
    Verdict,
)
from yici.kiosk.sync.core import Result, StepOutcome
from yici.kiosk.sync.platform_view import PlatformView
from yici.kiosk.sync.reply import Reply
from yici.kiosk.sync.verdicts import VerdictDesk
from yici.kiosk.sync.wire import Wire
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.errors import PartMissing
from yici.offline_cache.outbox_records import PendingPart
from yici.offline_cache.outbox_states import QuarantineReason

CHUNK_DEADLINE_S = 60.0
CHUNKS_A_TURN = 8  # then forms get their chance again
MIN_CHUNK_BYTES = 16 * 1024
MAX_STRIKES = 5


@dataclass(slots=True)
class _Upload:
    """A part under way; the fence is the one that the last HEAD raised."""

    part: PendingPart
    offset: int
    fence: str


class PartPusher:
    """Every way out leaves the outbox changed or the core backing off."""

    def __init__(
        self, cache: OfflineCache, wire: Wire, view: PlatformView, desk: VerdictDesk
    ) -> None:
        self._cache, self._wire, self._view, self._desk = cache, wire, view, desk
        self._upload: _Upload | None = None
        self._strikes: dict[str, int] = {}
        self._chunk_bytes = view.limits.chunk_bytes

    def send_part(self) -> StepOutcome:
        """A few chunks of the part that is due."""
        part = self._cache.outbox.find_due_part(read_boot_time())
        if part is None:
            return StepOutcome(Result.OK)
        if self._upload is None or self._upload.part.digest != part.digest:
            opened = self._open_upload(part)
            if opened is not None:
                return opened
        for _ in range(CHUNKS_A_TURN):
            upload = self._upload
            if upload is None:
                break
            failed = self._send_chunk(upload)
            if failed is not None:
                return failed
        return StepOutcome(Result.OK)

    def _open_upload(self, part: PendingPart) -> StepOutcome | None:
        """Ask how much is there; None when chunks may follow."""
        self._upload = None
        if not self._cache.parts.holds_intact(part.digest):
            self._desk.set_apart(part.submission_id, QuarantineReason.LOCAL_DAMAGE)
            return StepOutcome(Result.OK)
        reply = self._wire.send("HEAD", f"/v1/blobs/{part.digest}")
        if reply.result is Result.NOT_FOUND:
            # it lost the form, as after a restored backup: start this submission over
            self._cache.outbox.forgotten(part.submission_id)
            self._desk.postpone([part.submission_id])
            return StepOutcome(Result.OK)
        if reply.result is not Result.OK:
            return self._part_failed(part, reply)
        offset, length = _number(reply, UPLOAD_OFFSET), _number(reply, UPLOAD_LENGTH)
        fence = reply.headers.get(UPLOAD_FENCE.lower())
        if offset is None or length is None or fence is None or offset > part.size_bytes:
            return StepOutcome(Result.NOT_OURS)
        if length != part.size_bytes:
            self._desk.set_apart(part.submission_id, QuarantineReason.CONFLICT)
            return StepOutcome(Result.OK)
        if offset == part.size_bytes:
            self._delivered(part.digest)
        else:
            self._upload = _Upload(part, offset, fence)
        return None

    def _send_chunk(self, upload: _Upload) -> StepOutcome | None:
        part = upload.part
        try:
            piece = self._cache.parts.read_piece(part.digest, upload.offset, self._chunk_bytes)
        except PartMissing:
            piece = b""
        if not piece:
            self._upload = None
            self._desk.set_apart(part.submission_id, QuarantineReason.LOCAL_DAMAGE)
            return StepOutcome(Result.OK)
        reply = self._wire.send(
            "PATCH",
            f"/v1/blobs/{part.digest}",
            piece,
            headers={
                "Content-Type": "application/offset+octet-stream",
                UPLOAD_OFFSET: str(upload.offset),
                UPLOAD_LENGTH: str(part.size_bytes),
                UPLOAD_FENCE: upload.fence,
            },
            deadline_s=CHUNK_DEADLINE_S,
        )
        if reply.result is not Result.OK:
            return self._chunk_failed(upload, reply)
        progress = reply.find_message(BlobProgress)
        if progress is None or not _follows(progress, upload, len(piece)):
            self._upload = None
            return StepOutcome(Result.NOT_OURS)
        upload.offset = progress.offset
        self._chunk_bytes = min(self._chunk_bytes * 2, self._view.limits.chunk_bytes)
        if progress.offset == part.size_bytes:
            self._delivered(part.digest)
        if progress.verdicts:
            self._take_verdicts(progress.verdicts)
        return None

    def _chunk_failed(self, upload: _Upload, reply: Reply) -> StepOutcome:
        self._upload = None
        if reply.result in (Result.TRANSPORT, Result.TOO_LARGE):
            floor = min(MIN_CHUNK_BYTES, self._view.limits.chunk_bytes)
            self._chunk_bytes = max(self._chunk_bytes // 2, floor)
        if reply.result is Result.NOT_FOUND:
            self._cache.outbox.forgotten(upload.part.submission_id)
            self._desk.postpone([upload.part.submission_id])
            return StepOutcome(Result.OK)
        return self._part_failed(upload.part, reply)

    def _part_failed(self, part: PendingPart, reply: Reply) -> StepOutcome:
        """Faults of the link go to the core; faults of this part count against its submission."""
        if reply.result not in (Result.STALE, Result.REFUSED, Result.TOO_LARGE):
            return reply.outcome()
        strikes = self._strikes.get(part.digest, 0) + 1
        self._strikes[part.digest] = strikes
        if strikes >= MAX_STRIKES:
            del self._strikes[part.digest]
            self._desk.postpone([part.submission_id])
        return StepOutcome(Result.OK)

    def _delivered(self, digest: str) -> None:
        self._upload = None
        self._strikes.pop(digest, None)
        self._cache.outbox.part_delivered(digest)

    def _take_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Several submissions may wait for the same part; each must still be ours."""
        named = tuple(verdicts)
        asked = {}
        for verdict in named:
            line = verdict.submission_id and self._cache.outbox.find_line(verdict.submission_id)
            if line and line.digest == verdict.digest:
                asked[line.digest] = line.submission_id
        self._desk.take(asked, named)


def _number(reply: Reply, header: str) -> int | None:
    text = reply.headers.get(header.lower(), "")
    return int(text) if text.isdigit() else None


def _follows(progress: BlobProgress, upload: _Upload, sent_bytes: int) -> bool:
    size_bytes = upload.part.size_bytes
    same = (progress.digest, progress.length) == (upload.part.digest, size_bytes)
    return same and upload.offset < progress.offset <= upload.offset + sent_bytes
