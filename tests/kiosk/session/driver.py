"""A resident at a terminal with real devices' twins, so that tests read as what people do."""

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from enrolled_terminal import Platform

from yici.config.declaration import TerminalSettings
from yici.contract.form_rules import Answer
from yici.drivers.document_camera.paper_samples import SamplePaper, draw
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.id_card_reader.sam.twin import SamTwin
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin
from yici.kiosk.assembly import assemble
from yici.kiosk.session.resident import ResidentSession
from yici.kiosk.session.screens import view_of
from yici.kiosk.session.table import State
from yici.kiosk.session.view import (
    CaptureView,
    IdentifyView,
    MaterialsView,
    ProgressView,
    ReviewView,
    SessionView,
    SubmittedView,
)

DEADLINE_S = 30.0
View = TypeVar("View")
SIGNATURE = (((10.0, 20.0), (150.0, 60.0), (260.0, 30.0)), ((60.0, 80.0), (240.0, 85.0)))


class Clock:
    """The session's monotonic clock: moves only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class SessionDriver:
    """One session, pumped on the test's thread; `twins` and the platform's keys stand beside it."""

    def __init__(
        self,
        settings: TerminalSettings,
        platform: Platform,
        reader: SamTwin,
        printer: EscPosTwin,
        camera: DocumentCameraTwin,
    ) -> None:
        self.platform = platform
        self.reader = reader
        self.printer = printer
        self.camera = camera
        self.clock = Clock()
        self.changes = 0
        self._is_closed = False
        self._posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._assembled = assemble(settings, self._posts.put, lambda: None)
        self.cache = self._assembled.cache
        self.has_room = True
        services = replace(
            self._assembled.session.services,
            monotonic_s=self.clock,
            admission=lambda: self.has_room,
        )
        self.session = ResidentSession(services, self._changed)

    def close(self) -> None:
        """The process's end: devices, threads and files are given back."""
        if not self._is_closed:
            self._is_closed = True
            self._assembled.close()

    def _changed(self) -> None:
        self.changes += 1

    # --- time

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Let devices and disk work until this holds."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline_s, f"never {what}: {self.view}"
            self._run_posts(wait_s=0.02)

    def work_for(self, seconds: float) -> None:
        """Let devices work for a while, to see that nothing more happens."""
        deadline_s = time.monotonic() + seconds
        while time.monotonic() < deadline_s:
            self._run_posts(wait_s=0.02)

    def _run_posts(self, wait_s: float) -> None:
        self.session.services.devices.note_delays()  # as the screen's tick does
        try:
            self._posts.get(timeout=wait_s)()
        except queue.Empty:
            return

    def pass_time(self, seconds: float) -> None:
        """The clock goes on, with a tick each second, as nobody touches anything."""
        for _ in range(round(seconds)):
            self.clock.now_s += 1
            self.session.tick()

    # --- what is on the screen

    @property
    def view(self) -> SessionView:
        return view_of(self.session)

    @property
    def screen(self) -> State:
        return self.session.state

    @property
    def identify(self) -> IdentifyView:
        return _shown(self.view.identify)

    @property
    def materials(self) -> MaterialsView:
        return _shown(self.view.materials)

    @property
    def capture(self) -> CaptureView:
        return _shown(self.materials.capture)

    @property
    def review(self) -> ReviewView:
        return _shown(self.view.review)

    @property
    def submitted(self) -> SubmittedView:
        return _shown(self.view.submitted)

    @property
    def progress(self) -> ProgressView:
        return _shown(self.view.progress)

    @property
    def phase(self) -> str:
        """What the camera screen is doing; empty while the camera is closed."""
        return self.materials.capture.phase if self.materials.capture else ""

    def faults(self) -> dict[str, str]:
        """The form page's faults by field."""
        return {field.key: field.fault for field in _shown(self.view.fill).fields if field.fault}

    def reaches(self, screen: State) -> None:
        self.until(lambda: self.screen is screen, f"at {screen.value}")

    # --- what a resident does

    def choose(self, code: str) -> None:
        self.session.start_search()
        self.session.choose_item(code)
        assert self.screen is State.GUIDE
        self.session.apply()
        assert self.screen is State.IDENTIFY

    def lay_card(self, persona: Persona) -> None:
        self.reader.put_card(persona)
        self.until(lambda: self.identify.phase == "known", "identified")

    def type_identity(self, name: str, number: str) -> None:
        self.session.type_instead()
        self.session.identifying.set_typed_name(name)
        self.session.identifying.set_typed_number(number)
        self.session.confirm_typed()

    def fill(self, *pages: dict[str, Answer]) -> None:
        """Confirm who it is, answer page by page, and leave the form."""
        self.session.confirm_identity()
        assert self.screen is State.FILL
        for answers in pages:
            for key, value in answers.items():
                self.session.answer(key, value)
            self.session.next_page()
        assert self.screen is not State.FILL, self.faults()

    def lay_paper(self, sample: SamplePaper, directory: Path) -> None:
        path = directory / f"{sample.value}.png"
        draw(sample).save(path, dpi=(200, 200))
        self.camera.lay_paper(path)

    def open_camera(self, key: str) -> None:
        self.session.start_capture(key)
        self.until(
            lambda: self.capture.phase == "live" and self.capture.page_found,
            "a page in the picture",
        )

    def take_page(self) -> None:
        self.session.capturing.take()
        self.until(lambda: self.capture.phase == "check", "a page to check")

    def keep_document(self, key: str) -> None:
        self.session.capturing.keep_and_finish()
        self.until(lambda: self.material_state(key) == "captured", "a stored document")

    def material_state(self, key: str) -> str:
        return next(row.state for row in self.materials.rows if row.key == key)

    def sign(self) -> None:
        self.session.set_pad(300.0, 100.0)
        for stroke in SIGNATURE:
            self.session.add_stroke(stroke)

    def submit(self) -> None:
        self.sign()
        self.session.submit()
        self.reaches(State.SLIP)

    def go_to_papers(self, persona: Persona) -> None:
        """TY-001 as far as its papers: a photo is asked for."""
        self.choose("TY-001")
        self.lay_card(persona)
        self.fill({}, {"vet_kind": "退役军人", "vet_year": "2005", "pickup": "大厅领取"})
        assert self.screen is State.MATERIALS

    def hand_in_certificate(self, persona: Persona) -> None:
        """RS-003 as far as the signature: a matter without papers."""
        self.choose("RS-003")
        self.lay_card(persona)
        self.fill({}, {"alive_self": "yes", "verify_way": "身份证+窗口人工核对"})
        assert self.screen is State.REVIEW


def _shown(view: View | None) -> View:
    assert view is not None, "another screen is shown"
    return view
