"""One session from the goodbye before it to its own end, in which a device fails in every state."""

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

import numpy as np
from driver import SessionDriver
from enrolled_terminal import enrol, stock_catalogue
from fault_table import STATES, STATUS_ONLY, Fault, Outcome, outcome_of

from yici.config.declaration import (
    HallSettings,
    StorageSettings,
    TerminalSettings,
)
from yici.config.device_tables import device_table
from yici.contract.printing import JournalEntry
from yici.contract.submission_ids import format_slip_code, new_slip_code
from yici.drivers.code_reader.camera.twin import draw_qr_code
from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.twin_scene import View
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin
from yici.drivers.registry import get_driver, load_twin
from yici.drivers.twin import NO_FAULT, Twin
from yici.drivers.twin_panel.desk import USUAL_DRIVERS
from yici.kiosk.devices import Care, DeviceWorker
from yici.kiosk.journeys.hand_in import HandInCounter
from yici.kiosk.receipts.print_job import PrintJournal
from yici.kiosk.session.slip_scanning import Way
from yici.kiosk.session.table import EndKind, State
from yici.ui.view_models.snapshot import Furniture, snapshot

PERSONA: Final = "P01"
MATTER: Final = "TY-001"
PAPER: Final = "photo"
FORM: Final = {"vet_kind": "退役军人", "vet_year": "2005", "pickup": "大厅领取"}
PAPER_MM_PER_S: Final = 1000.0
PASSING_S: Final = 0.06  # long enough that the call on the device's thread has begun
HELD_AT_MOST_S: Final = 60.0
GENEROUS_S: Final = 20.0
LANGUAGES: Final = ("zh_CN", "en")


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one fault in one state; times in seconds, None where nothing is to be told."""

    outcome: Outcome
    told_s: float | None = None
    back_s: float | None = None
    sentence: str = ""
    read_s: float | None = None  # when the resident reads it, where that is later than the status


Walks = dict[Fault, Future[dict[State, Cell]]]


class Bench:
    """A terminal's directory and a twin of every kind; each walk is a new session at it."""

    def __init__(self, directory: Path, kind: DeviceKind, driver: str = "") -> None:
        """`driver` in place of the kind's usual one. Raises NoPcscd, which says what to install."""
        self.directory = directory
        self.kind = kind
        self.driver = driver
        drivers = {each: get_driver(each, name) for each, name in USUAL_DRIVERS.items()}
        drivers[kind] = get_driver(kind, driver or USUAL_DRIVERS[kind])
        state_dir = directory / "terminal"
        self._platform = enrol(state_dir)
        stock_catalogue(state_dir, MATTER)
        self.twins: dict[DeviceKind, Any] = {}
        with ExitStack() as started:
            for each, descriptor in drivers.items():
                place = directory / each.value
                place.mkdir()
                twin = _make_twin(descriptor, place)
                started.callback(twin.close)
                self.twins[each] = twin
            self._started = started.pop_all()
        self._settings = TerminalSettings(
            hall=HallSettings(name="大围山镇便民服务中心", phone="12345"),
            storage=StorageSettings(state_dir=str(state_dir)),
        )
        for each, descriptor in drivers.items():
            table = device_table(each.value, descriptor.name, self.twins[each].address)
            changed = replace(getattr(self._settings, each.value), **table)
            self._settings = replace(self._settings, **{each.value: changed})
        scanner = replace(self._settings.scanner, resolution_dpi=100)
        self._settings = replace(self._settings, scanner=scanner)

    def open_session(self) -> SessionDriver:
        """The next resident's session."""
        return SessionDriver(
            self._settings,
            self._platform,
            self.twins[DeviceKind.ID_CARD_READER],
            self.twins[DeviceKind.RECEIPT_PRINTER],
            self.twins[DeviceKind.DOCUMENT_CAMERA],
        )

    def close(self) -> None:
        self._started.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _make_twin(descriptor: DriverDescriptor, place: Path) -> Twin:
    if descriptor.kind is DeviceKind.DOCUMENT_CAMERA:  # smaller pictures, the same protocol
        return DocumentCameraTwin(view=View(width_px=972, height_px=1296))
    if descriptor.kind is DeviceKind.RECEIPT_PRINTER:  # a quicker head
        printer = EscPosTwin.on_tcp(place, paper_mm_per_s=PAPER_MM_PER_S)
        printer.start()
        return printer
    twin: Twin = load_twin(descriptor)(place)
    return twin


