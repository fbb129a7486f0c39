"""Scanning a paper: lay it in, let it run, look, more pages, document.

    ready → scanning → check → scanning (more pages) … → the document
      ↑________________↓ scanned again

Every page is looked at on the scanner's thread; a page in which no paper is found is kept whole,
because a sheet that fills the glass has no edge to find.
"""

from collections.abc import Callable
from enum import StrEnum

from yici.contract.items import Material
from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage, Scanner
from yici.kiosk.capture.document import PageImage
from yici.kiosk.capture.still import CapturedPage, find_captured_page, whole_picture
from yici.kiosk.devices import DeviceWorker
from yici.kiosk.session.capturing import Document
from yici.kiosk.session.view import ScanView

_MM_PER_INCH = 25.4


class Phase(StrEnum):
    """What the scanner's screen is doing."""

    CLOSED = "closed"
    STARTING = "starting"
    READY = "ready"
    SCANNING = "scanning"
    CHECK = "check"
    UNAVAILABLE = "unavailable"


class Scanning:
    """The scanner screen's own state; one material at a time."""

    def __init__(
        self,
        worker: DeviceWorker[Scanner],
        changed: Callable[[], None],
        finished: Callable[[Document], None],
        *,
        resolution_dpi: int,
    ) -> None:
        self._worker = worker
        self._changed = changed
        self._finished = finished
        self._resolution_dpi = resolution_dpi
        self._material: Material | None = None
        self._phase = Phase.CLOSED
        self._run = 0  # answers to an older run are dropped
        self._sources: tuple[PaperSource, ...] = ()
        self._pages: tuple[CapturedPage, ...] = ()
        self._serial = 0
        self._scanner_state = ""
        self._cancel: Callable[[], None] | None = None
        self._fault = ""

    @property
    def possible(self) -> bool:
        """Whether this terminal has a scanner."""
        return self._worker.configured

    @property
    def is_open(self) -> bool:
        """Whether the scanner's screen covers the list of materials."""
        return self._material is not None

    def start(self, material: Material) -> None:
        """Open the scanner's screen for this material."""
        self.stop()
        self._material = material
        self._ask_sources()
        self._changed()

    def stop(self) -> None:
        """Close the screen; a running scan ends, pages not kept are gone."""
        self._run += 1
        self._end_scan()
        self._material, self._phase = None, Phase.CLOSED
        self._pages, self._fault, self._scanner_state = (), "", ""

    def scan(self, source: str) -> None:
        """Scan what lies in `source`, a word of PaperSource; pages are added to those before."""
        if self._phase in (Phase.READY, Phase.CHECK) and source in self._sources:
            self._scan(PaperSource(source))

    def stop_scanning(self) -> None:
        """The person wants no more pages; those that came stay."""
        if self._phase is Phase.SCANNING:
            self._end_scan()

    def scan_again(self) -> None:
        """The pages aren't good: away with them."""
        if self._phase is Phase.CHECK:
            self._pages, self._phase, self._fault = (), Phase.READY, ""
            self._changed()

    def finish(self) -> None:
        """The document is complete."""
        material = self._material
        if material is not None and self._phase is Phase.CHECK and self._pages:
            document = Document(material.key, tuple(page.image for page in self._pages))
            self.stop()
            self._finished(document)
            self._changed()

    def newest_picture(self) -> PageImage | None:
        """The page that came last."""
        return self._pages[-1].image if self._pages else None

    def view(self) -> ScanView | None:
        """For the screen; None while it is closed."""
        material = self._material
        if material is None:
            return None
        last = self._pages[-1] if self._pages else None
        return ScanView(
            key=material.key,
            name=material.name,
            phase=self._phase.value,
            sources=tuple(source.value for source in self._sources),
            kept_pages=len(self._pages),
            max_pages=material.max_pages,
            warnings=tuple(warning.value for warning in last.warnings) if last else (),
            scanner_state=self._scanner_state,
            picture_serial=self._serial,
            fault=self._fault,
        )

    # --- what the scanner has

    def _ask_sources(self) -> None:
        run, self._phase = self._run, Phase.STARTING
        if not self._worker.configured:
            self._unavailable(DeviceState.NOT_CONFIGURED.value)
            return
        self._worker.call(
            lambda scanner: scanner.sources(),
            lambda sources: self._answered(run, sources),
            lambda status: self._lost(run, status),
        )

    def _answered(self, run: int, sources: tuple[PaperSource, ...]) -> None:
        if run == self._run:
            self._sources, self._phase, self._scanner_state = sources, Phase.READY, ""
            self._changed()

    def _lost(self, run: int, status: DeviceStatus) -> None:
        if run == self._run:
            self._unavailable(status.state.value)

    def _unavailable(self, state: str) -> None:
        self._phase, self._scanner_state = Phase.UNAVAILABLE, state
        self._changed()

    def try_again(self) -> None:
        """Somebody plugged it in, or closed its lid."""
        if self._phase is Phase.UNAVAILABLE:
            self._ask_sources()
            self._changed()

    # --- one scan

    def _scan(self, source: PaperSource) -> None:
        material = self._material
        room = material.max_pages - len(self._pages) if material else 0
        if room < 1:
            self._fault = "too_many_pages"
            self._changed()
            return
        run, self._phase, self._fault = self._run, Phase.SCANNING, ""
        self._changed()

        def take(page: ScannedPage) -> None:
            made = _as_page(page)
            self._worker.post(lambda: self._came(run, made))

        def scan(scanner: Scanner) -> ScanEnd:
            self._cancel = scanner.cancel
            return scanner.scan(source, take, resolution_dpi=self._resolution_dpi, max_pages=room)

        self._worker.call(
            scan, lambda end: self._ended(run, end), lambda status: self._broke_off(run, status)
        )

    def _came(self, run: int, page: CapturedPage) -> None:
        if run == self._run:
            self._pages = (*self._pages, page)
            self._serial += 1
            self._changed()

    def _ended(self, run: int, end: ScanEnd) -> None:
        if run != self._run:
            return
        self._cancel = None
        if end is ScanEnd.FEEDER_EMPTY:
            self._fault = "feeder_empty"
        elif end is ScanEnd.PAGE_LIMIT:
            self._fault = "too_many_pages"
        self._rest()

    def _broke_off(self, run: int, status: DeviceStatus) -> None:
        if run == self._run:
            self._cancel = None
            self._fault, self._scanner_state = "broke_off", status.state.value
            self._rest()

    def _rest(self) -> None:
        self._phase = Phase.CHECK if self._pages else Phase.READY
        self._changed()

    def _end_scan(self) -> None:
        cancel, self._cancel = self._cancel, None
        if cancel is not None:
            cancel()


def _as_page(page: ScannedPage) -> CapturedPage:
    px_per_mm = page.resolution_dpi / _MM_PER_INCH
    return find_captured_page(page.pixels, px_per_mm=px_per_mm) or whole_picture(page.pixels)
