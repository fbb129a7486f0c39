"""The terminal's side of a video camera: keeps a worker running and looks at its newest frame."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import yici
from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
    failure,
)
from yici.drivers.document_camera import BgrImage, Frame
from yici.drivers.document_camera.video import frame_memory
from yici.drivers.document_camera.video.frame_memory import FrameMemory, SharedFrame, StreamState
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.source import (
    OPEN_TIMEOUT_MS,
    Mounting,
    VideoSource,
    get_source,
)

STALE_AFTER_S = 1.5  # a still picture from a live camera is never older than this
HUNG_AFTER_S = OPEN_TIMEOUT_MS / 1000 + 2.0  # opening is the longest time without a heartbeat
PREVIEW_LONG_SIDE_PX = 2000
DARK_BELOW = 24  # brightest sample, 0-255: a covered lens or no light
FIRST_WORD_WITHIN_S = 60.0  # a slow disk at a day's first start: OpenCV alone is 60 MB
_RESTART_BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 4.0)
_STEADY_AFTER_S = 10.0
_POLL_S = 0.01
_SELF_TEST_TIMEOUT_MS = 5000
_WATCH_S = 0.1

_SILENCE_CODES = {
    StreamState.OPENING: "camera.opening",
    StreamState.LOST: "camera.lost",
    StreamState.STREAMING: "camera.stalled",
    StreamState.FROZEN: "camera.stalled",
}
# what the worker says of its frames; the state is a fact as long as the worker lives
_REPORTED = {
    StreamState.FRAME_SIZE_ABSURD: (DeviceState.WRONG_SETTING, "camera.frame_size_absurd"),
    StreamState.TAKING_STILL: (DeviceState.READY, "camera.taking_still"),
}
_WORKER_ENVIRONMENT = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # seconds; ten by default
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(Path(yici.__file__).parents[1]),
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
}


def connect(
    source: str,
    *,
    kind: DeviceKind = DeviceKind.DOCUMENT_CAMERA,
    preview: FrameSize = FrameSize(1280, 960),  # noqa: B008 (frozen)
    still: FrameSize = FrameSize(4656, 3496),  # noqa: B008 (frozen)
    mounting: Mounting = Mounting.UPRIGHT,
) -> "VideoCamera":
    """Start reading a source (see `source.py`) in a worker process; returns at once.

    A source that is not there yet is no error: its status says so, and it is opened as soon as it
    appears. `preview` and `still` choose among a V4L2 device's modes: the smallest that is wide
    enough, and the largest that has no more pixels. Raises NeedsStaff for a malformed `source`.
    """
    get_source(source, kind)
    return VideoCamera(source, kind=kind, preview=preview, still=still, mounting=mounting)


class VideoCamera:
    """A DocumentCamera whose frames come from a worker process; see `connect`."""

    def __init__(
        self,
        source: str,
        *,
        kind: DeviceKind,
        preview: FrameSize,
        still: FrameSize,
        mounting: Mounting,
    ) -> None:
        self._source_text = source
        self._source: VideoSource = get_source(source, kind)
        self._kind = kind
        self._preview = preview
        self._still = still
        self._mounting = mounting
        is_larger = still.pixels > preview.pixels
        self._has_still_mode = self._source.has_still_mode and (
            is_larger or bool(self._source.still_address)
        )
        self._last_still = 0  # its content's mark: an equal one is no new picture
        self._restarts = 0
        self._last_failure = ""
        self._closing = threading.Event()
        self._guard = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._memory: FrameMemory | None = None
        self._next_number = 0
        self._ever_opened = False
        self._keeper = threading.Thread(
            target=self._keep_running, name=kind.value.replace("_", "-")
        )
        self._keeper.daemon = True  # closing is still the owner's duty
        self._keeper.start()

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, for diagnosis; None while there is none."""
        worker = self._worker
        return worker.pid if worker is not None and worker.poll() is None else None

    def status(self) -> DeviceStatus:
        """READY while frames arrive, DISCONNECTED when they don't.

        A READY camera's code says `picture.dark` when it sees nothing. FAULT with `picture.frozen`
        means that it delivers the same picture again and again.
        """
        if self._closing.is_set():
            return self._status(DeviceState.DISCONNECTED, "camera.closed")
        memory = self._living_memory()
        report = memory.find_report() if memory is not None else None
        if memory is None or report is None:
            return self._not_streaming("camera.worker_starting")
        if report.state in _REPORTED:
            return self._status(*_REPORTED[report.state])
        with memory.newest() as shared:
            if shared is None or time.monotonic() - shared.taken_at_s >= STALE_AFTER_S:
                return self._not_streaming(_SILENCE_CODES[report.state])
            if report.state is StreamState.FROZEN:
                return self._status(DeviceState.FAULT, "picture.frozen")
            dark = shared.brightest < DARK_BELOW
            return self._status(DeviceState.READY, "picture.dark" if dark else "")

    def find_frame(self, newer_than: int = -1) -> Frame | None:
        """The newest frame above `newer_than`, or None; never waits for the camera.

        Large frames come halved (repeatedly) to at most 2000 px on the long side: enough to show
        and to find a page. `capture` gives full resolution.
        """
        memory = self._living_memory()
        if memory is None:
            return None
        memory.look()
        with memory.newest(newer_than) as shared:
            if shared is None:
                return None
            return Frame(_halved(shared.pixels), shared.number, shared.taken_at_s)

    def capture(self, timeout_ms: int) -> Frame:
        """A full-resolution frame that was exposed after this call.

        From a source with a still mode that is one still; from any other the second frame to
        arrive, because the first may have been on its way already. A frame equal to the one before
        is never given. Raises NotReady when none came within `timeout_ms`, NeedsStaff for a wrong
        setting or a picture that stands still.
        """
        deadline_s = time.monotonic() + timeout_ms / 1000
        look = self._find_still if self._has_still_mode else self._find_second_frame
        frame = look(deadline_s)
        if frame is not None:
            return frame
        status = self.status()
        if status.works:
            status = self._status(DeviceState.BUSY, "camera.no_new_frame")
        self._last_failure = status.code
        raise failure(status)

    def _find_second_frame(self, deadline_s: float) -> Frame | None:
        called_at_s = time.monotonic()
        first: int | None = None
        content_before: int | None = None
        while True:
            if (memory := self._living_memory()) is not None:
                memory.look()
                with memory.newest() as shared:
                    if shared is not None:
                        content_before = (
                            shared.content if content_before is None else content_before
                        )
                        is_anew = shared.content == 0 or shared.content != content_before
                        if shared.taken_at_s > called_at_s:
                            if first is not None and shared.number > first and is_anew:
                                return _copied(shared)
                            first = shared.number if first is None else first
            if not self._may_wait(deadline_s):
                return None

    def _find_still(self, deadline_s: float) -> Frame | None:
        asked: FrameMemory | None = None
        request = 0
        while True:
            memory = self._living_memory()
            if memory is not None and memory is not asked and self.status().works:
                memory.look()
                asked, request = memory, memory.ask_for_still()
            if asked is not None and memory is asked and asked.is_still_answered(request):
                return self._taken_still(asked)
            if not self._may_wait(deadline_s):
                if asked is not None:
                    asked.forget_still()
                return None

    def _taken_still(self, memory: FrameMemory) -> Frame | None:
        with memory.still() as shared:
            frame = None if shared is None else _copied(shared)
            content = 0 if shared is None else shared.content
        memory.forget_still()
        if content and content == self._last_still:
            raise failure(self._status(DeviceState.FAULT, "picture.frozen"))
        self._last_still = content
        return frame

    def _may_wait(self, deadline_s: float) -> bool:
        """Wait for a moment; False when waiting makes no sense any more."""
        if time.monotonic() >= deadline_s or self._closing.is_set():
            return False
        self._closing.wait(_POLL_S)
        return self.status().state not in (DeviceState.FAULT, DeviceState.WRONG_SETTING)

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers, whether its picture is fit to use, and whether it is anew."""
        status = self.status()
        if not status.works:
            skipped = (SelfTestStep(code, StepOutcome.NOT_DONE) for code in ("light", "capture"))
            return (answers(status), *skipped)
        dark = status.code == "picture.dark"
        return (
            answers(status),
            SelfTestStep("light", StepOutcome.FAILED if dark else StepOutcome.PASSED),
            self._capture_step(),
        )

    def _capture_step(self) -> SelfTestStep:
        try:
            frame = self.capture(_SELF_TEST_TIMEOUT_MS)
        except DeviceError as error:
            return SelfTestStep("capture", StepOutcome.FAILED, error.status.code)
        height_px, width_px = frame.pixels.shape[:2]
        return SelfTestStep("capture", StepOutcome.PASSED, f"{width_px}x{height_px}")

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`; the address isn't told, because it may hold a password."""
        memory = self._living_memory()
        size = (0, 0)
        if memory is not None:
            with memory.newest() as shared:
                if shared is not None:
                    size = (shared.pixels.shape[1], shared.pixels.shape[0])
        return {
            "driver": "video",
            "source": self._source.kind.value,
            "has_still_mode": int(self._has_still_mode),
            "worker_alive": int(self.worker_pid is not None),
            "worker_restarts": self._restarts,
            "preview_width_px": size[0],
            "preview_height_px": size[1],
            "last_failure": self._last_failure,
        }

    def close(self) -> None:
        """End the worker and wait for it; may be called twice."""
        self._closing.set()
        if threading.current_thread() is not self._keeper:
            self._keeper.join(timeout=10)

    # --- the worker's life

    def _living_memory(self) -> FrameMemory | None:
        with self._guard:
            worker = self._worker
            if worker is None or worker.poll() is not None:
                return None
            return self._memory

    def _not_streaming(self, code: str) -> DeviceStatus:
        """Before the first answer nothing is known; later, silence means that it is gone."""
        state = DeviceState.DISCONNECTED if self._ever_opened else DeviceState.UNKNOWN
        return self._status(state, code)

    def _status(self, state: DeviceState, code: str = "") -> DeviceStatus:
        return DeviceStatus(self._kind, state, code)

    def _keep_running(self) -> None:
        deaths = 0
        while not self._closing.is_set():
            started_at_s = time.monotonic()
            with contextlib.suppress(OSError):  # no memory or no process left: tried again
                self._start()
                self._watch()
            self._stop()
            self._restarts += 1
            steady = time.monotonic() - started_at_s > _STEADY_AFTER_S
            deaths = 0 if steady else min(deaths + 1, len(_RESTART_BACKOFF_S) - 1)
            self._closing.wait(_RESTART_BACKOFF_S[deaths])

    def _start(self) -> None:
        descriptor = frame_memory.create()
        try:
            self._memory = FrameMemory(descriptor)  # given back by `_stop`, whatever happens now
            worker = subprocess.Popen(
                self._command(descriptor),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[descriptor],
                env=_WORKER_ENVIRONMENT,  # all of it: no proxies, no Qt, no LD_PRELOAD
            )
        finally:
            os.close(descriptor)
        with self._guard:
            self._worker = worker
        if worker.stdin is not None:
            worker.stdin.write(self._source_text.encode() + b"\n")

    def _command(self, descriptor: int) -> list[str]:
        options = {
            "--memory": descriptor,
            "--preview-width-px": self._preview.width_px,
            "--preview-height-px": self._preview.height_px,
            "--still-width-px": self._still.width_px,
            "--still-height-px": self._still.height_px,
            "--mounting": int(self._mounting),
            "--first-number": self._next_number,
        }
        module = f"{__package__}.worker"
        # -P: a file in the working directory must not stand in for a module
        return [sys.executable, "-P", "-m", module, *(f"{k}={v}" for k, v in options.items())]

    def _watch(self) -> None:
        """Return when the worker has died, hangs, or is no longer wanted."""
        started_at_s = time.monotonic()
        while not self._closing.wait(_WATCH_S):
            memory = self._living_memory()
            if memory is None:
                self._ever_opened = True
                return
            report = memory.find_report()
            if report is None:
                if time.monotonic() - started_at_s > FIRST_WORD_WITHIN_S:
                    return  # it never came up
                continue
            if report.state is not StreamState.OPENING:
                self._ever_opened = True
            if report.heartbeat_age_s > HUNG_AFTER_S:
                return

    def _stop(self) -> None:
        with self._guard:
            worker, memory = self._worker, self._memory
            self._worker = self._memory = None
        if worker is not None:
            worker.kill()  # it holds nothing that needs a farewell
            try:
                worker.wait(timeout=5)
            except subprocess.TimeoutExpired:  # stuck in the kernel's driver
                threading.Thread(target=worker.wait, name="camera-reaper", daemon=True).start()
            if worker.stdin is not None:
                worker.stdin.close()
        if memory is not None:
            report = memory.find_report()
            if report is not None:
                self._next_number = report.newest_number + 1
            memory.close()


def _copied(shared: SharedFrame) -> Frame:
    return Frame(shared.pixels.copy(), shared.number, shared.taken_at_s)


def _halved(pixels: BgrImage) -> BgrImage:
    """A copy, halved until the long side fits; exact halves are the cheapest reduction."""
    import cv2

    reduced = pixels
    while max(reduced.shape[:2]) > PREVIEW_LONG_SIDE_PX:
        height, width = reduced.shape[0] // 2, reduced.shape[1] // 2
        reduced = cv2.resize(
            reduced[: height * 2, : width * 2], (width, height), interpolation=cv2.INTER_AREA
        )
    return pixels.copy() if reduced is pixels else reduced
