"""Preview and still as two modes of one camera: over V4L2 (its device faked) and over HTTP."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import cv2
import numpy as np
import pytest
from camera_bench import DEADLINE_S, SMALL, wait_for_state, wait_until

from yici.drivers.device import DeviceState, NotReady
from yici.drivers.document_camera.camera_twin import CameraFault, claim_size, encode_jpeg
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.video import connect, frame_memory
from yici.drivers.document_camera.video.content_mark import (
    FROZEN_AFTER_S,
    FrozenWatch,
    content_mark,
)
from yici.drivers.document_camera.video.frame_memory import FrameMemory, StreamState
from yici.drivers.document_camera.video.frame_size import (
    FrameSize,
    find_preview_size,
    find_still_size,
)
from yici.drivers.document_camera.video.jpeg import NoJpeg, decode_jpeg
from yici.drivers.document_camera.video.source import Mounting, get_source
from yici.drivers.document_camera.video.v4l2_modes import FRMSIZEENUM, decode_size, find_mjpg_sizes
from yici.drivers.document_camera.video.worker import Feed

VGA, HD, FULL = FrameSize(640, 480), FrameSize(1280, 960), FrameSize(3264, 2448)
SIZES = (FULL, VGA, HD)


class FakeDevice:
    """A V4L2 device as OpenCV shows it: one opener at a time, frames in the size asked for."""

    def __init__(self) -> None:
        self.openings: list[FrameSize] = []
        self.holders = 0
        self.is_there = True
        self.exposures = 0

    def make_capture(self) -> "FakeCapture":
        return FakeCapture(self)


class FakeCapture:
    """What stands for cv2.VideoCapture."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self._size: FrameSize | None = None

    def open(self, _address: str, _backend: int, parameters: list[int]) -> bool:
        if not self._device.is_there or self._device.holders:
            return False
        asked = dict(zip(parameters[::2], parameters[1::2], strict=True))
        self._size = FrameSize(asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT])
        self._device.holders += 1
        self._device.openings.append(self._size)
        return True

    def grab(self) -> bool:
        time.sleep(0.005)
        self._device.exposures += 1
        return self._device.is_there

    def get(self, name: int) -> float:
        assert self._size is not None
        sides = {cv2.CAP_PROP_FRAME_WIDTH: self._size.width_px}
        return float(sides.get(name, self._size.height_px))

    def retrieve(self) -> tuple[bool, Any]:
        assert self._size is not None
        shape = (self._size.height_px, self._size.width_px, 3)
        pixels = np.full(shape, 90, np.uint8)
        pixels[0, 0] = self._device.exposures % 251
        return True, pixels

    def release(self) -> None:
        if self._size is not None:
            self._device.holders -= 1
            self._size = None


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> FakeDevice:
    device = FakeDevice()
    monkeypatch.setattr(cv2, "VideoCapture", device.make_capture)
    return device


@pytest.fixture
def reader(device: FakeDevice) -> Iterator[FrameMemory]:
    """A feed of the device at work in a thread; its memory's other end."""
    descriptor = frame_memory.create()
    memory, reader = FrameMemory(descriptor), FrameMemory(descriptor)
    memory.begin(0)
    feed = Feed(
        memory,
        get_source("/dev/video0"),
        preview=HD,
        still=FrameSize(4656, 3496),
        mounting=Mounting.UPRIGHT,
        find_sizes=lambda _path: SIZES,
    )
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            reader.look()
            feed.serve_once()

    thread = threading.Thread(target=serve)
    thread.start()
    yield reader
    stopping.set()
    device.is_there = False
    thread.join()
    memory.close()
    reader.close()
    os.close(descriptor)


def _state(reader: FrameMemory) -> StreamState | None:
    report = reader.find_report()
    return report.state if report is not None else None


def _until_answered(reader: FrameMemory) -> int:
    request = reader.ask_for_still()
    wait_until(lambda: reader.is_still_answered(request), "answered")
    return request


def test_still_is_taken_in_the_largest_mode_and_the_preview_comes_back(
    device: FakeDevice, reader: FrameMemory
) -> None:
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "streaming")
    with reader.newest() as shared:
        assert shared is not None
        assert shared.pixels.shape == (960, 1280, 3)
        before = shared.number
    asked_at_s = time.monotonic()
    _until_answered(reader)
    with reader.still() as still:
        assert still is not None
        assert still.pixels.shape == (2448, 3264, 3)
        assert still.taken_at_s > asked_at_s
        assert still.number > before
        after = still.number
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "the preview again")
    with reader.newest() as shared:
        assert shared is not None
        assert shared.pixels.shape == (960, 1280, 3)
        assert shared.number > after
    assert device.openings[:3] == [HD, FULL, HD]


def test_mode_change_is_never_told_as_a_loss(device: FakeDevice, reader: FrameMemory) -> None:
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "streaming")
    seen: set[StreamState | None] = set()
    request = reader.ask_for_still()
    end_s = time.monotonic() + DEADLINE_S
    while len(device.openings) < 3 and time.monotonic() < end_s:
        seen.add(_state(reader))
    assert reader.is_still_answered(request)
    assert seen <= {StreamState.STREAMING, StreamState.TAKING_STILL}
    assert StreamState.TAKING_STILL in seen


def test_still_taken_away_is_no_longer_in_memory(device: FakeDevice, reader: FrameMemory) -> None:
    """A resident's paper stays no longer than the call."""
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "streaming")
    _until_answered(reader)
    with reader.still() as still:
        assert still is not None
        lent = still.pixels
        assert lent[5, 5, 0] == 90
    reader.forget_still()
    assert not lent.any()
    with reader.still() as still:
        assert still is None


