"""The ESC/POS receipt printer over TCP, a serial line or USB.

    printer = connect("tcp://192.0.2.7:9100")
    outcome = printer.print_receipt(receipt)

A job counts as printed only when the printer has answered a question that stood behind the cut in
its own buffer, and then says that it is well. The line is opened by the first call and again by
the next one after it was lost.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from yici.drivers.device import (
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
)
from yici.drivers.receipt_printer import (
    PrintEffect,
    PrintMode,
    PrintOutcome,
    Receipt,
    ReceiptPrinter,
)
from yici.drivers.receipt_printer.escpos.address import (
    SerialAddress,
    TcpAddress,
    UsbAddress,
    parse_address,
)
from yici.drivers.receipt_printer.escpos.conversation import (
    ByteLine,
    Conversation,
    StalledError,
    Timing,
)
from yici.drivers.receipt_printer.escpos.job import CUT_OFF, Job, in_steps, make_job
from yici.drivers.receipt_printer.escpos.raster import BAND_ROWS
from yici.drivers.receipt_printer.escpos.status import printer_status
from yici.drivers.transports.serial_line import FlowControl, LineFault, LineLost, SerialLine
from yici.drivers.transports.tcp import TcpLine
from yici.drivers.transports.usb_printer_file import UsbPrinterFile

ROWS_PER_MM = 8  # 203 dpi
SLOWEST_PAPER_MM_PER_S = 40
_SMALLEST_STEP_BYTES = 256

_STATE_OF_FAULT = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.IN_USE: DeviceState.BUSY,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
}


@dataclass(frozen=True, slots=True)
class Port:
    """How to open the printer's line, and how many bytes a second it carries at best."""

    kind: str
    open_line: Callable[[], ByteLine]
    bytes_per_s: float


@dataclass(slots=True)
class _Facts:
    """What diagnostics tell: counts and machine words, nothing of what was printed."""

    model: str = ""
    status_bytes: str = ""
    port_status: str = ""
    last_trouble: str = ""
    printed: int = 0
    not_printed: int = 0
    unknown: int = 0
    last_job_bytes: int = 0
    last_job_ms: int = 0


