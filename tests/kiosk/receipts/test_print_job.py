"""Paper happens once: whatever the printer does and wherever the power is cut."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from yici.contract.printing import JournalEntry, PrintState
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, ReceiptPrinter
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.kiosk.receipts.print_job import (
    NextStep,
    PrintJournal,
    Wish,
    hand_over,
    next_step,
    print_once,
)
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

SUBJECT = UUID(int=7)
IMAGE = Image.new("1", (576, 16), 1)
JOB = JournalEntry(UUID(int=1), SUBJECT, "slip", PrintState.INTENT, 1)


class PowerCutError(Exception):
    """The process ends here."""


class MemoryJournal(PrintJournal):
    """A journal whose power can be cut before or after the n-th write."""

    def __init__(self) -> None:
        self.entries: dict[UUID, JournalEntry] = {}
        self.writes_left = 10_000
        self.writes_then = False  # whether the last write still gets through

    def begin(self, job_id: UUID, subject_id: UUID, kind: str) -> JournalEntry:
        number = 1 + sum(entry.subject_id == subject_id for entry in self.entries.values())
        entry = JournalEntry(job_id, subject_id, kind, PrintState.INTENT, number)
        return self.entries.setdefault(job_id, entry)

    def mark(self, job_id: UUID, state: PrintState) -> None:
        self.writes_left -= 1
        if self.writes_left >= 0 or self.writes_then:
            entry = self.entries[job_id]
            self.entries[job_id] = JournalEntry(
                job_id, entry.subject_id, entry.kind, state, entry.copy_number
            )
        if self.writes_left < 0:
            raise PowerCutError

    def find(self, job_id: UUID) -> JournalEntry | None:
        return self.entries.get(job_id)

    def latest_for(self, subject_id: UUID) -> JournalEntry | None:
        found = [entry for entry in self.entries.values() if entry.subject_id == subject_id]
        return found[-1] if found else None


class PaperCounter(ReceiptPrinter):
    """Does what it is told, and counts what really came out."""

    def __init__(self, plan: list[tuple[PrintEffect, bool]]) -> None:
        self._plan = iter(plan)
        self.originals = self.copies = 0
        self.prints_copies = False

    @property
    def width_px(self) -> int:
        return 576

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceKind.RECEIPT_PRINTER, DeviceState.READY)

    def print_image(self, image: Image.Image) -> PrintOutcome:
        assert image.width == self.width_px
        effect, came_out = next(self._plan, (PrintEffect.PRINTED, True))
        if effect is PrintEffect.PRINTED or (effect is PrintEffect.UNKNOWN and came_out):
            if self.prints_copies:
                self.copies += 1
            else:
                self.originals += 1
        return PrintOutcome(effect, self.status(), self.status())

    def close(self) -> None:
        pass


EXPECTED = {
    (None, Wish.HAVE_ONE): NextStep.PRINT,
    (None, Wish.ANOTHER): NextStep.PRINT,
    (None, Wish.MISSING): NextStep.PRINT,
    (PrintState.INTENT, Wish.HAVE_ONE): NextStep.PRINT,
    (PrintState.INTENT, Wish.ANOTHER): NextStep.PRINT,
    (PrintState.INTENT, Wish.MISSING): NextStep.PRINT,
    (PrintState.FAILED, Wish.HAVE_ONE): NextStep.PRINT,
    (PrintState.FAILED, Wish.ANOTHER): NextStep.PRINT,
    (PrintState.FAILED, Wish.MISSING): NextStep.PRINT,
    (PrintState.SENT, Wish.HAVE_ONE): NextStep.ASK,
    (PrintState.SENT, Wish.ANOTHER): NextStep.ASK,
    (PrintState.SENT, Wish.MISSING): NextStep.PRINT_COPY,
    (PrintState.UNKNOWN, Wish.HAVE_ONE): NextStep.ASK,
    (PrintState.UNKNOWN, Wish.ANOTHER): NextStep.ASK,
    (PrintState.UNKNOWN, Wish.MISSING): NextStep.PRINT_COPY,
    (PrintState.CONFIRMED, Wish.HAVE_ONE): NextStep.NOTHING,
    (PrintState.CONFIRMED, Wish.ANOTHER): NextStep.PRINT_COPY,
    (PrintState.CONFIRMED, Wish.MISSING): NextStep.PRINT_COPY,
    (PrintState.HANDED_OVER, Wish.HAVE_ONE): NextStep.NOTHING,
    (PrintState.HANDED_OVER, Wish.ANOTHER): NextStep.PRINT_COPY,
    (PrintState.HANDED_OVER, Wish.MISSING): NextStep.PRINT_COPY,
}


@pytest.mark.parametrize(
    ("state", "wish"), list(itertools.product((None, *PrintState), Wish)), ids=str
)
def test_decision_table_is_complete(state: PrintState | None, wish: Wish) -> None:
    latest = None if state is None else JournalEntry(UUID(int=1), SUBJECT, "slip", state, 1)
    assert next_step(latest, wish) is EXPECTED[state, wish]


@settings(deadline=None)
@given(
    plan=st.lists(st.tuples(st.sampled_from(PrintEffect), st.booleans()), max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=4),
    taps=st.lists(st.sampled_from(("have_one", "another", "crash")), max_size=8),
)
def test_never_a_second_original(
    plan: list[tuple[PrintEffect, bool]],
    cuts: list[tuple[int, bool]],
    taps: list[str],
) -> None:
    journal, printer, power_cuts = MemoryJournal(), PaperCounter(plan), iter(cuts)
    numbers = itertools.count(1)
    for tap in taps:
        if tap == "crash":
            journal.writes_left, journal.writes_then = next(power_cuts, (10_000, False))
            continue
        try:
            press(journal, printer, Wish(tap), numbers)
        except PowerCutError:
            journal.writes_left = 10_000
    assert printer.originals <= 1
    assert printer.copies == 0 or len(journal.entries) > 1


def press(
    journal: MemoryJournal, printer: PaperCounter, wish: Wish, numbers: Iterator[int]
) -> None:
    """The way a journey uses the table; a person who is asked says what is true, or no."""
    latest = journal.latest_for(SUBJECT)
    step = next_step(latest, wish)
    if latest is not None and step is NextStep.ASK:
        if printer.originals:
            hand_over(journal, latest.job_id)
            return
        step = next_step(latest, Wish.MISSING)
    if step is NextStep.NOTHING:
        return
    if step is NextStep.PRINT_COPY or latest is None:
        latest = journal.begin(UUID(int=next(numbers)), SUBJECT, "slip")
    printer.prints_copies = latest.copy_number > 1
    print_once(journal, printer, latest.job_id, IMAGE)


def test_double_tap_prints_once(tmp_path: Path) -> None:
    journal = MemoryJournal()
    journal.begin(JOB.job_id, SUBJECT, "slip")
    with EscPosTwin.on_tcp(tmp_path) as twin:
        printer = connect(twin.address)
        first = print_once(journal, printer, JOB.job_id, IMAGE)
        second = print_once(journal, printer, JOB.job_id, IMAGE)
        printer.close()
        assert (first.state, second.state) == (PrintState.CONFIRMED, PrintState.CONFIRMED)
        assert second.outcome is None
        assert len(twin.slips) == 1


def test_no_paper_then_paper_gives_the_original(tmp_path: Path) -> None:
    journal = MemoryJournal()
    journal.begin(JOB.job_id, SUBJECT, "slip")
    with EscPosTwin.on_tcp(tmp_path) as twin:
        printer = connect(twin.address)
        twin.set_condition(TwinCondition.PAPER_OUT)
        result = print_once(journal, printer, JOB.job_id, IMAGE)
        assert result.state is PrintState.FAILED
        assert result.outcome is not None
        assert result.outcome.before.state is DeviceState.PAPER_OUT
        twin.clear(TwinCondition.PAPER_OUT)
        result = print_once(journal, printer, JOB.job_id, IMAGE)
        printer.close()
        assert result.state is PrintState.CONFIRMED
        entry = journal.latest_for(SUBJECT)
        assert entry is not None
        assert entry.copy_number == 1


def test_power_cut_while_printing_leaves_a_question(tmp_path: Path) -> None:
    journal = MemoryJournal()
    journal.begin(JOB.job_id, SUBJECT, "slip")
    journal.writes_left = 1  # SENT is written, CONFIRMED is not
    with EscPosTwin.on_tcp(tmp_path) as twin:
        printer = connect(twin.address)
        with pytest.raises(PowerCutError):
            print_once(journal, printer, JOB.job_id, IMAGE)
        printer.close()
    assert next_step(journal.latest_for(SUBJECT), Wish.HAVE_ONE) is NextStep.ASK


def test_next_process_knows_from_the_disk_what_came_out(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite3"
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        twin.set_condition(TwinCondition.CUTTER_JAM)
        with Store.open(file) as store:
            journal = SqlitePrintJournal(store)
            journal.begin(JOB.job_id, SUBJECT, "slip")
            printer = connect(twin.address)
            result = print_once(journal, printer, JOB.job_id, IMAGE)
            printer.close()
            assert result.state is PrintState.UNKNOWN
        twin.mend()
        with Store.open(file) as store:
            journal = SqlitePrintJournal(store)
            assert next_step(journal.latest_for(SUBJECT), Wish.HAVE_ONE) is NextStep.ASK
            assert next_step(journal.latest_for(SUBJECT), Wish.MISSING) is NextStep.PRINT_COPY
            copy = journal.begin(UUID(int=2), SUBJECT, "slip")
            assert copy.copy_number == 2
            printer = connect(twin.address)
            assert print_once(journal, printer, copy.job_id, IMAGE).state is PrintState.CONFIRMED
            printer.close()
            hand_over(journal, copy.job_id)
        with Store.open(file) as store:
            latest = SqlitePrintJournal(store).latest_for(SUBJECT)
            assert next_step(latest, Wish.HAVE_ONE) is NextStep.NOTHING


def test_wrong_width_is_refused_before_anything_is_marked() -> None:
    journal = MemoryJournal()
    journal.begin(JOB.job_id, SUBJECT, "slip")
    with pytest.raises(ValueError, match="576 px wide"):
        print_once(journal, PaperCounter([]), JOB.job_id, Image.new("1", (384, 8)))
    assert journal.entries[JOB.job_id].state is PrintState.INTENT


def test_a_job_has_to_be_begun() -> None:
    with pytest.raises(LookupError, match="begun"):
        print_once(MemoryJournal(), PaperCounter([]), UUID(int=9), IMAGE)
