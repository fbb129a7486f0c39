"""Paper happens once: a print goes through the journal, and a doubtful one is asked about.

    match next_step(journal.latest_for(submission_id, "slip"), Wish.HAVE_ONE):
        case NextStep.PRINT: the job of that entry (a new one where there is none), print_once(…)
        case NextStep.ASK: "did it come out?"; yes → hand_over(…), no → next_step(…, Wish.MISSING)
        case NextStep.PRINT_COPY: a new job, its receipt made with the entry's copy_number
        case NextStep.NOTHING: the person has it

Every state is durable before the next step is taken, so whatever a power cut leaves behind says
at least how far the paper may have come.

HANDED_OVER is a person's word. The status bytes of DLE EOT know whether paper is in the printer,
not whether a slip hangs from it or was taken; printers with a presenter say that in a language of
their own maker's, which no driver here speaks. So CONFIRMED is as far as a printer alone gets.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from yici.contract.printing import JournalEntry, PrintState
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, Receipt, ReceiptPrinter


class PrintJournal(Protocol):
    """Where jobs are remembered; a call that writes returns only when that is durable."""

    def begin(self, job_id: UUID, subject_id: UUID, kind: str) -> JournalEntry:
        """A new job in state INTENT; one that is there already is returned as it is."""
        ...

    def mark(self, job_id: UUID, state: PrintState) -> bool:
        """How far the job came; False when MAY_BECOME doesn't lead there from where it is."""
        ...

    def find(self, job_id: UUID) -> JournalEntry | None:
        """The job, if it was begun."""
        ...

    def latest_for(self, subject_id: UUID, kind: str) -> JournalEntry | None:
        """The job begun last for a kind of paper about a subject."""
        ...


class Wish(StrEnum):
    """What the person, or the journey for them, asks for."""

    HAVE_ONE = "have_one"  # there should be a slip
    ANOTHER = "another"  # there is one, and another is wanted
    MISSING = "missing"  # the person was asked and says that nothing came out


class NextStep(StrEnum):
    """What to do about it."""

    PRINT = "print"
    ASK = "ask"  # the journal can't know whether it came out
    PRINT_COPY = "print_copy"  # as 副本, because there may be one already
    NOTHING = "nothing"


_SAFE_TO_PRINT = dict.fromkeys(Wish, NextStep.PRINT)
_DOUBTFUL = {
    Wish.HAVE_ONE: NextStep.ASK,
    Wish.ANOTHER: NextStep.ASK,
    Wish.MISSING: NextStep.PRINT_COPY,
}
_ON_PAPER = {
    Wish.HAVE_ONE: NextStep.NOTHING,
    Wish.ANOTHER: NextStep.PRINT_COPY,
    Wish.MISSING: NextStep.PRINT_COPY,
}
_NEXT_STEP: dict[PrintState | None, dict[Wish, NextStep]] = {
    None: _SAFE_TO_PRINT,
    PrintState.INTENT: _SAFE_TO_PRINT,
    PrintState.FAILED: _SAFE_TO_PRINT,
    PrintState.SENT: _DOUBTFUL,
    PrintState.UNKNOWN: _DOUBTFUL,
    PrintState.CONFIRMED: _ON_PAPER,
    PrintState.HANDED_OVER: _ON_PAPER,
}

_STATE_AFTER = {
    PrintEffect.PRINTED: PrintState.CONFIRMED,
    PrintEffect.NOT_PRINTED: PrintState.FAILED,
    PrintEffect.UNKNOWN: PrintState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class PrintResult:
    """Where the job stands now, and what the printer said; None when it was not asked."""

    state: PrintState
    outcome: PrintOutcome | None


def next_step(latest: JournalEntry | None, wish: Wish) -> NextStep:
    """What to do for a subject whose last job is `latest`.

    PRINT means that job again where there is one: nothing of it is on paper, so it stays the
    original. PRINT_COPY means a new job.
    """
    return _NEXT_STEP[latest.state if latest else None][wish]


def print_once(
    journal: PrintJournal, printer: ReceiptPrinter, job_id: UUID, receipt: Receipt
) -> PrintResult:
    """Print `receipt` for a job that was begun, unless something of it may be on paper already.

    So a second call with the same `job_id`, a double tap or a retry, prints nothing and tells
    how the job stands; of two processes that call at once, one prints. Raises LookupError for a
    job that was not begun and ValueError, before anything is marked or sent, for a receipt of
    another width.
    """
    entry = _get(journal, job_id)
    if next_step(entry, Wish.HAVE_ONE) is not NextStep.PRINT:
        return PrintResult(entry.state, None)
    if any(strip.picture.width != printer.width_px for strip in receipt.strips):
        raise ValueError(
            f"the printer is {printer.width_px} px wide, the receipt {receipt.width_px}"
        )
    if not journal.mark(job_id, PrintState.SENT):  # another process took it a moment ago
        return PrintResult(_get(journal, job_id).state, None)
    outcome = printer.print_receipt(receipt)
    state = _STATE_AFTER[outcome.effect]
    if not journal.mark(job_id, state):  # meanwhile a person has said that they have it
        state = _get(journal, job_id).state
    return PrintResult(state, outcome)


def hand_over(journal: PrintJournal, job_id: UUID) -> None:
    """The person has the paper: taken from the printer, or said so when asked."""
    journal.mark(job_id, PrintState.HANDED_OVER)


def _get(journal: PrintJournal, job_id: UUID) -> JournalEntry:
    entry = journal.find(job_id)
    if entry is None:
        raise LookupError(f"print job {job_id} has to be begun before it can be printed")
    return entry