class EscPosPrinter(ReceiptPrinter):
    """One printer; used from one thread."""

    def __init__(
        self,
        port: Port,
        *,
        width_px: int = 576,
        mode: PrintMode = PrintMode.RASTER,
        timing: Timing | None = None,
    ) -> None:
        self._port = port
        self._width_px = width_px
        self._mode = mode
        self._timing = timing or Timing()
        self._conversation: Conversation | None = None
        self._piece_hangs_out = False
        self._late_answers_may_come = False
        self._facts = _Facts()

    @property
    def width_px(self) -> int:
        """Printable width in dots."""
        return self._width_px

    def status(self) -> DeviceStatus:
        """Ask the printer; never raises."""
        was_open = self._conversation is not None
        status = self._ask_status()
        if was_open and status.state is DeviceState.DISCONNECTED:
            # printers drop connections that were idle for a while: that alone is no fault
            status = self._ask_status()
        return status

    def print_image(self, image: Image.Image) -> PrintOutcome:
        """Print one picture (mode "1" or "L", exactly `width_px` wide), feed and cut."""
        return self.print_receipt(Receipt.of_picture(image))

    def print_receipt(self, receipt: Receipt) -> PrintOutcome:
        """Print one receipt, feed and cut.

        Raises ValueError for a picture of another width or mode; everything else is an outcome.
        """
        job = make_job(receipt, self._width_px, self._mode)
        started_s = time.monotonic()
        outcome = self._print(job)
        facts = self._facts
        facts.last_job_bytes = job.size_bytes
        facts.last_job_ms = round(1000 * (time.monotonic() - started_s))
        match outcome.effect:
            case PrintEffect.PRINTED:
                facts.printed += 1
            case PrintEffect.NOT_PRINTED:
                facts.not_printed += 1
            case PrintEffect.UNKNOWN:
                facts.unknown += 1
        return outcome

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Does it answer, does it say the same twice, does it confirm, who is it; no paper moves.

        A printer that doesn't tell its model, or a line without a port status, is NOT_DONE.
        """
        steps = [answers(self.status())]
        for code, test in (
            ("escpos.steady", self._test_steadiness),
            ("escpos.fence", self._test_fence),
            ("escpos.model", self._test_model),
        ):
            failed = any(step.outcome is StepOutcome.FAILED for step in steps)
            outcome, detail = (StepOutcome.NOT_DONE, "") if failed else test()
            steps.append(SelfTestStep(code, outcome, detail))
        # the port answers for a printer that is ill, too
        outcome, detail = self._test_port()
        return (*steps, SelfTestStep("usb.port_status", outcome, detail))

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`; `status_bytes` and `model` are what the printer said last."""
        facts = self._facts
        return {
            "driver": "escpos",
            "line": self._port.kind,
            "line_open": int(self._conversation is not None),
            "mode": self._mode.value,
            "width_px": self._width_px,
            "model": facts.model,
            "status_bytes": facts.status_bytes,
            "port_status": facts.port_status,
            "last_trouble": facts.last_trouble,
            "jobs_printed": facts.printed,
            "jobs_not_printed": facts.not_printed,
            "jobs_unknown": facts.unknown,
            "last_job_bytes": facts.last_job_bytes,
            "last_job_ms": facts.last_job_ms,
        }

    def close(self) -> None:
        """Give the line back; may be called twice."""
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def _test_steadiness(self) -> tuple[StepOutcome, str]:
        """Whether the printer gives the same four bytes again; the detail is the bytes."""
        first = self._facts.status_bytes
        self.status()
        same = bool(first) and first == self._facts.status_bytes
        return StepOutcome.PASSED if same else StepOutcome.FAILED, self._facts.status_bytes

    def _test_fence(self) -> tuple[StepOutcome, str]:
        """Whether it would confirm a job: it answers a question in its buffer's order."""
        if self._conversation is None:
            return StepOutcome.FAILED, "line.lost"
        unfit = self._synchronise(self._conversation)
        return (StepOutcome.PASSED, "") if unfit is None else (StepOutcome.FAILED, unfit.code)

    def _test_model(self) -> tuple[StepOutcome, str]:
        if self._conversation is None:
            return StepOutcome.NOT_DONE, ""
        try:
            self._facts.model = self._conversation.find_model()
        except LineLost:
            self.close()
        found = bool(self._facts.model)
        return StepOutcome.PASSED if found else StepOutcome.NOT_DONE, self._facts.model

    def _test_port(self) -> tuple[StepOutcome, str]:
        try:
            if self._conversation is None:
                self._conversation = Conversation(self._port.open_line(), self._timing)
            port_status = self._conversation.find_port_status()
        except LineLost:
            return StepOutcome.NOT_DONE, ""
        if port_status is None:
            return StepOutcome.NOT_DONE, ""
        self._facts.port_status = f"{port_status:02X}"
        return StepOutcome.PASSED, self._facts.port_status

    def _print(self, job: Job) -> PrintOutcome:
        before = self.status()
        if not before.works or self._conversation is None:
            return PrintOutcome(PrintEffect.NOT_PRINTED, before, before)
        unfit = self._synchronise(self._conversation)
        if unfit is not None:
            return PrintOutcome(PrintEffect.NOT_PRINTED, before, unfit)
        confirmed = self._run_job(self._conversation, job)
        after = self.status()
        if confirmed and after.works:
            return PrintOutcome(PrintEffect.PRINTED, before, after)
        if not confirmed:
            self._abandon_job()
        return PrintOutcome(PrintEffect.UNKNOWN, before, after)

    def _synchronise(self, conversation: Conversation) -> DeviceStatus | None:
        """What keeps the printer from starting a job although its status is well; or None."""
        filler = bytes(BAND_ROWS * ((self._width_px + 7) // 8))
        try:
            if conversation.synchronise(filler, 1.5 * len(filler) / self._port.bytes_per_s):
                return None
        except (LineLost, StalledError):
            self.close()
        status = self.status()
        self.close()
        self._late_answers_may_come = True
        if status.works:
            status = printer_status(DeviceState.UNKNOWN, "escpos.no_fence")
        self._facts.last_trouble = status.code
        return status

    def _run_job(self, conversation: Conversation, job: Job) -> bool:
        """Whether the printer came to the end of it within the deadline."""
        # the next person must not get the last one's half slip on top of theirs
        pieces = (CUT_OFF, *job.pieces) if self._piece_hangs_out else job.pieces
        # a second of the line at most, so that a slow line is not taken for a stalled printer
        step_bytes = max(_SMALLEST_STEP_BYTES, int(self._port.bytes_per_s))
        deadline_s = time.monotonic() + self._job_limit_s(job)
        self._piece_hangs_out = True
        try:
            conversation.send(in_steps(pieces, step_bytes), deadline_s)
            self._piece_hangs_out = not conversation.await_fence(deadline_s)
        except (LineLost, StalledError):
            self.close()
        return not self._piece_hangs_out

    def _job_limit_s(self, job: Job) -> float:
        wire_s = 1.5 * (job.size_bytes + len(CUT_OFF)) / self._port.bytes_per_s
        paper_s = job.height_px / ROWS_PER_MM / SLOWEST_PAPER_MM_PER_S
        return wire_s + paper_s + self._timing.job_margin_s

    def _abandon_job(self) -> None:
        if self._conversation is not None:
            # a lost line here means that power or cable went, and the printer's memory with it
            with contextlib.suppress(LineLost):
                self._conversation.clear_printer()
            self.close()

    def _ask_status(self) -> DeviceStatus:
        try:
            if self._conversation is None:
                self._conversation = Conversation(
                    self._port.open_line(),
                    self._timing,
                    late_answers_may_come=self._late_answers_may_come,
                )
            status = self._conversation.ask_status()
            self._facts.status_bytes = self._conversation.status_bytes
        except LineLost as lost:
            self.close()
            status = printer_status(_STATE_OF_FAULT[lost.fault], f"line.{lost.fault.value}")
        if not status.works:
            self._facts.last_trouble = status.code
        # a late answer must not be taken for the next question's
        self._late_answers_may_come = status.state is DeviceState.UNKNOWN
        if status.state in (DeviceState.UNKNOWN, DeviceState.WRONG_SETTING):
            self.close()
        return status


def connect(
    address: str,
    *,
    width_px: int = 576,
    mode: str = PrintMode.RASTER,
    flow_control: FlowControl = FlowControl.NONE,
    timing: Timing | None = None,
) -> EscPosPrinter:
    """A printer at `tcp://HOST:PORT`, `serial:PATH[@BAUD]` or `usb:PATH`.

    Opens nothing yet, so it works with a printer that is switched off. Raises ValueError with a
    sentence for an address that can't be one, a width that no printer has, or an unknown mode.
    """
    if not 8 <= width_px <= 2048:
        raise ValueError(f"a receipt printer is 8 to 2048 px wide, not {width_px}")
    if mode not in set(PrintMode):
        raise ValueError(f"a receipt is printed as {' or '.join(PrintMode)}, not as {mode!r}")
    port = _port(parse_address(address), flow_control)
    return EscPosPrinter(port, width_px=width_px, mode=PrintMode(mode), timing=timing)


def _port(address: TcpAddress | SerialAddress | UsbAddress, flow_control: FlowControl) -> Port:
    match address:
        case TcpAddress(host, port):
            return Port("tcp", lambda: TcpLine(host, port), bytes_per_s=1_000_000)
        case UsbAddress(path):
            return Port("usb", lambda: UsbPrinterFile(path), bytes_per_s=1_000_000)
        case SerialAddress(path, baud_rate):
            return Port(
                "serial",
                lambda: SerialLine(path, baud_rate=baud_rate, flow_control=flow_control),
                bytes_per_s=baud_rate / 10,
            )
