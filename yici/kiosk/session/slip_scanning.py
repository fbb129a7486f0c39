"""A slip held under the document camera or the code reader is as good as its code typed."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from yici.contract.submission_ids import normalise_slip_code
from yici.drivers.code_reader import CodeReader
from yici.drivers.device import DeviceState, NotReady
from yici.drivers.document_camera import DocumentCamera
from yici.kiosk.capture.codes import read_qr_codes
from yici.kiosk.devices import DeviceWorker

LOOK_INTERVAL_S = 0.25
SLOW_RETRY_S = 1.0
READER_TIMEOUT_MS = 500  # a screen that is left waits no longer for the reader


class Way(StrEnum):
    """What a slip may be held under."""

    CAMERA = "camera"
    READER = "reader"


class SlipScanning:
    """Looks for a slip's QR code while the progress screen waits for a code."""

    def __init__(
        self,
        camera: DeviceWorker[DocumentCamera],
        reader: DeviceWorker[CodeReader],
        changed: Callable[[], None],
        found: Callable[[str], None],
        *,
        decoder: str,
    ) -> None:
        """`decoder` is the setting `code_reader.decoder`; `found` gets a slip code."""
        self._camera = camera
        self._reader = reader
        self._decoder = decoder
        self._changed = changed
        self._found = found
        self._failing: set[Way] = set()
        self._run = 0
        self._frame_number = -1
        self._last = ""

    @property
    def ways(self) -> tuple[Way, ...]:
        """What a slip may be held under now; the screen offers nothing that doesn't work."""
        configured = {
            Way.CAMERA: self._camera.configured,
            Way.READER: self._reader.configured,
        }
        return tuple(way for way in Way if configured[way] and way not in self._failing)

    def start(self) -> None:
        """Look from now on."""
        self.stop()
        if self._camera.configured:
            self._look(0.0)
        if self._reader.configured:
            self._read(0.0)

    def stop(self) -> None:
        """An answer on its way is dropped."""
        self._run += 1
        self._last = ""
        self._failing.clear()

    # --- under the camera

    def _look(self, after_s: float) -> None:
        run, newer_than = self._run, self._frame_number

        def look(camera: DocumentCamera) -> tuple[int, str]:
            frame = camera.find_frame(newer_than)
            if frame is None:
                status = camera.status()
                if status.state is DeviceState.DISCONNECTED:
                    raise NotReady(status)
                return newer_than, ""
            return frame.number, _slip_code_in(read_qr_codes(frame.pixels, self._decoder))

        self._camera.call(
            look,
            lambda seen: self._looked(run, seen),
            lambda _: self._again(run, Way.CAMERA, self._look),
            after_s=after_s,
        )

    def _looked(self, run: int, seen: tuple[int, str]) -> None:
        if run == self._run:
            number, code = seen
            if number != self._frame_number:  # without a new picture nothing is known of it
                self._works(Way.CAMERA)
            self._frame_number = number
            self._take(code)
            self._look(LOOK_INTERVAL_S)

    # --- under the code reader

    def _read(self, after_s: float) -> None:
        run = self._run

        def read(reader: CodeReader) -> str:
            code = reader.find_code(READER_TIMEOUT_MS)
            return _slip_code_in((code.content,)) if code is not None else ""

        self._reader.call(
            read,
            lambda code: self._was_read(run, code),
            lambda _: self._again(run, Way.READER, self._read),
            after_s=after_s,
        )

    def _was_read(self, run: int, code: str) -> None:
        if run == self._run:
            self._works(Way.READER)
            self._take(code)
            self._read(0.0)

    # --- either

    def _take(self, code: str) -> None:
        # a slip that goes on lying there is one question, not four a second
        if code and code != self._last:
            self._last = code
            self._found(code)

    def _works(self, way: Way) -> None:
        if way in self._failing:
            self._failing.discard(way)
            self._changed()

    def _again(self, run: int, way: Way, look: Callable[[float], None]) -> None:
        if run != self._run:
            return
        if way not in self._failing:
            self._failing.add(way)
            self._changed()
        look(SLOW_RETRY_S)


def _slip_code_in(contents: Iterable[bytes]) -> str:
    for content in contents:
        code = normalise_slip_code(content.decode("ascii", errors="replace"))
        if code is not None:
            return code
    return ""
