"""One resident's session: holds what they said, in memory only, and moves along the table.

Every method is called on one thread (the screen's); devices and disk work on threads of their
own and come back through `post`. `changed` tells the screen to draw `view()` again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from yici.config.declaration import TerminalSettings
from yici.contract.form_rules import Answer
from yici.contract.items import ServiceItem
from yici.contract.people import Assurance, Identity
from yici.contract.submission_ids import format_slip_code, new_id
from yici.drivers.device import DeviceKind, DeviceStatus
from yici.drivers.id_card_reader import CardRemoval
from yici.kiosk import events
from yici.kiosk.catalogue.search import Catalogue
from yici.kiosk.devices import TerminalDevices
from yici.kiosk.journeys.application import Application, can_apply_here
from yici.kiosk.journeys.hand_in import HandInCounter, NotAccepted, Refusal
from yici.kiosk.session.background import Background
from yici.kiosk.session.capturing import Capturing, Document
from yici.kiosk.session.card_left_behind import CardLeftBehind
from yici.kiosk.session.cared_for import CARED_FOR
from yici.kiosk.session.identifying import Identifying
from yici.kiosk.session.progress import ProgressDesk
from yici.kiosk.session.scanning import Scanning
from yici.kiosk.session.signature import Ink, Stroke
from yici.kiosk.session.slip_printing import SlipPrinting
from yici.kiosk.session.slip_scanning import SlipScanning
from yici.kiosk.session.table import EndKind, Event, Guard, State, find_next
from yici.kiosk.session.timers import Limit, SessionTimers
from yici.offline_cache.events import Event as LogEvent

LANGUAGES = ("zh_CN", "en")
_CRASHED = events.SessionEndKind.CRASHED


@dataclass(frozen=True, slots=True)
class SessionServices:
    """What a session is given: settings, replica, devices, counter; and how to call back."""

    settings: TerminalSettings
    catalogue: Catalogue
    devices: TerminalDevices
    background: Background
    progress: ProgressDesk
    slips: Callable[[Callable[[], None]], SlipPrinting]
    counter: HandInCounter | None  # None while the terminal is not enrolled
    admission: Callable[[], bool]
    log: Callable[[LogEvent], None]
    monotonic_s: Callable[[], float]
    today: Callable[[], date]


class ResidentSession:
    """See the module's docstring; `session_id` marks everything that belongs to this resident."""

    def __init__(self, services: SessionServices, changed: Callable[[], None]) -> None:
        self.services = services
        self.session_id: UUID = new_id()
        self.state = State.HOME
        self.language = LANGUAGES[0]
        self.query = ""
        self.category = ""
        self.item: ServiceItem | None = None
        self.application: Application | None = None
        self.page_index = 0
        self.page_checked = False
        self.ink = Ink()
        self.review_fault = ""
        self.end_kind: EndKind | None = None
        self.card_was_read = False
        self.warning_seconds_left: int | None = None
        self.statuses: dict[DeviceKind, DeviceStatus] = {}
        self._started_s = services.monotonic_s()
        self._changed = changed
        self._timers = SessionTimers(services.settings.session, services.monotonic_s())
        devices = services.devices
        self.identifying = Identifying(
            devices.id_card_reader,
            devices.social_security_card_reader,
            changed,
            self._identified,
            services.today,
        )
        self.capturing = Capturing(devices.document_camera, changed, self._document_ready)
        self.scanning = Scanning(
            devices.scanner,
            changed,
            self._document_ready,
            resolution_dpi=services.settings.scanner.resolution_dpi,
        )
        self.slip = services.slips(self._print_settled)
        self.card_left_behind = CardLeftBehind(devices.id_card_reader, changed)
        self.slip_scanning = SlipScanning(
            devices.document_camera,
            devices.code_reader,
            changed,
            self._slip_seen,
            decoder=services.settings.code_reader.decoder,
        )

    @property
    def card_may_lie_there(self) -> bool:
        """A card was read, and nobody knows that it was taken."""
        return self.card_was_read and self.card_left_behind.seen is not CardRemoval.REMOVED

    # --- moving along the table

    def dispatch(self, event: Event) -> None:
        """Take the row that fits, if any; leaving and entering do the rest."""
        following = find_next(self.state, event, self._holds)
        if following is None:
            return
        self._leave(following)
        self.state = following
        self._timers.enter(self.services.monotonic_s())
        self._enter()
        self._changed()

    def _holds(self, guard: Guard) -> bool:
        pages = len(self.application.pages) if self.application else 0
        last = self.page_index >= pages - 1
        has_materials = self.application is not None and self.application.has_materials
        return {
            Guard.ALWAYS: True,
            Guard.MORE_PAGES: not last,
            Guard.LAST_PAGE_WITH_MATERIALS: last and has_materials,
            Guard.LAST_PAGE_WITHOUT_MATERIALS: last and not has_materials,
            Guard.FIRST_PAGE: self.page_index == 0,
            Guard.LATER_PAGE: self.page_index > 0,
            Guard.HAS_MATERIALS: has_materials,
            Guard.NO_MATERIALS: not has_materials,
        }[guard]

    def _leave(self, following: State) -> None:
        if self.state is State.FAREWELL:
            self.end_kind, self.card_was_read = None, False
        if self.state is State.IDENTIFY:
            self.identifying.stop()
        if self.state is State.MATERIALS:
            self.capturing.stop()
            self.scanning.stop()
        if self.state is State.PROGRESS:
            self.slip_scanning.stop()
        if self.state is State.SLIP:
            self.card_left_behind.stop()
        if self.state is State.REVIEW and following is not State.SEALING:
            self.ink = Ink()  # a signature belongs to what was shown when it was written
        if following is State.ENDED:
            self._log_end()
            self._forget()

    def _enter(self) -> None:
        self.page_checked = False
        self.services.devices.care_for(CARED_FOR.get(self.state, frozenset()))
        if self.state is State.IDENTIFY:
            self.identifying.start()
        if self.state is State.PROGRESS:
            self.slip_scanning.start()
        if self.state is State.SLIP and self.card_was_read:
            self.card_left_behind.start()
        if self.state is State.SUBMITTED and self.application is not None:
            self.slip.begin(self.application, self.language)

    def _log_end(self) -> None:
        kind = events.SessionEndKind(self.end_kind.value) if self.end_kind else _CRASHED
        lasted_s = self.services.monotonic_s() - self._started_s
        self.services.log(events.SessionEnded(kind, round(lasted_s, 1)))

    def _forget(self) -> None:
        """Drop every reference; the process itself ends right after."""
        self.identifying.wipe()
        self.slip.wipe()
        self.services.progress.clear()
        self.application = None
        self.ink = Ink()
        self.query = ""

    # --- anybody, anywhere

    def touch(self) -> None:
        """Somebody touched the screen, a key or the reader."""
        self._timers.touch(self.services.monotonic_s())
        if self.warning_seconds_left is not None:
            self.warning_seconds_left = None
            self._changed()

    def tick(self) -> None:
        """Called a few times a second: idle question, wipe, longest session."""
        self.services.devices.note_delays()
        reading = self._timers.read(self.state, self.services.monotonic_s())
        if reading.reached is not None:
            if self.end_kind is None and self.state not in (State.HOME, State.FAREWELL):
                too_long = reading.reached is Limit.TOO_LONG
                self.end_kind = EndKind.TOO_LONG if too_long else EndKind.IDLE
            self.dispatch(Event.TIME_OUT)
            self._changed()
        elif reading.warning_seconds_left != self.warning_seconds_left:
            self.warning_seconds_left = reading.warning_seconds_left
            self._changed()
        elif self.state is State.SLIP and self.slip.refresh():
            self._changed()

    def end(self) -> None:
        """结束: leave without keeping anything that was not handed in."""
        if find_next(self.state, Event.END, self._holds) is None:
            return
        done = self.state is State.SLIP
        self.end_kind = EndKind.FINISHED if done else EndKind.LEFT
        self.dispatch(Event.END)

    def say_farewell(self, kind: EndKind, *, card_was_read: bool) -> None:
        """Before anything else happened here: the one before has just left."""
        if self.state in (State.HOME, State.FAREWELL):
            self.state, self.end_kind, self.card_was_read = State.FAREWELL, kind, card_was_read
            self._timers.enter(self.services.monotonic_s())
            self._changed()

    def leave_now(self) -> None:
        """From the last page: the next resident is here."""
        if self.state is State.FAREWELL:
            self.dispatch(Event.NEXT)

    def back(self) -> None:
        """上一步. An open camera or scanner, or a chosen category, is closed first."""
        if self.state is State.FIND and self.category:
            self.category = ""
            self._changed()
            return
        if self.state is State.MATERIALS and (self.capturing.is_open or self.scanning.is_open):
            self.capturing.stop()
            self.scanning.stop()
            self._changed()
            return
        if self.state is State.FILL and self.page_index > 0:
            self.dispatch(Event.BACK)  # while the guards still see this page
            self.page_index -= 1
            self._changed()
            return
        if self.state in (State.MATERIALS, State.REVIEW) and self.application is not None:
            self.page_index = len(self.application.pages) - 1
        self.dispatch(Event.BACK)

    def set_language(self, language: str) -> None:
        """Raises ValueError for a language that the terminal doesn't have."""
        if language not in LANGUAGES:
            raise ValueError(language)
        self.language = language
        self._changed()

    # --- home and find

    def start_search(self) -> None:
        """From the first screen to the search screen."""
        self.query, self.category = "", ""
        self.dispatch(Event.SEARCH)

    def search(self, query: str) -> None:
        """Results as one types."""
        self.query, self.category = query[:60], ""
        self._changed()

    def choose_category(self, category: str) -> None:
        """The items of one category; also from the first screen."""
        self.query, self.category = "", category
        if self.state is State.HOME:
            self.dispatch(Event.SEARCH)
        self._changed()

    def choose_item(self, code: str) -> None:
        """Open an item's guide; an unknown code changes nothing."""
        item = self.services.catalogue.find(code)
        if item is not None:
            self.item = item
            self.dispatch(Event.CHOOSE_ITEM)

    # --- guide and identify

    def cannot_apply(self) -> str:
        """ "" when the item can be handed in here, or the reason why not."""
        if self.services.counter is None:
            return Refusal.NOT_ENROLLED.value
        if not self.services.admission():
            return Refusal.DISK_FULL.value
        return "" if self.item and can_apply_here(self.item) else "at_counter"

    def apply(self) -> None:
        """From the guide to the application."""
        if not self.cannot_apply():
            self.dispatch(Event.APPLY)
        self._changed()

    def _identified(self, identity: Identity) -> None:
        self.touch()
        self.card_was_read = self.card_was_read or identity.assurance is not Assurance.TYPED
        self._open_application(identity)
        self._changed()

    def _open_application(self, identity: Identity) -> None:
        counter, item = self.services.counter, self.item
        if counter is None or item is None:
            return
        self.page_index = 0
        application = Application(
            item, identity, suite_id=counter.identity.suite_id, opened_at=datetime.now(UTC)
        )
        self.application = application
        # what fails here fails again, and is told, when it is handed in
        self.services.background.run(
            lambda: counter.prepare(application), lambda _: None, lambda _: None
        )

    def type_instead(self) -> None:
        """No card, or no reader: name and number by keyboard."""
        self.identifying.type_instead()
        self._changed()

    def confirm_typed(self) -> None:
        """Take the typed name and number, or show what is wrong with them."""
        self.identifying.confirm_typed()
        self._changed()

    def confirm_identity(self) -> None:
        """That's me: on to the form."""
        known = self.identifying.identity
        if known is not None and (self.application is None or self.application.item != self.item):
            self._open_application(known)
        if self.application is not None:
            self.dispatch(Event.IDENTIFIED)

    def not_me(self) -> None:
        """Somebody else's card: forget it and look again."""
        self.application = None
        self.identifying.forget()
        self._changed()

    # --- form

    def answer(self, key: str, value: Answer) -> None:
        """Take one answer."""
        if self.application is not None and self.state is State.FILL:
            self.application.answer(key, value)
            self._changed()

    def next_page(self) -> None:
        """On, when the page has no fault; otherwise its faults are shown."""
        application = self.application
        if application is None or self.state is not State.FILL:
            return
        page = application.pages[self.page_index]
        if application.page_faults(page, self.services.today()):
            self.page_checked = True
            self._changed()
            return
        more = self._holds(Guard.MORE_PAGES)
        self.dispatch(Event.PAGE_DONE)
        if more:
            self.page_index += 1
            self._changed()

    # --- materials

    def start_capture(self, key: str) -> None:
        """Open the camera for one material; what it had before is replaced when done."""
        if self.application is not None and self.state is State.MATERIALS:
            self.capturing.start(self.application.planned(key).material)

    def start_scan(self, key: str) -> None:
        """Open the scanner for one material; what it had before is replaced when done."""
        if self.application is not None and self.state is State.MATERIALS:
            self.scanning.start(self.application.planned(key).material)

    def defer_material(self, key: str) -> None:
        """Bring it later, where the item allows it."""
        if self.application is not None and self.application.planned(key).material.deferrable:
            self.application.defer(key)
            self._changed()

    def drop_material(self, key: str) -> None:
        """Take a captured document out again."""
        if self.application is not None and self.state is State.MATERIALS:
            self.application.reopen(key)
            self._changed()

    def _document_ready(self, document: Document) -> None:
        application, counter = self.application, self.services.counter
        if application is None or counter is None:
            return
        key = document.key
        application.mark_storing(key)
        self._changed()
        self.services.background.run(
            lambda: counter.keep_document(application, document.pdf()),
            lambda part: self._stored(lambda: application.attach(key, part, document.page_count)),
            lambda error: self._stored(lambda: application.reopen(key), error),
        )

    def _stored(self, settle: Callable[[], None], error: Exception | None = None) -> None:
        settle()
        self.capturing.fault = _refusal_of(error) if error else ""
        self._changed()

    def materials_done(self) -> None:
        """On to the review, when nothing is missing."""
        if self.application is not None and self.application.materials_met:
            self.dispatch(Event.MATERIALS_DONE)

    # --- review and sign

    def set_pad(self, width: float, height: float) -> None:
        """The signature pad's size; strokes come in its units."""
        if not self.ink.strokes and width > 0 and height > 0:
            self.ink = Ink((), width, height)

    def add_stroke(self, stroke: Stroke) -> None:
        """One stroke, from pen down to pen up."""
        if self.state is State.REVIEW and stroke:
            self.ink = self.ink.with_stroke(stroke)
            self.review_fault = ""
            self._changed()

    def clear_signature(self) -> None:
        """Write again."""
        self.ink = Ink((), self.ink.width, self.ink.height)
        self._changed()

    def submit(self) -> None:
        """Seal and commit; only then is it 已存好."""
        application, counter = self.application, self.services.counter
        if application is None or counter is None or self.state is not State.REVIEW:
            return
        if application.signature_needed and not self.ink.is_signature:
            self.review_fault = Refusal.NOT_SIGNED.value
            self._changed()
            return
        self.review_fault = ""
        ink = self.ink if application.signature_needed else None
        language, today = self.language, self.services.today()
        shown = application.shown_digest()
        self.dispatch(Event.SUBMIT)
        self.services.background.run(
            lambda: counter.hand_in(
                application,
                language=language,
                signature_png=ink.to_png() if ink else None,  # drawn off the screen's thread
                shown_digest=shown,
                today=today,
            ),
            lambda sequence: self._accepted(application, sequence),
            self._not_accepted,
        )

    def _accepted(self, application: Application, sequence: int) -> None:
        self.services.log(
            events.SubmissionAccepted(
                application.submission_id, sequence, len(application.materials)
            )
        )
        self.dispatch(Event.ACCEPTED)

    def _not_accepted(self, error: Exception) -> None:
        self.review_fault = _refusal_of(error)
        self.dispatch(Event.NOT_ACCEPTED)

    # --- slip

    def _print_settled(self) -> None:
        self.dispatch(Event.PRINT_SETTLED)
        self._changed()

    def slip_came_out(self) -> None:
        """The resident has the paper in the hand."""
        self.slip.confirm_by_resident()
        self._changed()

    def print_again(self) -> None:
        """Nothing came out, or a copy is wanted: the journal decides what it is called."""
        if self.state is State.SLIP:
            self.slip.want_another()
            self.dispatch(Event.PRINT_AGAIN)

    # --- progress

    def ask_progress(self) -> None:
        """查进度 by the slip's code."""
        self.services.progress.clear()
        self.dispatch(Event.ASK_PROGRESS)

    def enter_progress_code(self, text: str) -> None:
        """What is in the code field."""
        self.services.progress.enter(text[:16])
        self._changed()

    def _slip_seen(self, code: str) -> None:
        self.touch()
        self.services.progress.enter(format_slip_code(code))
        self.look_up_progress()

    def look_up_progress(self) -> None:
        """Ask the terminal's own records."""
        self.services.progress.look_up()
        self._changed()

    # --- the machine

    def watch_devices(self) -> None:
        """Watch every device from now on, for the screens' honest word about the machine."""
        self.services.devices.watch(self._note)

    def _note(self, status: DeviceStatus) -> None:
        if self.statuses.get(status.kind) != status:
            self.statuses[status.kind] = status
            self._changed()


def _refusal_of(error: Exception) -> str:
    return error.refusal.value if isinstance(error, NotAccepted) else Refusal.STORAGE.value