class Gate:
    """Holds another thread's work, so that a passing state can be looked at."""

    def __init__(self) -> None:
        self._is_open = threading.Event()
        self._is_open.set()

    def shut(self) -> None:
        self._is_open.clear()

    def open(self) -> None:
        self._is_open.set()

    def pass_through(self) -> None:
        assert self._is_open.wait(HELD_AT_MOST_S), "nobody opened the gate"


class HeldCounter:
    """The counter, behind a gate."""

    def __init__(self, counter: HandInCounter, gate: Gate) -> None:
        self._counter, self._gate = counter, gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._counter, name)

    def hand_in(self, *arguments: Any, **more: Any) -> int:
        self._gate.pass_through()
        return self._counter.hand_in(*arguments, **more)


class HeldJournal:
    """The print journal, behind a gate."""

    def __init__(self, journal: PrintJournal, gate: Gate) -> None:
        self._journal, self._gate = journal, gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def latest_for(self, submission_id: UUID, kind: str) -> JournalEntry | None:
        self._gate.pass_through()
        return self._journal.latest_for(submission_id, kind)


class Walk:
    """One walk; `cells` has what came of the fault in each state so far."""

    def __init__(self, bench: Bench, persona: Persona, fault: Fault) -> None:
        self.kind = bench.kind
        self.driver = bench.driver
        self.fault = fault
        self.cells: dict[State, Cell] = {}
        self._persona = persona
        self._directory = bench.directory
        self._twins = bench.twins
        self._twin = bench.twins[self.kind]
        self._counting, self._printing = Gate(), Gate()
        self._is_looking = False
        self._desk = bench.open_session()
        self._hold()

    def _hold(self) -> None:
        session = self._desk.session
        counter: Any = HeldCounter(session.services.counter, self._counting)  # type: ignore[arg-type]  # enrolled
        session.services = replace(session.services, counter=counter)
        slips = session.slip._desk
        journal: Any = HeldJournal(slips.journal, self._printing)
        session.slip._desk = replace(slips, journal=journal)

    def go(self) -> dict[State, Cell]:
        """From the goodbye before it to the end."""
        try:
            self._go()
        finally:
            self._counting.open()
            self._printing.open()
            self._mend()
            self._desk.close()
        assert tuple(self.cells) == STATES
        return self.cells

    def _go(self) -> None:
        desk, session = self._desk, self._desk.session
        session.watch_devices()
        desk.until(lambda: len(session.statuses) == len(DeviceKind), "told of every device")
        session.say_farewell(EndKind.FINISHED, card_was_read=False)
        self._visit(State.FAREWELL)
        session.leave_now()
        self._visit(State.HOME)
        session.ask_progress()
        self._visit(State.PROGRESS)
        session.back()
        session.start_search()
        self._visit(State.FIND)
        session.choose_item(MATTER)
        self._visit(State.GUIDE)
        session.apply()
        self._visit(State.IDENTIFY)
        self._be_identified()
        desk.reader.take_card()
        session.confirm_identity()
        self._visit(State.FILL)
        self._fill()
        self._visit(State.MATERIALS)
        self._have_paper()
        session.materials_done()
        self._visit(State.REVIEW)
        desk.sign()
        self._counting.shut()
        self._printing.shut()
        session.submit()
        self._visit(State.SEALING)
        self._counting.open()
        desk.reaches(State.SUBMITTED)
        self._visit(State.SUBMITTED)
        self._printing.open()
        desk.until(lambda: desk.screen is State.SLIP, "done with the slip")
        desk.until(lambda: desk.submitted.print_phase == "printed", "given a slip")
        self._visit(State.SLIP)
        assert desk.submitted.print_phase == "printed"
        session.end()
        self._visit(State.ENDED)

    # --- one state

    def _visit(self, state: State) -> None:
        desk = self._desk
        assert desk.screen is state, f"at {desk.screen} and not at {state}"
        outcome = outcome_of(self.kind, state, self.fault, self.driver)
        if outcome in (Outcome.GOES_ON, Outcome.STATUS) or state is State.HOME:
            cell = self._pass_by(state, outcome)
        else:
            cell = USES[self.kind, state](self, outcome)
        self.cells[state] = cell

    def _pass_by(self, state: State, outcome: Outcome) -> Cell:
        before = self._kept()
        if outcome is Outcome.GOES_ON:
            self._break()
            self._look_meanwhile()
            self._desk.work_for(PASSING_S)
            self._same(state, before)
            self._mend()
            self._desk.work_for(PASSING_S / 2)
            self._same(state, before)
            return Cell(outcome)
        if self.kind in STATUS_ONLY:
            self._worker.care(Care.CLOSE)
        self._well()
        self._break()
        self._worker.look()  # as when the system announces a plug
        told_s = self._until(lambda: not self._works, f"{self.fault} told of {self.kind}")
        self._same(state, before)
        sentence = ""
        if outcome is Outcome.TOLD:
            sentence = self._sentence("troubles")
        self._mend()
        self._worker.look()
        back_s = self._until(lambda: self._works, f"{self.kind} back")
        self._same(state, before)
        self._worker.care(Care.IDLE)
        return Cell(outcome, told_s, back_s, sentence)

    def _fails_and_comes_back(
        self,
        outcome: Outcome,
        told: Callable[[], bool],
        back: Callable[[], bool],
        read: Callable[[], str],
    ) -> Cell:
        """The device fails under a screen that uses it, is told, comes back, and is untold."""
        state, before = self._desk.screen, self._kept()
        self._break()
        told_s = self._until(told, f"{self.fault} of {self.kind} told at {state}")
        sentence = read()
        self._same(state, before)
        self._mend()
        back_s = self._until(back, f"{self.kind} back at {state}")
        self._same(state, before)
        return Cell(outcome, told_s, back_s, sentence)

    def _under_fault(self, outcome: Outcome, complete: Callable[[], None]) -> Cell:
        """LATE: the step is done while the fault lasts; HIDDEN: once it is over."""
        state, before = self._desk.screen, self._kept()
        self._break()
        self._desk.work_for(PASSING_S)
        self._same(state, before)
        if outcome is Outcome.LATE:
            complete()
            self._mend()
        else:
            self._mend()
            complete()
        return Cell(outcome)

    # --- the faults

    def _break(self) -> None:
        if self.fault is Fault.UNPLUGGED:
            self._twin.unplug()
        else:
            self._twin.set_fault(self.fault.value)

    def _mend(self) -> None:
        if self.fault is Fault.UNPLUGGED:
            self._twin.plug_in()
        else:
            self._twin.set_fault(NO_FAULT)

    # --- what is looked at

    @property
    def _worker(self) -> DeviceWorker[Any]:
        worker: DeviceWorker[Any] = getattr(self._desk.session.services.devices, self.kind.value)
        return worker

    @property
    def _works(self) -> bool:
        return self._desk.session.statuses[self.kind].works

    def _look_meanwhile(self) -> None:
        """The device is asked while it fails; at most one call waits behind its deadline."""
        if not self._is_looking:
            self._is_looking = True
            self._worker.look()
            self._worker.call(lambda _: None, self._looked, self._looked)

    def _looked(self, _: object) -> None:
        self._is_looking = False

    def _well(self) -> None:
        """What the states before left behind is over: calls that wait, a status that is old."""
        answered: list[object] = []
        self._worker.look()
        self._worker.call(lambda _: None, answered.append, answered.append)
        self._until(lambda: bool(answered), f"{self.kind} done with earlier calls")
        self._until(lambda: self._works, f"{self.kind} well before it fails")

    def _until(self, holds: Callable[[], bool], what: str) -> float:
        began_s = time.monotonic()
        self._desk.until(holds, what)
        return time.monotonic() - began_s

    def _kept(self) -> tuple[object, ...]:
        session = self._desk.session
        application = session.application
        answers = dict(application.answers) if application else None
        return session.session_id, session.item, answers, session.page_index

    def _same(self, state: State, before: tuple[object, ...]) -> None:
        """The session goes on as it was, and its screen can be shown in each language."""
        assert self._desk.screen is state
        assert self._kept() == before
        for language in LANGUAGES:
            shown = snapshot(replace(self._desk.view, language=language), Furniture())
            assert shown["screen"]

    def _sentence(self, key: str) -> str:
        """What the resident reads about it: a sentence, in each language."""
        texts = []
        for language in LANGUAGES:
            screen = snapshot(replace(self._desk.view, language=language), Furniture())["view"]
            assert isinstance(screen, dict)
            found = screen[key]
            text = "".join(found) if isinstance(found, list) else str(found)
            assert len(text) >= 8, f"no sentence about {self.kind} in {language}: {screen}"
            assert text[-1] in "。.", f"no sentence: {text}"
            texts.append(text)
        return texts[0]

    # --- steps that don't need the device

    def _be_identified(self) -> None:
        if self.kind is DeviceKind.SOCIAL_SECURITY_CARD_READER:
            self._desk.session.not_me()  # the matter wants an ID card
        if self._desk.identify.phase != "known":
            self._desk.lay_card(self._persona)

    def _fill(self) -> None:
        desk = self._desk
        desk.session.next_page()
        for key, value in FORM.items():
            desk.session.answer(key, value)
        desk.session.next_page()
        assert desk.screen is State.MATERIALS, desk.faults()

    def _have_paper(self) -> None:
        if self._desk.material_state(PAPER) == "open":
            self._desk.session.defer_material(PAPER)

    # --- steps that do

    def _lay_card(self) -> None:
        self._desk.lay_card(self._persona)

    def _id_card(self, outcome: Outcome) -> Cell:
        self._well()
        if outcome is Outcome.LATE:
            return self._under_fault(outcome, self._lay_card)
        desk = self._desk
        cell = self._fails_and_comes_back(
            outcome,
            lambda: desk.identify.phase == "reader_unavailable" and not self._works,
            lambda: desk.identify.phase == "waiting" and self._works,
            lambda: self._sentence("problem"),
        )
        self._lay_card()
        return cell

    def _put_social_security_card(self) -> None:
        self._twin.put_card(self._persona.identity)
        self._desk.until(lambda: self._desk.identify.phase == "known", "known by this card")

    def _social_security_card(self, outcome: Outcome) -> Cell:
        desk = self._desk
        self._well()
        if outcome is Outcome.LATE:
            cell = self._under_fault(outcome, self._put_social_security_card)
            self._twin.take_card()
            return cell
        garbled = self.fault is Fault.GARBAGE
        trouble = "read_failed" if garbled else "unavailable"
        if garbled:
            self._break()
            self._twin.put_card(self._persona.identity)
        cell = self._fails_and_comes_back(
            outcome,
            lambda: desk.identify.social_security_card == trouble and (garbled or not self._works),
            lambda: self._works if garbled else desk.identify.social_security_card == "absent",
            lambda: self._sentence("social_security"),
        )
        if garbled:
            self._twin.take_card()
            desk.until(lambda: desk.identify.social_security_card == "absent", "the card out")
        self._put_social_security_card()
        self._twin.take_card()
        return cell

    def _lay_paper(self) -> None:
        self._desk.lay_paper(SamplePaper.STATEMENT, self._directory)
        self._desk.open_camera(PAPER)

    def _take_page(self) -> None:
        self._desk.take_page()
        self._desk.keep_document(PAPER)

    def _camera(self, outcome: Outcome) -> Cell:
        desk = self._desk
        self._lay_paper()
        if outcome is Outcome.LATE:
            return self._under_fault(outcome, self._take_page)
        cell = self._fails_and_comes_back(
            outcome,
            lambda: desk.phase == "unavailable",
            lambda: desk.phase == "live" and desk.capture.page_found,
            lambda: self._sentence("problem"),
        )
        self._take_page()
        return cell

    def _scan(self) -> None:
        session = self._desk.session
        session.scanning.scan("flatbed")
        self._desk.until(lambda: self._scan_phase == "check", "a scanned page")
        session.scanning.finish()
        self._desk.until(lambda: self._desk.material_state(PAPER) == "captured", "a document")

    @property
    def _scan_phase(self) -> str:
        scan = self._desk.materials.scan
        return scan.phase if scan else ""

    @property
    def _scan_fault(self) -> str:
        scan = self._desk.materials.scan
        return scan.fault if scan else ""

    def _scanner(self, outcome: Outcome) -> Cell:
        desk = self._desk
        self._well()
        desk.session.start_scan(PAPER)
        desk.until(lambda: self._scan_phase == "ready", "a scanner")
        state, before = desk.screen, self._kept()
        self._break()
        desk.session.scanning.scan("flatbed")
        told_s = self._until(
            lambda: self._scan_fault == "broke_off" and not self._works, "told that it broke off"
        )
        sentence = self._sentence("problem")
        self._same(state, before)
        self._mend()
        back_s = self._until(lambda: self._works, "the scanner back")
        self._scan()
        return Cell(outcome, told_s, back_s, sentence)

    def _print_into_fault(self, outcome: Outcome) -> Cell:
        """The slip is about to be printed, or another one is wanted."""
        desk, before = self._desk, self._kept()
        self._well()
        self._break()
        began_s = time.monotonic()
        told_s = self._until(lambda: not self._works, "the printer's status")
        assert self._kept() == before
        if desk.screen is State.SLIP:
            desk.session.print_again()
        self._printing.open()
        desk.reaches(State.SLIP)
        read_s = time.monotonic() - began_s
        assert desk.submitted.print_phase in ("failed", "ask"), desk.submitted
        asked = desk.submitted.print_phase == "ask"
        sentence = _asked_sentence() if asked else self._sentence("slip_problem")
        self._mend()
        back_s = self._until(lambda: self._works, "the printer back")
        desk.session.print_again()
        desk.reaches(State.SLIP)
        assert desk.submitted.print_phase == "printed", desk.submitted
        assert self._kept() == before
        return Cell(outcome, told_s, back_s, sentence, read_s)

    def _offered_while_it_works(self, outcome: Outcome, way: Way) -> Cell:
        """The slip's code can always be typed; the screen says what else works."""
        desk = self._desk
        return self._fails_and_comes_back(
            outcome,
            lambda: way not in desk.progress.scan_ways and not self._works,
            lambda: way in desk.progress.scan_ways and self._works,
            lambda: self._sentence("lead"),
        )

    def _show_code(self) -> None:
        desk, code = self._desk, new_slip_code()
        self._twin.show_code(format_slip_code(code).encode())
        desk.until(lambda: desk.progress.code == format_slip_code(code), "the slip's code read")
        assert desk.progress.result == "not_found"
        self._twin.take_code()

    def _code_reader(self, outcome: Outcome) -> Cell:
        self._well()
        if outcome is not Outcome.TOLD:
            return self._under_fault(outcome, self._show_code)
        cell = self._offered_while_it_works(outcome, Way.READER)
        self._show_code()
        return cell

    def _lay_slip(self) -> None:
        desk, code = self._desk, new_slip_code()
        desk.camera.lay_paper(_slip_with(code))
        desk.until(
            lambda: desk.progress.code == format_slip_code(code), "the slip under the camera"
        )
        desk.camera.lay_paper(None)

    def _camera_for_slips(self, outcome: Outcome) -> Cell:
        self._until(lambda: self._works, "a camera that sees")
        if outcome is Outcome.LATE:
            return self._under_fault(outcome, self._lay_slip)
        cell = self._offered_while_it_works(outcome, Way.CAMERA)
        self._lay_slip()
        return cell


