"""The slip: drawn, printed through the journal, asked about when nobody can know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from yici.config.declaration import HallSettings
from yici.contract.printing import JournalEntry, PrintState
from yici.contract.submission_ids import format_slip_code, new_id
from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.receipt_printer import Receipt, ReceiptPrinter
from yici.kiosk.devices import DeviceWorker
from yici.kiosk.journeys.application import Application
from yici.kiosk.receipts.print_job import (
    NextStep,
    PrintJournal,
    PrintResult,
    Wish,
    hand_over,
    next_step,
    print_once,
)
from yici.kiosk.receipts.slip import SlipContent, make_slip
from yici.kiosk.receipts.words import SlipLanguage
from yici.kiosk.session.background import Background
from yici.kiosk.session.progress import HALL_TIME
from yici.kiosk.session.view import SubmittedView
from yici.offline_cache.cases import SlipStanding
from yici.offline_cache.errors import StoreError

SLIP_KIND = "slip"

_PHASES = {
    PrintState.CONFIRMED: "printed",
    PrintState.HANDED_OVER: "printed",
    PrintState.UNKNOWN: "ask",
    PrintState.SENT: "ask",
    PrintState.FAILED: "failed",
    PrintState.INTENT: "failed",
}


@dataclass(frozen=True, slots=True)
class SlipDesk:
    """What printing slips needs, the same for every session."""

    hall: HallSettings
    width_px: int
    printer: DeviceWorker[ReceiptPrinter]
    journal: PrintJournal
    background: Background
    find_standing: Callable[[str], SlipStanding | None]


class SlipPrinting:
    """The submitted screen's own state."""

    def __init__(self, desk: SlipDesk, settled: Callable[[], None]) -> None:
        self._desk = desk
        self._settled = settled
        self._application: Application | None = None
        self._language = SlipLanguage.CHINESE
        self._phase = "printing"
        self._printer_state = ""
        self._wish = Wish.HAVE_ONE
        self._job: JournalEntry | None = None
        self._case_number = ""

    def begin(self, application: Application, language: str) -> None:
        """Print the slip, or another one, as the journal allows."""
        self._application, self._language = application, SlipLanguage(language)
        self._phase, self._printer_state = "printing", ""
        if not self._desk.printer.configured:
            self._settle("no_printer", DeviceState.NOT_CONFIGURED.value)
            return
        self._desk.background.run(
            lambda: self._prepare(application),
            self._send,
            lambda _: self._settle("failed", ""),
        )

    def confirm_by_resident(self) -> None:
        """Asked, the resident says that the slip came out."""
        if self._job is not None and self._phase == "ask":
            job_id = self._job.job_id
            self._phase = "printed"
            self._desk.background.run(
                lambda: hand_over(self._desk.journal, job_id), lambda _: None, lambda _: None
            )

    def wipe(self) -> None:
        """Drop the resident's matter; a job under way ends by itself."""
        self._application = None

    def want_another(self) -> None:
        """Before printing again: nothing came out, or a copy is wanted."""
        self._wish = Wish.MISSING if self._phase in ("ask", "failed") else Wish.ANOTHER

    def refresh(self) -> bool:
        """Look whether the platform has acknowledged meanwhile; True when it just has."""
        application = self._application
        if application is None or self._case_number:
            return False
        self._case_number = self._find_case_number(application)
        return bool(self._case_number)

    def _find_case_number(self, application: Application) -> str:
        try:
            standing = self._desk.find_standing(application.slip_code)
        except StoreError:  # the slip then claims less, which is never wrong
            return ""
        return (standing.case_number if standing else None) or ""

    def view(self) -> SubmittedView:
        """For the screen."""
        application = self._application
        return SubmittedView(
            slip_code=format_slip_code(application.slip_code) if application else "",
            item_name=application.item.short_name if application else "",
            print_phase=self._phase,
            printer_state=self._printer_state,
            delivered=bool(self._case_number),
            case_number=self._case_number,
            copy_number=self._job.copy_number if self._job else 0,
        )

    # --- on the background's thread

    def _prepare(self, application: Application) -> tuple[UUID, Receipt] | None:
        latest = self._desk.journal.latest_for(application.submission_id, SLIP_KIND)
        step = next_step(latest, self._wish)
        if step in (NextStep.ASK, NextStep.NOTHING):
            self._job = latest
            return None
        again = latest if step is NextStep.PRINT and latest is not None else None
        self._job = again or self._desk.journal.begin(
            new_id(), application.submission_id, SLIP_KIND
        )
        return self._job.job_id, self._draw(application, self._job.copy_number)

    def _draw(self, application: Application, copy_number: int) -> Receipt:
        self._case_number = self._find_case_number(application)
        hall = self._desk.hall
        content = SlipContent(
            hall_name=hall.name,
            item_name=application.item.name,
            applicant_name=application.identity.name,
            submitted_at=datetime.now(UTC).astimezone(HALL_TIME),
            slip_code=format_slip_code(application.slip_code),
            qr_content=application.slip_code,
            case_number=self._case_number or None,
            copy_number=copy_number,
            hotline=hall.phone,
            mark=hall.mark,
            language=self._language,
        )
        return make_slip(content, self._desk.width_px)

    # --- back on the session's thread

    def _send(self, prepared: tuple[UUID, Receipt] | None) -> None:
        if prepared is None:
            self._settle(_PHASES[self._job.state] if self._job else "failed", "")
            return
        job_id, receipt = prepared
        journal = self._desk.journal
        self._desk.printer.call(
            lambda printer: _print(journal, printer, job_id, receipt),
            self._printed,
            self._unreachable,
        )

    def _printed(self, result: PrintResult) -> None:
        outcome = result.outcome
        state = "" if outcome is None else outcome.after.state.value
        self._settle(_PHASES[result.state], state)

    def _unreachable(self, status: DeviceStatus) -> None:
        self._settle("failed", status.state.value)

    def _settle(self, phase: str, printer_state: str) -> None:
        self._phase, self._printer_state = phase, printer_state
        self._settled()


def _print(
    journal: PrintJournal, printer: ReceiptPrinter, job_id: UUID, receipt: Receipt
) -> PrintResult:
    try:
        return print_once(journal, printer, job_id, receipt)
    except StoreError:  # the journal broke off somewhere around the paper: nobody can know
        return PrintResult(PrintState.UNKNOWN, None)
