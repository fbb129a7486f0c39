"""What the journal allows, and what it makes of a doubtful job; see also test_paper_once."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from yici.contract.printing import JournalEntry, PrintState
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, Receipt, ReceiptPrinter
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.kiosk.receipts.print_job import (
    NextStep,
    Wish,
    hand_over,
    next_step,
    print_once,
)
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

SUBJECT = UUID(int=7)
RECEIPT = Receipt.of_picture(Image.new("1", (576, 16), 1))
JOB = JournalEntry(UUID(int=1), SUBJECT, "slip", PrintState.INTENT, 1)


class WidePrinter(ReceiptPrinter):
    """80 mm paper; nothing is ever to be printed on it."""

    @property
    def width_px(self) -> int:
        return 576

    def print_receipt(self, receipt: Receipt) -> PrintOutcome:
        raise AssertionError(f"nothing was to be printed, least of all {receipt}")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlitePrintJournal]:
    with Store.open(tmp_path / "cache.sqlite3") as store:
        journal = SqlitePrintJournal(store)
        journal.begin(JOB.job_id, SUBJECT, "slip")
        yield journal


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


def test_double_tap_prints_once(journal: SqlitePrintJournal, tmp_path: Path) -> None:
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        printer = connect(twin.address)
        first = print_once(journal, printer, JOB.job_id, RECEIPT)
        second = print_once(journal, printer, JOB.job_id, RECEIPT)
        printer.close()
        assert (first.state, second.state) == (PrintState.CONFIRMED, PrintState.CONFIRMED)
        assert second.outcome is None
        assert len(twin.slips) == 1


def test_no_paper_then_paper_gives_the_original(
    journal: SqlitePrintJournal, tmp_path: Path
) -> None:
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        printer = connect(twin.address)
        twin.set_condition(TwinCondition.PAPER_OUT)
        result = print_once(journal, printer, JOB.job_id, RECEIPT)
        assert result.state is PrintState.FAILED
        assert result.outcome is not None
        assert result.outcome.before.state is DeviceState.PAPER_OUT
        twin.clear(TwinCondition.PAPER_OUT)
        result = print_once(journal, printer, JOB.job_id, RECEIPT)
        printer.close()
        assert result.state is PrintState.CONFIRMED
        entry = journal.latest_for(SUBJECT, "slip")
        assert entry is not None
        assert entry.copy_number == 1


def test_next_process_knows_from_the_disk_what_came_out(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite3"
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        twin.set_condition(TwinCondition.CUTTER_JAM)
        with Store.open(file) as store:
            journal = SqlitePrintJournal(store)
            journal.begin(JOB.job_id, SUBJECT, "slip")
            printer = connect(twin.address)
            result = print_once(journal, printer, JOB.job_id, RECEIPT)
            printer.close()
            assert result.state is PrintState.UNKNOWN
        twin.mend()
        with Store.open(file) as store:
            journal = SqlitePrintJournal(store)
            latest = journal.latest_for(SUBJECT, "slip")
            assert next_step(latest, Wish.HAVE_ONE) is NextStep.ASK
            assert next_step(latest, Wish.MISSING) is NextStep.PRINT_COPY
            copy = journal.begin(UUID(int=2), SUBJECT, "slip")
            assert copy.copy_number == 2
            printer = connect(twin.address)
            assert print_once(journal, printer, copy.job_id, RECEIPT).state is PrintState.CONFIRMED
            printer.close()
            hand_over(journal, copy.job_id)
        with Store.open(file) as store:
            latest = SqlitePrintJournal(store).latest_for(SUBJECT, "slip")
            assert next_step(latest, Wish.HAVE_ONE) is NextStep.NOTHING


def test_another_kind_of_paper_is_not_taken_for_the_slip(journal: SqlitePrintJournal) -> None:
    journal.mark(JOB.job_id, PrintState.SENT)
    journal.mark(JOB.job_id, PrintState.CONFIRMED)
    latest = journal.latest_for(SUBJECT, "result")
    assert next_step(latest, Wish.HAVE_ONE) is NextStep.PRINT


def test_of_two_processes_that_print_at_once_one_does(
    journal: SqlitePrintJournal, tmp_path: Path
) -> None:
    class AnotherWasQuicker(SqlitePrintJournal):
        def mark(self, job_id: UUID, state: PrintState) -> bool:
            assert journal.mark(job_id, PrintState.SENT)
            return super().mark(job_id, state)

    with Store.open(tmp_path / "cache.sqlite3") as store:
        result = print_once(AnotherWasQuicker(store), WidePrinter(), JOB.job_id, RECEIPT)
    assert (result.state, result.outcome) == (PrintState.SENT, None)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(PrintState, PrintState)))
def test_nothing_leads_back_to_a_job_that_may_be_printed_again(
    journal: SqlitePrintJournal, before: PrintState, after: PrintState
) -> None:
    ways = {
        PrintState.INTENT: (),
        PrintState.SENT: (PrintState.SENT,),
        PrintState.HANDED_OVER: (PrintState.SENT, PrintState.HANDED_OVER),
    }
    for state in ways.get(before, (PrintState.SENT, before)):
        assert journal.mark(JOB.job_id, state)
    changed = journal.mark(JOB.job_id, after)
    entry = journal.find(JOB.job_id)
    assert entry is not None
    assert entry.state is (after if changed else before)
    may_be_on_paper = before not in (PrintState.INTENT, PrintState.FAILED, PrintState.SENT)
    if may_be_on_paper:
        assert next_step(entry, Wish.HAVE_ONE) is not NextStep.PRINT
    if after is PrintState.CONFIRMED:
        assert changed == (before is PrintState.SENT)


def test_a_persons_word_is_not_overwritten_by_a_late_result(
    journal: SqlitePrintJournal, tmp_path: Path
) -> None:
    class HandedOverMeanwhile(WidePrinter):
        def print_receipt(self, receipt: Receipt) -> PrintOutcome:
            assert receipt is RECEIPT
            hand_over(journal, JOB.job_id)
            status = DeviceStatus(DeviceKind.RECEIPT_PRINTER, DeviceState.UNKNOWN)
            return PrintOutcome(PrintEffect.UNKNOWN, status, status)

    result = print_once(journal, HandedOverMeanwhile(), JOB.job_id, RECEIPT)
    assert result.state is PrintState.HANDED_OVER


def test_a_driver_that_only_prints_pictures_is_enough(journal: SqlitePrintJournal) -> None:
    class PicturePrinter(ReceiptPrinter):
        width_px = 576
        picture: Image.Image | None = None

        def print_image(self, image: Image.Image) -> PrintOutcome:
            self.picture = image
            status = DeviceStatus(DeviceKind.RECEIPT_PRINTER, DeviceState.READY)
            return PrintOutcome(PrintEffect.PRINTED, status, status)

    printer = PicturePrinter()
    assert print_once(journal, printer, JOB.job_id, RECEIPT).state is PrintState.CONFIRMED
    assert printer.picture is RECEIPT.picture


def test_wrong_width_is_refused_before_anything_is_marked(journal: SqlitePrintJournal) -> None:
    narrow = Receipt.of_picture(Image.new("1", (384, 8)))
    with pytest.raises(ValueError, match="576 px wide"):
        print_once(journal, WidePrinter(), JOB.job_id, narrow)
    entry = journal.find(JOB.job_id)
    assert entry is not None
    assert entry.state is PrintState.INTENT


def test_a_job_has_to_be_begun(journal: SqlitePrintJournal) -> None:
    with pytest.raises(LookupError, match="begun"):
        print_once(journal, WidePrinter(), UUID(int=9), RECEIPT)
