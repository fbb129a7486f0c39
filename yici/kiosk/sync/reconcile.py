"""Once a day: does the platform still have everything that it acknowledged?

First a fold over many records; only when it differs, the records themselves. What the platform
lost (it was restored from a backup) is queued again as long as its bytes are still here.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from yici.contract.delivery import (
    Reconciliation,
    ReconciliationReply,
    SentRecord,
    fold_records,
)
from yici.kiosk.events import SubmissionMissing
from yici.kiosk.sync.clock import platform_day
from yici.kiosk.sync.core import Result, StepOutcome
from yici.kiosk.sync.wire import Wire
from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.cache import OfflineCache

MAX_RECORDS = 1000
# what the platform may have lost with its newest backup is looked at again
OVERLAP = 200


@dataclass(frozen=True, slots=True)
class _Progress:
    through: int = 0
    day: str = ""


def start_over(cache: OfflineCache) -> None:
    """The chain broke: compare everything again, at once."""
    cache.bookmarks.put(Bookmark.RECONCILED, json.dumps({"through": 0, "day": ""}))


class Reconciler:
    """Keeps its place in a bookmark."""

    def __init__(self, cache: OfflineCache, wire: Wire) -> None:
        self._cache, self._wire = cache, wire

    def is_due(self) -> bool:
        """Once a calendar day, when there is anything to compare."""
        if not self._cache.outbox.last_chain_number():
            return False
        return self._progress().day != platform_day(self._wire.clock)

    def _progress(self) -> _Progress:
        text = self._cache.bookmarks.find(Bookmark.RECONCILED)
        return _Progress(**json.loads(text)) if text else _Progress()

    def reconcile(self) -> StepOutcome:
        """One window of the chain; `day` is set when the window reaches the head."""
        head = self._cache.outbox.last_chain_number()
        done = self._progress()
        start = done.through if not done.day else max(0, min(done.through, head) - OVERLAP)
        first, last = start + 1, min(head, start + MAX_RECORDS)
        records = self._cache.outbox.sent_records(first, last)
        if records:
            result = self._compare(first, last, records)
            if result.result is not Result.OK:
                return result
        finished = last >= head
        day = platform_day(self._wire.clock) if finished else ""
        self._cache.bookmarks.put(Bookmark.RECONCILED, json.dumps({"through": last, "day": day}))
        return StepOutcome(Result.OK)

    def _compare(self, first: int, last: int, records: tuple[SentRecord, ...]) -> StepOutcome:
        question = Reconciliation(
            first_sequence=first,
            last_sequence=last,
            count=len(records),
            fold=fold_records(list(records)),
        )
        outcome, answer = self._ask(question)
        if answer is not None and not answer.matches:
            outcome, answer = self._ask(question.model_copy(update={"records": records}))
        if answer is not None:
            known = {record.submission_id for record in records}
            self._queue_again([missing for missing in answer.missing if missing in known])
        return outcome

    def _ask(self, question: Reconciliation) -> tuple[StepOutcome, ReconciliationReply | None]:
        reply = self._wire.send(
            "POST",
            "/v1/reconciliations",
            question.to_bytes(),
            headers={"Content-Type": "application/json"},
        )
        if reply.result is not Result.OK:
            return reply.outcome(), None
        answer = reply.find_message(ReconciliationReply)
        return StepOutcome(Result.OK if answer else Result.NOT_OURS), answer

    def _queue_again(self, missing: list[UUID]) -> None:
        for submission_id in missing:
            queued = self._cache.outbox.forgotten(submission_id)
            self._cache.events.append(SubmissionMissing(submission_id, queued))
