"""Whatever happens to the printer, in whatever order: the outcome never lies about the paper."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from PIL import Image

from tests.drivers.receipt_printer.conftest import PATIENT
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.receipt_printer.escpos.conversation import Timing
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition

WIDTH_PX, HEIGHT_PX = 128, 150  # two bands
# A busy computer may make the driver give up too early: it may then know less, but never lie.
IMPATIENT = Timing(
    answer_timeout_s=0.15, stall_timeout_s=0.15, job_margin_s=0.2, poll_interval_s=0.02
)
CONDITIONS = st.sampled_from(TwinCondition)
ROWS = st.integers(1, 400)


def row(number: int) -> bytes:
    """What marks each row of job `number` on paper."""
    return bytes([number ^ 0xFF]) * (WIDTH_PX // 8)


class PrinterThatSuffers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name)
        self.twin = self.make_twin(path)
        self.twin.start()
        self.printer = connect(self.twin.address, width_px=WIDTH_PX, timing=IMPATIENT)
        self.effects: list[PrintEffect] = []

    def make_twin(self, directory: Path) -> EscPosTwin:
        return EscPosTwin.on_tcp(directory, width_px=WIDTH_PX, paper_mm_per_s=2000)

    @rule(condition=CONDITIONS)
    def break_now(self, condition: TwinCondition) -> None:
        self.twin.set_condition(condition)

    @rule(condition=CONDITIONS, rows=ROWS)
    def break_soon(self, condition: TwinCondition, rows: int) -> None:
        self.twin.set_condition(condition, after_rows=rows)

    @rule()
    def mend(self) -> None:
        self.twin.mend()

    @rule(rows=st.integers(0, 400))
    def pull_the_plug(self, rows: int) -> None:
        self.twin.unplug(after_rows=rows)

    @rule()
    def start_another_process(self) -> None:
        self.printer.close()
        self.printer = connect(self.twin.address, width_px=WIDTH_PX, timing=IMPATIENT)

    @precondition(lambda self: len(self.effects) < 60)
    @rule()
    def print_one(self) -> None:
        self.effects.append(self.print_number(len(self.effects) + 1))

    def print_number(self, number: int) -> PrintEffect:
        image = Image.frombytes("1", (WIDTH_PX, HEIGHT_PX), row(number) * HEIGHT_PX)
        return self.printer.print_image(image).effect

    def teardown(self) -> None:
        try:
            self.check_paper()
        finally:
            self.printer.close()
            self.twin.stop()
            self.directory.cleanup()

    def check_paper(self) -> None:
        self.twin.mend()
        self.printer.close()
        self.printer = connect(self.twin.address, width_px=WIDTH_PX, timing=PATIENT)
        assert self.print_number(255) is PrintEffect.PRINTED  # it always comes back
        rows = b""
        for slip in self.twin.slips:
            with Image.open(slip.path) as paper:
                rows += paper.tobytes()
        for number, effect in enumerate(self.effects, start=1):
            found = rows.count(row(number))
            if effect is PrintEffect.PRINTED:
                assert found == HEIGHT_PX
            elif effect is PrintEffect.NOT_PRINTED:
                assert found == 0
            else:
                assert found <= HEIGHT_PX


class SerialPrinterThatSuffers(PrinterThatSuffers):
    def make_twin(self, directory: Path) -> EscPosTwin:
        return EscPosTwin.on_serial(
            directory, directory / "printer", baud_rate=921600, width_px=WIDTH_PX,
            paper_mm_per_s=2000,
        )  # fmt: skip


class UsbPrinterThatSuffers(PrinterThatSuffers):
    def make_twin(self, directory: Path) -> EscPosTwin:
        return EscPosTwin.on_usb(
            directory, directory / "lp0", width_px=WIDTH_PX, paper_mm_per_s=2000
        )


TestTcp = PrinterThatSuffers.TestCase
TestSerial = SerialPrinterThatSuffers.TestCase
TestUsb = UsbPrinterThatSuffers.TestCase
TestTcp.settings = TestSerial.settings = TestUsb.settings = settings(
    max_examples=7, stateful_step_count=10, deadline=None
)
