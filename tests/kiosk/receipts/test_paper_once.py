"""Paper happens once: a model of journal, printer and person, cut off at every durable step.

The journal is the real one on a real file, and each restart opens it anew. The printer is a model
that does what the driver's contract allows, and keeps count of what it really put on paper. The
person may be right, wrong or gone.
"""

import tempfile
from dataclasses import dataclass
from enum import Enum
from itertools import count
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PIL import Image

from yici.contract.printing import JournalEntry, PrintState
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, Receipt, ReceiptPrinter
from yici.kiosk.receipts.print_job import (
    NextStep,
    PrintResult,
    Wish,
    hand_over,
    next_step,
    print_once,
)
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

SUBJECT = UUID(int=7)
KIND = "slip"
WELL = DeviceStatus(DeviceKind.RECEIPT_PRINTER, DeviceState.READY)


class PowerCutError(Exception):
    """The process ends here."""


class Moment(Enum):
    """When the power goes."""

    BEFORE_THE_WRITE = "before"
    AFTER_THE_WRITE = "after"


class OnPaper(Enum):
    NOTHING = 0
    PART = 1
    ALL = 2


@dataclass(frozen=True)
class Fate:
    """What the printer does with one job. `effect` None: the process dies meanwhile."""

    paper: OnPaper
    effect: PrintEffect | None


# everything that the driver's contract allows, and death in every phase
FATES = [
    Fate(OnPaper.ALL, PrintEffect.PRINTED),
    Fate(OnPaper.NOTHING, PrintEffect.NOT_PRINTED),
    *(Fate(paper, PrintEffect.UNKNOWN) for paper in OnPaper),
    *(Fate(paper, None) for paper in OnPaper),
]


class CuttableJournal(SqlitePrintJournal):
    """Dies at its n-th write from now, right before or right after it has become durable."""

    writes_left = 10**9
    moment = Moment.BEFORE_THE_WRITE

    def _die_before(self) -> None:
        self.writes_left -= 1
        if self.writes_left == 0 and self.moment is Moment.BEFORE_THE_WRITE:
            raise PowerCutError

    def _die_after(self) -> None:
        if self.writes_left == 0:
            raise PowerCutError

    def begin(self, job_id: UUID, subject_id: UUID, kind: str) -> JournalEntry:
        self._die_before()
        entry = super().begin(job_id, subject_id, kind)
        self._die_after()
        return entry

    def mark(self, job_id: UUID, state: PrintState) -> bool:
        self._die_before()
        changed = super().mark(job_id, state)
        self._die_after()
        return changed


class ModelPrinter(ReceiptPrinter):
    """Keeps what came out: a list of (which copy it says it is, how much of it)."""

    def __init__(self) -> None:
        self.paper: list[tuple[int, OnPaper]] = []
        self.confirmed: set[int] = set()
        self.fate = FATES[0]

    @property
    def width_px(self) -> int:
        return 576

    def print_receipt(self, receipt: Receipt) -> PrintOutcome:
        copy_number = receipt.picture.height  # how this test marks 副本
        if self.fate.paper is not OnPaper.NOTHING:
            self.paper.append((copy_number, self.fate.paper))
        if self.fate.effect is None:
            raise PowerCutError
        if self.fate.effect is PrintEffect.PRINTED:
            self.confirmed.add(copy_number)
        return PrintOutcome(self.fate.effect, WELL, WELL)

    @property
    def whole(self) -> set[int]:
        return {number for number, much in self.paper if much is OnPaper.ALL}


class Person(Enum):
    TRUTHFUL = "truthful"
    SAYS_YES = "says_yes"
    SAYS_NO = "says_no"
    GONE = "gone"