def _asked_sentence() -> str:
    from yici.ui.strings import Language, table

    return table(Language.CHINESE)["submitted.unknown_help"]


def _slip_with(code: str) -> BgrImage:
    """A sheet with the slip's QR code in its middle, A4 when it is laid down."""
    sheet: BgrImage = np.full((1485, 1050, 3), 240, np.uint8)
    qr = draw_qr_code(code.encode(), 420)
    height_px, width_px = qr.shape[:2]
    sheet[500 : 500 + height_px, 300 : 300 + width_px] = qr
    return sheet


USES: Final[dict[tuple[DeviceKind, State], Callable[[Walk, Outcome], Cell]]] = {
    (DeviceKind.ID_CARD_READER, State.IDENTIFY): Walk._id_card,
    (DeviceKind.SOCIAL_SECURITY_CARD_READER, State.IDENTIFY): Walk._social_security_card,
    (DeviceKind.DOCUMENT_CAMERA, State.MATERIALS): Walk._camera,
    (DeviceKind.DOCUMENT_CAMERA, State.PROGRESS): Walk._camera_for_slips,
    (DeviceKind.SCANNER, State.MATERIALS): Walk._scanner,
    (DeviceKind.RECEIPT_PRINTER, State.SUBMITTED): Walk._print_into_fault,
    (DeviceKind.RECEIPT_PRINTER, State.SLIP): Walk._print_into_fault,
    (DeviceKind.CODE_READER, State.PROGRESS): Walk._code_reader,
}