def test_device_that_vanishes_before_a_still_answers_with_none(
    device: FakeDevice, reader: FrameMemory
) -> None:
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "streaming")
    device.is_there = False
    _until_answered(reader)
    with reader.still() as still:
        assert still is None
    wait_until(lambda: _state(reader) is StreamState.LOST, "lost")
    device.is_there = True
    wait_until(lambda: _state(reader) is StreamState.STREAMING, "back")


def test_late_answer_to_a_request_that_was_given_up_fits_no_other() -> None:
    descriptor = frame_memory.create()
    memory, reader = FrameMemory(descriptor), FrameMemory(descriptor)
    memory.begin(0)
    old = reader.ask_for_still()
    reader.forget_still()
    assert memory.find_still_request() is None
    new = reader.ask_for_still()
    memory.answer_still(old, np.full((100, 100, 3), 9, np.uint8))
    assert not reader.is_still_answered(new)
    with reader.still() as still:
        assert still is None
    memory.close()
    reader.close()
    os.close(descriptor)


# --- over HTTP


def test_still_over_http_is_whole_while_the_preview_is_small() -> None:
    with (
        DocumentCameraTwin(view=SMALL, preview_divisor=2) as twin,
        closing(connect(twin.address)) as camera,
    ):
        assert camera.capture(20_000).pixels.shape == (640, 480, 3)
        frame = camera.find_frame()
        assert frame is not None
        assert frame.pixels.shape == (320, 240, 3)


@pytest.mark.parametrize("path", ["/missing.jpg", "/cam.mjpg"], ids=["404", "endless-stream"])
def test_still_address_that_gives_no_picture_is_not_ready_but_the_preview_goes_on(
    path: str,
) -> None:
    with (
        DocumentCameraTwin(view=SMALL) as twin,
        closing(connect(f"{twin.url}#still={path}")) as camera,
    ):
        wait_for_state(camera, DeviceState.READY)
        started_at_s = time.monotonic()
        with pytest.raises(NotReady) as raised:
            camera.capture(timeout_ms=1500)
        assert time.monotonic() - started_at_s < DEADLINE_S / 2
        assert raised.value.status.code == "camera.no_new_frame"
        assert camera.status().state is DeviceState.READY
        twin.set_fault(CameraFault.NONE)
        wait_until(lambda: camera.find_frame() is not None, "a frame to look at")


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "no_jpeg"),
        (b"\xff\xd8\xff\xd9", "no_jpeg"),
        (b"<html>log in first</html>", "no_jpeg"),
        (encode_jpeg(np.zeros((16, 16, 3), np.uint8)), "size_absurd"),
        (claim_size(encode_jpeg(np.zeros((90, 90, 3), np.uint8)), 65500, 65500), "size_absurd"),
    ],
    ids=["empty", "bare", "html", "tiny", "bomb"],
)
def test_still_that_is_no_sensible_jpeg_is_refused_before_it_is_decoded(
    encoded: bytes, reason: str
) -> None:
    with pytest.raises(NoJpeg, match=reason):
        decode_jpeg(encoded)


# --- which mode serves for what


def test_modes_are_chosen_among_what_the_device_has() -> None:
    assert find_preview_size(SIZES, HD) == HD
    assert find_preview_size([VGA], HD) == VGA
    assert find_preview_size([], HD) is None
    assert find_still_size(SIZES, FrameSize(4656, 3496)) == FULL
    assert find_still_size(SIZES, FrameSize(2000, 2000)) == HD
    assert find_still_size([FrameSize(9000, 9000)], FrameSize(10_000, 10_000)) is None


@pytest.mark.parametrize("size", [(1, 1), (63, 640), (5000, 500), (5200, 4000), (0, 0)])
def test_absurd_sizes(size: tuple[int, int]) -> None:
    assert FrameSize(*size).is_absurd


def test_answers_of_the_kernel_about_sizes() -> None:
    """struct v4l2_frmsizeenum (linux/videodev2.h) as a UVC camera and as vivid fill it."""
    discrete = bytes.fromhex(
        "01000000 4d4a5047 01000000 c00c0000 90090000" + "00" * 24
    )  # index 1, MJPG, discrete, 3264 × 2448
    assert decode_size(discrete) == (FULL, True)
    stepwise = FRMSIZEENUM.pack(0, 0, 3, 16, 3840, 2, 16, 2160, 2, 0, 0)
    assert decode_size(stepwise) == (FrameSize(3840, 2160), False)
    assert FRMSIZEENUM.size == 44
    assert find_mjpg_sizes("/dev/null") == ()
    assert find_mjpg_sizes("/dev/video-that-is-not-there") == ()


# --- a picture that stands still


def test_equal_pictures_are_frozen_after_a_while_and_living_ones_never() -> None:
    random = np.random.default_rng(3)
    noise = [random.integers(80, 90, (480, 640, 3)).astype(np.uint8) for _ in range(2)]
    marks = [content_mark(picture) for picture in noise]
    assert 0 not in marks
    assert marks[0] != marks[1]
    watch = FrozenWatch()
    assert not watch.is_frozen(marks[0], 0.0)
    assert not watch.is_frozen(marks[0], FROZEN_AFTER_S - 0.1)
    assert watch.is_frozen(marks[0], FROZEN_AFTER_S)
    assert not watch.is_frozen(marks[1], FROZEN_AFTER_S + 1)


def test_one_single_colour_says_nothing_about_life() -> None:
    """A covered lens is black all the time, and a dazzled one white."""
    for level in (0, 255):
        assert content_mark(np.full((480, 640, 3), level, np.uint8)) == 0
    watch = FrozenWatch()
    assert not any(watch.is_frozen(0, at_s) for at_s in (0.0, 10.0, 20.0))