class PaperOnce(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.printer = ModelPrinter()
        self.numbers = count(1)
        self.words: set[UUID] = set()  # jobs of which a person said that they have it
        self.open()

    def open(self) -> None:
        self.store = Store.open(Path(self.directory.name) / "cache.sqlite3")
        self.journal = CuttableJournal(self.store)

    def restart(self) -> None:
        self.store.close()
        self.open()

    # --- the way that a journey goes

    def press(self, wish: Wish) -> PrintResult | NextStep:
        latest = self.journal.latest_for(SUBJECT, KIND)
        step = next_step(latest, wish)
        if step in (NextStep.ASK, NextStep.NOTHING):
            return step
        if step is NextStep.PRINT_COPY or latest is None:
            latest = self.journal.begin(UUID(int=next(self.numbers)), SUBJECT, KIND)
        receipt = Receipt.of_picture(Image.new("1", (576, latest.copy_number), 1))
        return print_once(self.journal, self.printer, latest.job_id, receipt)

    def have_one(self, person: Person) -> PrintResult | NextStep:
        """There should be a slip; in doubt the person is asked."""
        said = self.press(Wish.HAVE_ONE)
        if said is not NextStep.ASK:
            return said
        latest = self.journal.latest_for(SUBJECT, KIND)
        assert latest is not None
        has_it = person is Person.SAYS_YES or (
            person is Person.TRUTHFUL and latest.copy_number in self.printer.whole
        )
        if person is Person.GONE:
            return NextStep.ASK
        if has_it:
            self.words.add(latest.job_id)
            hand_over(self.journal, latest.job_id)
            return NextStep.NOTHING
        return self.press(Wish.MISSING)

    # --- what happens

    @rule(
        fate=st.sampled_from(FATES),
        person=st.sampled_from(Person),
        cut_at=st.integers(0, 5),
        moment=st.sampled_from(Moment),
    )
    def slip_is_wanted(self, fate: Fate, person: Person, cut_at: int, moment: Moment) -> None:
        self.printer.fate = fate
        self.cut_at(cut_at, moment)
        try:
            said = self.have_one(person)
        except PowerCutError:
            self.restart()
            return
        self.journal.writes_left = 10**9
        self.check_said(said)

    @rule(fate=st.sampled_from(FATES), cut_at=st.integers(0, 4), moment=st.sampled_from(Moment))
    def another_is_wanted(self, fate: Fate, cut_at: int, moment: Moment) -> None:
        self.printer.fate = fate
        self.cut_at(cut_at, moment)
        try:
            said = self.press(Wish.ANOTHER)
        except PowerCutError:
            self.restart()
            return
        self.journal.writes_left = 10**9
        self.check_said(said)

    @rule()
    def power_is_cut_while_idle(self) -> None:
        self.restart()

    def cut_at(self, number: int, moment: Moment) -> None:
        """The power goes at the `number`-th write; 0: it doesn't."""
        self.journal.writes_left = number or 10**9
        self.journal.moment = moment

    def check_said(self, said: PrintResult | NextStep) -> None:
        """What the screen shows is never "printed" without a reason, nor nothing at all."""
        latest = self.journal.latest_for(SUBJECT, KIND)
        assert latest is not None
        if isinstance(said, PrintResult):
            assert said.state is latest.state
            assert said.state is not PrintState.INTENT
            if said.state is PrintState.CONFIRMED:
                assert latest.copy_number in self.printer.confirmed
            if said.state is PrintState.FAILED:
                assert latest.copy_number not in {number for number, _ in self.printer.paper}
        elif said is NextStep.NOTHING:
            assert latest.copy_number in self.printer.confirmed or latest.job_id in self.words
        else:
            assert said is NextStep.ASK
            assert latest.state in (PrintState.SENT, PrintState.UNKNOWN)

    # --- what always holds

    @invariant()
    def never_two_originals_nor_two_of_any_number(self) -> None:
        numbers = [number for number, _ in self.printer.paper]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def never_printed_without_a_confirmation(self) -> None:
        for number in range(1, 40):
            entry = self.journal.find(UUID(int=number))
            if entry is None:
                continue
            on_paper = {copy for copy, _ in self.printer.paper}
            if entry.state is PrintState.CONFIRMED:
                assert entry.copy_number in self.printer.confirmed & self.printer.whole
            if entry.state is PrintState.HANDED_OVER:
                assert entry.job_id in self.words
            if entry.state in (PrintState.INTENT, PrintState.FAILED):
                assert entry.copy_number not in on_paper

    def teardown(self) -> None:
        """A well printer and a truthful person: at the end there is a slip, always."""
        try:
            self.journal.writes_left = 10**9
            self.printer.fate = FATES[0]
            for _ in range(3):
                if self.have_one(Person.TRUTHFUL) is NextStep.NOTHING:
                    break
            latest = self.journal.latest_for(SUBJECT, KIND)
            assert latest is not None
            assert latest.state in (PrintState.CONFIRMED, PrintState.HANDED_OVER)
            if latest.job_id not in self.words:
                assert latest.copy_number in self.printer.whole
            self.never_two_originals_nor_two_of_any_number()
        finally:
            self.store.close()
            self.directory.cleanup()


TestPaperOnce = PaperOnce.TestCase
TestPaperOnce.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
