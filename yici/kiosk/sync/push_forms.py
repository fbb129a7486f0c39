"""Sending forms: batches of sealed submissions, a verdict for each."""

from collections.abc import Sequence

from pydantic import ValidationError

from yici.contract.delivery import Batch, BatchReply
from yici.contract.submission import SealedSubmission
from yici.kiosk.sync.core import Result, StepOutcome
from yici.kiosk.sync.handling import HandlingMark
from yici.kiosk.sync.platform_view import PlatformView
from yici.kiosk.sync.reply import Reply
from yici.kiosk.sync.verdicts import VerdictDesk
from yici.kiosk.sync.wire import Wire
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.outbox import Outbox
from yici.offline_cache.outbox_records import PendingForm
from yici.offline_cache.outbox_states import QuarantineReason

BATCH_DEADLINE_S = 60.0
_BASE64_GROWTH = 1.4
_PERMANENT = (Result.REFUSED, Result.TOO_LARGE)


class FormPusher:
    """Every way out leaves the outbox changed or the core backing off."""

    def __init__(
        self,
        outbox: Outbox,
        wire: Wire,
        view: PlatformView,
        desk: VerdictDesk,
        mark: HandlingMark,
    ) -> None:
        self._outbox, self._wire, self._view = outbox, wire, view
        self._desk, self._mark = desk, mark

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
        self._desk.take({form.digest: form.submission_id for form in forms}, answer.verdicts)
        return StepOutcome(Result.OK, sent_items=len(forms))

    def _choose(self, batch_items: int) -> list[PendingForm]:
        limits = self._view.limits
        due = self._outbox.due_forms(read_boot_time(), min(batch_items, limits.batch_items))
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
                self._desk.set_apart(form.submission_id, QuarantineReason.UNREADABLE)
        body = Batch(items=tuple(items)).to_bytes() if items else b""
        return body, readable

    def _batch_failed(self, forms: Sequence[PendingForm], reply: Reply) -> StepOutcome:
        if reply.result in _PERMANENT and len(forms) == 1:
            too_large = reply.result is Result.TOO_LARGE
            reason = QuarantineReason.TOO_LARGE if too_large else QuarantineReason.BAD_REQUEST
            self._desk.set_apart(forms[0].submission_id, reason)
            return StepOutcome(Result.OK, sent_items=1)
        return StepOutcome(reply.result, len(forms), reply.retry_after_s)
