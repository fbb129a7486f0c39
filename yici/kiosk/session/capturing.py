"""Capturing a paper: live picture, still, check, next page, document.

    starting → live → taking → check → live (next page) … → the document
                 ↑______________↓ taken again

The camera's thread looks at frames and finds the page; the screen pulls the newest picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from yici.contract.items import Material
from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.document_camera import DocumentCamera
from yici.kiosk.capture.document import PageImage, to_pdf
from yici.kiosk.capture.preview import Preview, make_preview
from yici.kiosk.capture.still import CapturedPage, find_captured_page, whole_picture
from yici.kiosk.devices import DeviceWorker
from yici.kiosk.session.view import CaptureView

PREVIEW_INTERVAL_S = 0.07
STILL_TIMEOUT_MS = 6000
SLOW_RETRY_S = 0.5


class Phase(StrEnum):
    """What the capture screen is doing."""

    CLOSED = "closed"
    STARTING = "starting"
    LIVE = "live"
    TAKING = "taking"
    CHECK = "check"
    UNAVAILABLE = "unavailable"


_LOOKING = frozenset({Phase.STARTING, Phase.LIVE, Phase.UNAVAILABLE})


class StillFault(StrEnum):
    """Why a still did not become a page."""

    NO_PAGE = "no_page"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """The kept pages of one material."""

    key: str
    pages: tuple[PageImage, ...]

    @property
    def page_count(self) -> int:
        return len(self.pages)

    def pdf(self) -> bytes:
        """One PDF page per kept page."""
        return to_pdf(self.pages)


class Capturing:
    """The camera screen's own state; one material at a time."""

    def __init__(
        self,
        worker: DeviceWorker[DocumentCamera],
        changed: Callable[[], None],
        finished: Callable[[Document], None],
    ) -> None:
        self._worker = worker
        self._changed = changed
        self._finished = finished
        self._material: Material | None = None
        self._phase = Phase.CLOSED
        self._run = 0  # answers to an older run are dropped
        self._pages: tuple[PageImage, ...] = ()
        self._preview: Preview | None = None
        self._frame_number = -1
        self._taken: CapturedPage | None = None
        self._serial = 0
        self._camera_state = ""
        self._silent_looks = 0
        self.fault = ""

    @property
    def is_open(self) -> bool:
        """Whether the camera screen covers the list of materials."""
        return self._material is not None

    def start(self, material: Material) -> None:
        """Open the camera for this material."""
        self.stop()
        self._material, self._phase = material, Phase.STARTING
        self.fault, self._camera_state, self._silent_looks = "", "", 0
        if not self._worker.configured:
            self._unavailable(DeviceState.NOT_CONFIGURED.value)
        else:
            self._look(after_s=0.0)
        self._changed()

    def stop(self) -> None:
        """Close the camera screen; pages not kept are gone."""
        self._run += 1
        self._material, self._phase = None, Phase.CLOSED
        self._pages, self._preview, self._taken = (), None, None

    def take(self) -> None:
        """Take the page that lies there."""
        if self._phase is Phase.LIVE:
            self._still(Phase.TAKING, find_captured_page)

    def take_whole(self) -> None:
        """Take the whole picture: the person says that it shows the paper."""
        if self._phase is Phase.LIVE:
            self._still(Phase.TAKING, whole_picture)

    def take_again(self) -> None:
        """The page isn't good: back to the live picture."""
        if self._phase is Phase.CHECK:
            self._taken = None
            self._go_live()

    def keep_and_continue(self) -> None:
        """Keep the page; another one follows."""
        if self._keep():
            self._go_live()

    def keep_and_finish(self) -> None:
        """Keep the page; the document is complete."""
        material = self._material
        if material is not None and self._keep():
            document = Document(material.key, self._pages)
            self.stop()
            self._finished(document)
            self._changed()

    def newest_picture(self) -> Preview | PageImage | None:
        """The live picture, or the page to check; None while the camera starts."""
        if self._phase is Phase.CHECK and self._taken is not None:
            return self._taken.image
        return self._preview

    def outline(self) -> tuple[tuple[float, float], ...]:
        """The found page's corners as shares of the live picture; empty without a page."""
        preview = self._preview
        if self._phase is Phase.CHECK or preview is None or preview.found is None:
            return ()
        height_px, width_px = preview.pixels.shape[:2]
        return tuple((x / width_px, y / height_px) for x, y in preview.found.quad.corners)

    def view(self) -> CaptureView | None:
        """For the screen; None while the camera is closed."""
        if self._material is None:
            return None
        shown = self._taken if self._phase is Phase.CHECK else self._preview
        return CaptureView(
            key=self._material.key,
            name=self._material.name,
            phase=self._phase.value,
            page_number=len(self._pages) + 1,
            max_pages=self._material.max_pages,
            kept_pages=len(self._pages),
            page_found=shown is not None and shown.found is not None,
            warnings=tuple(w.value for w in shown.warnings) if shown else (),
            camera_state=self._camera_state,
            picture_serial=self._serial,
            fault=self.fault,
        )

    # --- the live picture

    def _go_live(self) -> None:
        self._phase = Phase.LIVE
        self._look(after_s=0.0)
        self._changed()

    def _look(self, after_s: float) -> None:
        run, newer_than = self._run, self._frame_number
        prior = self._preview.found.quad if self._preview and self._preview.found else None

        def look(camera: DocumentCamera) -> tuple[int, Preview] | DeviceStatus:
            frame = camera.find_frame(newer_than)
            if frame is None:
                return camera.status()
            return frame.number, make_preview(frame.pixels, prior=prior)

        self._worker.call(
            look,
            lambda seen: self._looked(run, seen),
            lambda status: self._lost(run, status),
            after_s=after_s,
        )

    def _looked(self, run: int, seen: tuple[int, Preview] | DeviceStatus) -> None:
        if run != self._run or self._phase not in _LOOKING:
            return
        if isinstance(seen, DeviceStatus):
            # silence while the stream starts is normal; a lost camera is told
            if seen.state is DeviceState.DISCONNECTED and self._phase is not Phase.STARTING:
                self._unavailable(seen.state.value)
            elif self._phase is Phase.STARTING:
                self._starting_for_long(seen)
            self._look(PREVIEW_INTERVAL_S)
            return
        self._frame_number, self._preview = seen
        self._phase, self._camera_state = Phase.LIVE, ""
        self._serial += 1
        self._changed()
        self._look(PREVIEW_INTERVAL_S)

    def _starting_for_long(self, status: DeviceStatus) -> None:
        self._silent_looks += 1
        if self._silent_looks * PREVIEW_INTERVAL_S > STILL_TIMEOUT_MS / 1000:
            self._silent_looks = 0
            self._unavailable(status.state.value)

    def _lost(self, run: int, status: DeviceStatus) -> None:
        if run != self._run or self._phase not in _LOOKING:
            return
        self._unavailable(status.state.value)
        self._look(SLOW_RETRY_S)

    def _unavailable(self, camera_state: str) -> None:
        if (self._phase, self._camera_state) != (Phase.UNAVAILABLE, camera_state):
            self._phase, self._camera_state = Phase.UNAVAILABLE, camera_state
            self._changed()

    # --- the still

    def _still(self, phase: Phase, make: Callable[..., CapturedPage | None]) -> None:
        run, self._phase, self.fault = self._run, phase, ""
        self._changed()
        self._worker.call(
            lambda camera: make(camera.capture(STILL_TIMEOUT_MS).pixels),
            lambda page: self._took(run, page),
            lambda status: self._missed(run, StillFault.CAMERA, status.state.value),
        )

    def _took(self, run: int, page: CapturedPage | None) -> None:
        if run != self._run:
            return
        if page is None:
            self._missed(run, StillFault.NO_PAGE, "")
            return
        self._taken, self._phase = page, Phase.CHECK
        self._serial += 1
        self._changed()

    def _missed(self, run: int, fault: StillFault, camera_state: str) -> None:
        if run == self._run:
            self.fault, self._camera_state = fault.value, camera_state
            self._go_live()

    def _keep(self) -> bool:
        if self._phase is not Phase.CHECK or self._taken is None or self._material is None:
            return False
        if len(self._pages) >= self._material.max_pages:
            return False
        self._pages = (*self._pages, self._taken.image)
        self._taken = None
        return True
