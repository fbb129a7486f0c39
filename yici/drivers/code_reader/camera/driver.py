"""The driver: a camera's newest frames, looked through for codes.

    reader = connect("/dev/kiosk/code-camera", decoder="zxing")         # a camera of its own
    reader = CameraCodeReader(document_camera, DecoderProcess("zxing")) # one that others use, too

A code that lies there when the call begins counts: people put the paper down first. Held there it
counts once, until it has been away for `HELD_FOR_S`.
"""

import time
from collections.abc import Mapping

from yici.drivers.code_reader import SeenCode
from yici.drivers.code_reader.decoding import (
    DecoderMissing,
    read_codes,
)
from yici.drivers.code_reader.decoding.process import DecoderProcess
from yici.drivers.code_reader.held_codes import HeldCodes
from yici.drivers.device import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NeedsStaff,
    SelfTestStep,
    StepOutcome,
    answers,
    failure,
)
from yici.drivers.document_camera import BgrImage, DocumentCamera
from yici.drivers.document_camera.video import VideoCamera
from yici.drivers.document_camera.video import connect as connect_video

HELD_FOR_S = 1.5
_POLL_S = 0.03
_SELF_TEST_S = 5.0


def connect(address: str, *, decoder: str = "zxing") -> "CameraCodeReader":
    """A reader with a camera of its own at `/dev/videoN` or `http(s)://…` (MJPEG).

    Raises ValueError with a sentence for an address or a decoder that can't be one, NeedsStaff
    (`decoder.missing`) when the decoder's library isn't installed.
    """
    try:
        engine = DecoderProcess(decoder)
    except DecoderMissing as missing:
        raise NeedsStaff(_status(DeviceState.WRONG_SETTING, "decoder.missing")) from missing
    try:
        camera = connect_video(address, kind=DeviceKind.CODE_READER)
    except NeedsStaff as error:
        engine.close()
        raise ValueError(
            f"{address!r}: a camera's address looks like /dev/video0 or http://HOST/cam.mjpg"
        ) from error
    return CameraCodeReader(camera, engine, owned=camera)


class CameraCodeReader:
    """A CodeReader over a camera, which it closes only when it is `owned`; it owns its decoder."""

    def __init__(
        self, camera: DocumentCamera, decoder: DecoderProcess, *, owned: VideoCamera | None = None
    ) -> None:
        """Calls come from the same thread as the camera's other calls."""
        self._camera = camera
        self._decoder = decoder
        self._owned = owned
        self._held = HeldCodes(HELD_FOR_S)
        self._codes_seen = 0
        self._last_failure = ""
        self._is_closed = False

    def find_code(self, timeout_ms: int) -> SeenCode | None:
        """See CodeReader. A frame is looked through for 20 ms, at most 6 s: a call may end late."""
        called_at_s = time.monotonic()
        deadline_s = called_at_s + timeout_ms / 1000
        newest = -1
        while True:
            if (status := self.status()).state is not DeviceState.UNKNOWN and not status.works:
                raise self._failed(status)
            frame = self._camera.find_frame(newest)
            if frame is not None:
                newest = frame.number
                # what was before the lens until now may be a picture of the last resident
                if frame.taken_at_s > called_at_s and (code := self._find_new(frame.pixels)):
                    return code
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                break
            time.sleep(min(_POLL_S, left_s))
        if not (status := self.status()).works:  # it never answered
            raise self._failed(status)
        return None

    def status(self) -> DeviceStatus:
        """The camera's, as a code reader's."""
        if self._is_closed:
            return _status(DeviceState.DISCONNECTED, "reader.closed")
        status = self._camera.status()
        return _status(status.state, status.code)

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether pictures come, and whether the decoder reads a code that is drawn for it."""
        reads = _reads_a_drawn_code(self._decoder)
        return (
            answers(self.status()),
            SelfTestStep("decoder", StepOutcome.PASSED if reads else StepOutcome.FAILED),
        )

    def diagnostics(self) -> Mapping[str, str | int]:
        """See Device: counts, never a code."""
        return {
            "driver": "camera",
            "decoder": self._decoder.name,
            "decoder_restarts": self._decoder.restarts,
            "codes_seen": self._codes_seen,
            "last_failure": self._last_failure,
        }

    def close(self) -> None:
        """See Device; a camera that others use stays open."""
        self._is_closed = True
        self._decoder.close()
        if self._owned is not None:
            self._owned.close()

    def _find_new(self, pixels: BgrImage) -> SeenCode | None:
        """The first code that wasn't there before; the others' turn is the next call."""
        codes = read_codes(self._decoder, pixels)
        now_s = time.monotonic()
        self._codes_seen += len(codes)
        return next((code for code in codes if self._held.is_new(code, now_s)), None)

    def _failed(self, status: DeviceStatus) -> Exception:
        self._last_failure = status.code or status.state.value
        return failure(status)


def _reads_a_drawn_code(decoder: DecoderProcess) -> bool:
    import numpy as np
    import qrcode

    code = qrcode.QRCode(border=4)
    code.add_data(b"yici")
    dark = np.array(code.get_matrix(), bool).repeat(4, axis=0).repeat(4, axis=1)
    picture = np.where(dark, 0, 255).astype(np.uint8)
    deadline_s = time.monotonic() + _SELF_TEST_S  # it may have to start first
    while time.monotonic() < deadline_s:
        if any(code.content == b"yici" for code in decoder.read(picture)):
            return True
        time.sleep(_POLL_S)
    return False


def _status(state: DeviceState, code: str = "") -> DeviceStatus:
    return DeviceStatus(DeviceKind.CODE_READER, state, code)