def get_persona() -> Persona:
    """The resident who is walked through the session."""
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)[PERSONA]


def walk_every_fault(kind: DeviceKind, directory: Path, driver: str = "") -> Walks:
    """The walks of one device, side by side: most of their time is waiting for deadlines.

    All have ended; `result()` is a walk's cells, or raises what it failed with.
    """

    def walk(fault: Fault) -> dict[State, Cell]:
        place = directory / fault.value
        place.mkdir()
        with Bench(place, kind, driver) as bench:
            return Walk(bench, get_persona(), fault).go()

    with ThreadPoolExecutor(len(Fault)) as pool:
        return {fault: pool.submit(walk, fault) for fault in Fault}


def check_and_print(
    kind: DeviceKind, fault: Fault, cells: dict[State, Cell], driver: str = ""
) -> None:
    """What came of it is what has to come, within a bound that a busy machine keeps."""
    for state, cell in cells.items():
        assert cell.outcome is outcome_of(kind, state, fault, driver)
        if cell.told_s is not None and cell.back_s is not None:
            sys.stdout.write(
                f"{kind.value} {fault.value} {state.value}: "
                f"told {cell.told_s:.2f} s, back {cell.back_s:.2f} s\n"
            )
            assert max(cell.told_s, cell.back_s) < GENEROUS_S
