"""Sending: forms in batches, parts in resumable chunks, a verdict for each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from yici.contract.delivery import (
    UPLOAD_FENCE,
    UPLOAD_LENGTH,
    UPLOAD_OFFSET,
    Batch,
    BatchReply,
    BlobProgress,
    Outcome,
    Verdict,
)
from yici.contract.problems import ProblemType, problem
from yici.contract.statement import SignedStatement
from yici.contract.submission import SealedSubmission
from yici.kiosk.events import SubmissionRejected, SubmissionSetApart
from yici.kiosk.sync.acknowledgements import AcknowledgementDesk, Source
from yici.kiosk.sync.core import Policy, Result, StepOutcome, full_jitter_s
from yici.kiosk.sync.handling import HandlingMark
from yici.kiosk.sync.platform_view import PlatformView
from yici.kiosk.sync.reply import Reply
from yici.kiosk.sync.wire import Wire
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.errors import PartMissing
from yici.offline_cache.outbox_records import PendingForm, PendingPart
from yici.offline_cache.outbox_states import QuarantineReason

BATCH_DEADLINE_S = 60.0
CHUNK_DEADLINE_S = 60.0
CHUNKS_A_TURN = 8  # then forms get their chance again
MIN_CHUNK_BYTES = 16 * 1024
MAX_STRIKES = 5
_BASE64_GROWTH = 1.4

_PERMANENT = (Result.REFUSED, Result.TOO_LARGE)


@dataclass(slots=True)
class _Upload:
    """A part under way; the fence is the one that the last HEAD raised."""

    part: PendingPart
    offset: int
    fence: str
    strikes: int = 0


class Pusher:
    """Moves what is due; every way out leaves the outbox changed or the core backing off."""

    def __init__(
        self,
        cache: OfflineCache,
        wire: Wire,
        view: PlatformView,
        *,
        mark: HandlingMark,
        jitter: Callable[[float, float], float],
        policy: Policy,
    ) -> None:
        self._cache, self._wire, self._view, self._mark = cache, wire, view, mark
        self._jitter, self._policy = jitter, policy
        self._desk = AcknowledgementDesk(cache)
        self._upload: _Upload | None = None
        self._strikes: dict[str, int] = {}
        self._chunk_bytes = view.limits.chunk_bytes

    # --- forms

    def send_forms(self, batch_items: int) -> StepOutcome:
        """One batch."""
        forms = self._choose(batch_items)
        if not forms:
            return StepOutcome(Result.OK)
        with self._mark.handling(form.submission_id for form in forms):
            body, forms = self._build(forms)
        if not forms:
            return StepOutcome(Result.OK)
        reply = self._wire.send(
            "POST",
            "/v1/submissions:batch",
            body,
            headers={"Content-Type": "application/json"},
            deadline_s=BATCH_DEADLINE_S,
        )
        if reply.result is not Result.OK:
            return self._batch_failed(forms, reply)
        with self._mark.handling(form.submission_id for form in forms):
            answer = reply.find_message(BatchReply)
        if answer is None:
            return StepOutcome(Result.NOT_OURS)
        self._take_verdicts(forms, answer.verdicts)
        return StepOutcome(Result.OK, sent_items=len(forms))

    def _choose(self, batch_items: int) -> list[PendingForm]:
        limits = self._view.limits
        due = self._cache.outbox.due_forms(read_boot_time(), min(batch_items, limits.batch_items))
        if due and due[0].crashes:
            return [due[0]]  # suspected of killing the agent: alone
        chosen: list[PendingForm] = []
        room_bytes = limits.batch_bytes / _BASE64_GROWTH
        for form in due:
            room_bytes -= form.size_bytes + 1024
            if form.crashes or (chosen and room_bytes < 0):
                break
            chosen.append(form)
        return chosen

    def _build(self, forms: list[PendingForm]) -> tuple[bytes, list[PendingForm]]:
        items: list[SealedSubmission] = []
        readable: list[PendingForm] = []
        for form in forms:
            try:
                items.append(form.sealed())
                readable.append(form)
            except ValidationError:
                self._set_apart(form.submission_id, QuarantineReason.UNREADABLE)
        body = Batch(items=tuple(items)).to_bytes() if items else b""
        return body, readable

    def _batch_failed(self, forms: Sequence[PendingForm], reply: Reply) -> StepOutcome:
        if reply.result in _PERMANENT and len(forms) == 1:
            too_large = reply.result is Result.TOO_LARGE
            reason = QuarantineReason.TOO_LARGE if too_large else QuarantineReason.BAD_REQUEST
            self._set_apart(forms[0].submission_id, reason)
            return StepOutcome(Result.OK, sent_items=1)
        return StepOutcome(reply.result, len(forms), reply.retry_after_s)

    def _take_verdicts(self, forms: Sequence[PendingForm], verdicts: Iterable[Verdict]) -> None:
        open_forms = {form.digest: form for form in forms}
        stored: dict[UUID, frozenset[str]] = {}
        waiting: list[UUID] = []
        words: list[SignedStatement] = []
        for verdict in verdicts:
            form = open_forms.get(verdict.digest)
            if form is None or verdict.submission_id not in (None, form.submission_id):
                continue
            del open_forms[verdict.digest]
            if verdict.outcome is Outcome.STORED:
                stored[form.submission_id] = frozenset(need.digest for need in verdict.needed)
                if not verdict.needed:
                    waiting.append(form.submission_id)
            elif verdict.outcome is Outcome.COMPLETE and verdict.acknowledgement is not None:
                words.append(verdict.acknowledgement)
                waiting.append(form.submission_id)  # changes nothing once it is acknowledged
            else:
                self._settle(form.submission_id, verdict)
        if stored:
            self._cache.outbox.form_stored(stored)
        self._receive(words)
        # answered without naming them, or not finally: others go first
        self._postpone([*waiting, *(form.submission_id for form in open_forms.values())])

    def _settle(self, submission_id: UUID, verdict: Verdict) -> None:
        if verdict.outcome is Outcome.REJECTED:
            words = verdict.problem or problem(
                ProblemType.INVALID_SUBMISSION, "The platform gave no reason"
            )
            self._cache.outbox.refused(submission_id, words)
            self._cache.events.append(SubmissionRejected(submission_id))
        elif verdict.outcome is Outcome.CONFLICT:
            self._set_apart(submission_id, QuarantineReason.CONFLICT)
        else:
            self._postpone([submission_id])

    def _receive(self, words: list[SignedStatement]) -> None:
        if words and self._desk.receive(words, self._view.identity, Source.VERDICT).behind:
            self._view.acknowledgements_behind = True

    def _postpone(self, submission_ids: Iterable[UUID]) -> None:
        now = read_boot_time()
        for submission_id in submission_ids:
            state = self._cache.outbox.find_state(submission_id)
            if state is None or not state.is_pending:
                continue
            attempts = self._cache.outbox.find_attempts(submission_id) or 0
            policy = self._policy
            wait_s = full_jitter_s(attempts, policy.base_s, policy.record_cap_s, self._jitter)
            self._cache.outbox.postpone(
                [submission_id], now.later(max(wait_s, policy.record_floor_s))
            )

    def _set_apart(self, submission_id: UUID, reason: QuarantineReason) -> None:
        self._cache.outbox.set_apart(submission_id, reason)
        self._cache.events.append(SubmissionSetApart(submission_id, reason))

    # --- parts

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
            self._set_apart(part.submission_id, QuarantineReason.LOCAL_DAMAGE)
            return StepOutcome(Result.OK)
        reply = self._wire.send("HEAD", f"/v1/blobs/{part.digest}")
        if reply.result is Result.NOT_FOUND:
            # it lost the form, as after a restored backup: start this submission over
            self._cache.outbox.forgotten(part.submission_id)
            self._postpone([part.submission_id])
            return StepOutcome(Result.OK)
        if reply.result is not Result.OK:
            return self._part_failed(part, reply)
        offset, length = _number(reply, UPLOAD_OFFSET), _number(reply, UPLOAD_LENGTH)
        fence = reply.headers.get(UPLOAD_FENCE.lower())
        if offset is None or length is None or fence is None or offset > part.size_bytes:
            return StepOutcome(Result.NOT_OURS)
        if length != part.size_bytes:
            self._set_apart(part.submission_id, QuarantineReason.CONFLICT)
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
            self._set_apart(part.submission_id, QuarantineReason.LOCAL_DAMAGE)
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
            self._take_part_verdicts(progress.verdicts)
        return None

    def _chunk_failed(self, upload: _Upload, reply: Reply) -> StepOutcome:
        self._upload = None
        if reply.result in (Result.TRANSPORT, Result.TOO_LARGE):
            floor = min(MIN_CHUNK_BYTES, self._view.limits.chunk_bytes)
            self._chunk_bytes = max(self._chunk_bytes // 2, floor)
        if reply.result is Result.NOT_FOUND:
            self._cache.outbox.forgotten(upload.part.submission_id)
            self._postpone([upload.part.submission_id])
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
            self._postpone([part.submission_id])
        return StepOutcome(Result.OK)

    def _delivered(self, digest: str) -> None:
        self._upload = None
        self._strikes.pop(digest, None)
        self._cache.outbox.part_delivered(digest)

    def _take_part_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        words: list[SignedStatement] = []
        for verdict in verdicts:
            line = verdict.submission_id and self._cache.outbox.find_line(verdict.submission_id)
            if not line or line.digest != verdict.digest:
                continue
            if verdict.acknowledgement is not None:
                words.append(verdict.acknowledgement)
            elif verdict.outcome is Outcome.STORED and verdict.needed:
                lacking = frozenset(need.digest for need in verdict.needed)
                self._cache.outbox.form_stored({line.submission_id: lacking})
            else:
                self._settle(line.submission_id, verdict)
        self._receive(words)


def _number(reply: Reply, header: str) -> int | None:
    text = reply.headers.get(header.lower(), "")
    return int(text) if text.isdigit() else None


def _follows(progress: BlobProgress, upload: _Upload, sent_bytes: int) -> bool:
    size_bytes = upload.part.size_bytes
    same = (progress.digest, progress.length) == (upload.part.digest, size_bytes)
    return same and upload.offset < progress.offset <= upload.offset + sent_bytes
