"""The life of a submission in the outbox, as a table.

There is no "sending": the platform takes the same bytes twice without harm, so a crash in the
middle of sending is just a retry.
"""

from enum import StrEnum


class OutboxState(StrEnum):
    """Where a submission stands on this terminal."""

    QUEUED = "queued"  # accepted, the platform may not have it
    FORM_SENT = "form_sent"  # the platform stored the form; parts are on their way
    COMPLETE = "complete"  # acknowledged with a signature
    REJECTED = "rejected"  # the platform will never take it as it is
    QUARANTINED = "quarantined"  # set apart for staff; blocks nobody
    ERASED = "erased"  # only the tombstone is left

    @property
    def is_pending(self) -> bool:
        """Whether it still has to be delivered."""
        return self in (OutboxState.QUEUED, OutboxState.FORM_SENT)


class OutboxEvent(StrEnum):
    """What can happen to it."""

    FORM_STORED = "form_stored"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    SET_APART = "set_apart"
    FORGOTTEN = "forgotten"  # the platform no longer knows it (restored from a backup)
    RELEASED = "released"  # staff want another try
    RETENTION_OVER = "retention_over"


class QuarantineReason(StrEnum):
    """Why a submission was set apart."""

    CONFLICT = "conflict"  # the platform knows this id with other bytes
    LOCAL_DAMAGE = "local_damage"  # a part is missing or its bytes have changed
    UNREADABLE = "unreadable"  # the stored row can't be parsed
    CRASHED_THREE_TIMES = "crashed_three_times"
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"  # the platform can't read the request it makes


_S, _E = OutboxState, OutboxEvent

TRANSITIONS: dict[tuple[OutboxState, OutboxEvent], OutboxState] = {
    (_S.QUEUED, _E.FORM_STORED): _S.FORM_SENT,
    (_S.QUEUED, _E.ACKNOWLEDGED): _S.COMPLETE,
    (_S.QUEUED, _E.REFUSED): _S.REJECTED,
    (_S.QUEUED, _E.SET_APART): _S.QUARANTINED,
    (_S.FORM_SENT, _E.FORM_STORED): _S.FORM_SENT,
    (_S.FORM_SENT, _E.ACKNOWLEDGED): _S.COMPLETE,
    (_S.FORM_SENT, _E.REFUSED): _S.REJECTED,
    (_S.FORM_SENT, _E.SET_APART): _S.QUARANTINED,
    (_S.FORM_SENT, _E.FORGOTTEN): _S.QUEUED,
    # a verdict is unsigned, an acknowledgement is signed: the signature wins
    (_S.REJECTED, _E.ACKNOWLEDGED): _S.COMPLETE,
    (_S.QUARANTINED, _E.ACKNOWLEDGED): _S.COMPLETE,
    (_S.REJECTED, _E.RELEASED): _S.QUEUED,
    (_S.QUARANTINED, _E.RELEASED): _S.QUEUED,
    (_S.COMPLETE, _E.FORGOTTEN): _S.QUEUED,
    (_S.COMPLETE, _E.RETENTION_OVER): _S.ERASED,
}


def find_next_state(state: OutboxState, event: OutboxEvent) -> OutboxState | None:
    """The state after the event, or None where the event changes nothing."""
    return TRANSITIONS.get((state, event))
