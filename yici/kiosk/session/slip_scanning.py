"""A slip held under the document camera is as good as its code typed."""

from collections.abc import Callable

from yici.contract.submission_ids import normalise_slip_code
from yici.drivers.device import DeviceStatus
from yici.drivers.document_camera import DocumentCamera
from yici.kiosk.capture.codes import read_qr_codes
from yici.kiosk.devices import DeviceWorker

LOOK_INTERVAL_S = 0.25
SLOW_RETRY_S = 1.0


class SlipScanning:
    """Looks for a slip's QR code while the progress screen waits for a code."""

    def __init__(
        self,
        worker: DeviceWorker[DocumentCamera],
        found: Callable[[str], None],
        *,
        decoder: str = "zxing",
    ) -> None:
        """`decoder` is the setting `code_reader.decoder`."""
        self._worker = worker
        self._decoder = decoder
        self._found = found
        self._run = 0
        self._frame_number = -1
        self._last = ""

    @property
    def possible(self) -> bool:
        """Whether there is a camera to hold a slip under."""
        return self._worker.configured

    def start(self) -> None:
        """Look from now on."""
        self.stop()
        if self.possible:
            self._look(0.0)

    def stop(self) -> None:
        """An answer on its way is dropped."""
        self._run += 1
        self._last = ""

    def _look(self, after_s: float) -> None:
        run, newer_than = self._run, self._frame_number

        def look(camera: DocumentCamera) -> tuple[int, str]:
            frame = camera.find_frame(newer_than)
            if frame is None:
                return newer_than, ""
            return frame.number, _slip_code_in(read_qr_codes(frame.pixels, self._decoder))

        self._worker.call(
            look,
            lambda seen: self._looked(run, seen),
            lambda status: self._lost(run, status),
            after_s=after_s,
        )

    def _looked(self, run: int, seen: tuple[int, str]) -> None:
        if run != self._run:
            return
        self._frame_number, code = seen
        # a slip that goes on lying there is one question, not four a second
        if code and code != self._last:
            self._last = code
            self._found(code)
        self._look(LOOK_INTERVAL_S)

    def _lost(self, run: int, status: DeviceStatus) -> None:
        del status
        if run == self._run:
            self._look(SLOW_RETRY_S)


def _slip_code_in(contents: tuple[bytes, ...]) -> str:
    for content in contents:
        code = normalise_slip_code(content.decode("ascii", errors="replace"))
        if code is not None:
            return code
    return ""
