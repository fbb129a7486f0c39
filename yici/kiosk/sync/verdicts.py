"""What the platform's verdicts do to the outbox."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from yici.contract.delivery import Outcome, Verdict
from yici.contract.problems import ProblemType, problem
from yici.contract.statement import SignedStatement
from yici.kiosk.events import SubmissionRejected, SubmissionSetApart
from yici.kiosk.sync.acknowledgements import AcknowledgementDesk, Source
from yici.kiosk.sync.core import Policy, full_jitter_s
from yici.kiosk.sync.platform_view import PlatformView
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_states import QuarantineReason


class VerdictDesk:
    """Settles records by verdict; what got none waits a little, and others go first."""

    def __init__(
        self,
        cache: OfflineCache,
        view: PlatformView,
        jitter: Callable[[float, float], float],
        policy: Policy,
    ) -> None:
        self._cache, self._view, self._jitter, self._policy = cache, view, jitter, policy
        self._acknowledgements = AcknowledgementDesk(cache)

    def take(self, asked: Mapping[str, UUID], verdicts: Iterable[Verdict]) -> None:
        """`asked` maps the digests that were sent to their submissions; others are ignored."""
        unanswered = dict(asked)
        stored: dict[UUID, frozenset[str]] = {}
        waiting: list[UUID] = []
        words: list[SignedStatement] = []
        for verdict in verdicts:
            submission_id = unanswered.get(verdict.digest)
            if submission_id is None or verdict.submission_id not in (None, submission_id):
                continue
            del unanswered[verdict.digest]
            if verdict.outcome is Outcome.STORED:
                stored[submission_id] = frozenset(need.digest for need in verdict.needed)
                waiting += [] if verdict.needed else [submission_id]
            elif verdict.outcome is Outcome.COMPLETE and verdict.acknowledgement is not None:
                words.append(verdict.acknowledgement)
                waiting.append(submission_id)  # changes nothing once it is acknowledged
            else:
                self._settle(submission_id, verdict)
        if stored:
            self._cache.outbox.form_stored(stored)
        self._receive(words)
        self.postpone([*waiting, *unanswered.values()])

    def _settle(self, submission_id: UUID, verdict: Verdict) -> None:
        if verdict.outcome is Outcome.REJECTED:
            words = verdict.problem or problem(
                ProblemType.INVALID_SUBMISSION, "The platform gave no reason"
            )
            self._cache.outbox.refused(submission_id, words)
            self._cache.events.append(SubmissionRejected(submission_id))
        elif verdict.outcome is Outcome.CONFLICT:
            self.set_apart(submission_id, QuarantineReason.CONFLICT)
        else:
            self.postpone([submission_id])

    def _receive(self, words: list[SignedStatement]) -> None:
        if (
            words
            and self._acknowledgements.receive(words, self._view.identity, Source.VERDICT).behind
        ):
            self._view.acknowledgements_behind = True

    def postpone(self, submission_ids: Iterable[UUID]) -> None:
        """Keep these back for a while that grows with their failures; the settled are left."""
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

    def set_apart(self, submission_id: UUID, reason: QuarantineReason) -> None:
        """Quarantine, with a line in the log."""
        self._cache.outbox.set_apart(submission_id, reason)
        self._cache.events.append(SubmissionSetApart(submission_id, reason))
