"""What the terminal remembers about one print, so that no second slip leaves it by accident."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PrintState(StrEnum):
    """How far one print job came; each step is durable before the next one starts."""

    INTENT = "intent"  # decided to print; nothing has been sent
    SENT = "sent"  # bytes are about to leave: from here on something may be on paper
    CONFIRMED = "confirmed"  # the printer said by its status that it came out
    UNKNOWN = "unknown"  # nobody confirmed it: ask the person
    FAILED = "failed"  # certain that nothing came out
    HANDED_OVER = "handed_over"  # the person has it


# What may be written over what. SENT is taken once: whoever finds it taken doesn't print. Nothing
# leads from a doubtful or printed job back to one that may be printed again.
MAY_BECOME: Mapping[PrintState, frozenset[PrintState]] = {
    PrintState.INTENT: frozenset({PrintState.SENT}),
    PrintState.FAILED: frozenset({PrintState.SENT}),
    PrintState.SENT: frozenset(
        {PrintState.CONFIRMED, PrintState.UNKNOWN, PrintState.FAILED, PrintState.HANDED_OVER}
    ),
    PrintState.UNKNOWN: frozenset({PrintState.HANDED_OVER}),
    PrintState.CONFIRMED: frozenset({PrintState.HANDED_OVER}),
    PrintState.HANDED_OVER: frozenset({PrintState.HANDED_OVER}),
}


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One job.

    `subject_id` is what the paper is about (for a slip: the submission). `copy_number` counts the
    jobs of that subject and kind from 1: every number above 1 is a copy 副本. A job of which
    nothing came out is tried again as the same job, and stays number 1.
    """

    job_id: UUID
    subject_id: UUID
    kind: str
    state: PrintState
    copy_number: int
