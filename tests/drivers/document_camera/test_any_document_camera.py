"""The contract of every camera: a document camera with a still mode, a face camera without."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from camera_bench import SMALL, wait_for_state, wait_until

from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NeedsStaff,
    NotReady,
    StepOutcome,
)
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.camera_twin import CameraFault, CameraTwin, LivingScene
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.video import VideoCamera
from yici.drivers.face_camera.video.twin import FaceCameraTwin
from yici.drivers.registry import get_connect

TIMEOUT_MS = 20_000


@dataclass(frozen=True, slots=True)
class Bench:
    """One camera before its twin."""

    kind: DeviceKind
    twin: CameraTwin
    camera: VideoCamera
    connect: Callable[[], VideoCamera]
    full_shape: tuple[int, int, int]

    def see(self, colour: str) -> None:
        """Something red or something green comes before the lens."""
        picture: BgrImage = np.full(self.full_shape, 40, np.uint8)
        picture[:, :, 2 if colour == "red" else 1] = 200
        self.twin.see(LivingScene(picture))


def colour_of(pixels: BgrImage) -> str:
    _, green, red = (int(value) for value in pixels[pixels.shape[0] // 2, pixels.shape[1] // 2])
    return "red" if red > green else "green"


@pytest.fixture(params=["document", "face"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    makers: dict[str, tuple[Callable[[], CameraTwin], Callable[[], Callable[..., object]]]] = {
        "document": (
            lambda: DocumentCameraTwin(view=SMALL, preview_divisor=2),
            lambda: get_connect(DeviceKind.DOCUMENT_CAMERA, "video"),
        ),
        "face": (FaceCameraTwin, lambda: get_connect(DeviceKind.FACE_CAMERA, "video")),
    }
    make_twin, load = makers[str(request.param)]
    with make_twin() as twin:

        def connect() -> VideoCamera:
            camera = load()(twin.address)
            assert isinstance(camera, VideoCamera)
            return camera

        shape = (720, 960, 3) if twin.kind is DeviceKind.FACE_CAMERA else (640, 480, 3)
        with closing(connect()) as camera:
            yield Bench(twin.kind, twin, camera, connect, shape)


def test_capture_is_whole_and_shows_what_is_there_after_the_call(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    numbers = []
    for colour in ("red", "green", "red"):
        bench.see(colour)
        called_at_s = time.monotonic()
        frame = bench.camera.capture(TIMEOUT_MS)
        assert colour_of(frame.pixels) == colour
        assert frame.taken_at_s > called_at_s
        assert frame.pixels.shape == bench.full_shape
        numbers.append(frame.number)
    assert numbers == sorted(set(numbers))
    assert bench.camera.status().kind is bench.kind


def test_preview_is_there_without_waiting_and_never_given_twice(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    wait_until(lambda: bench.camera.find_frame() is not None, "a frame")
    frame = bench.camera.find_frame()
    assert frame is not None
    assert bench.camera.find_frame(newer_than=frame.number + 1000) is None


def test_unplugged_before_during_and_after_a_capture(bench: Bench) -> None:
    bench.camera.capture(TIMEOUT_MS)
    bench.twin.unplug()
    wait_for_state(bench.camera, DeviceState.DISCONNECTED)
    with pytest.raises(NotReady) as raised:
        bench.camera.capture(timeout_ms=50)
    assert raised.value.status.kind is bench.kind
    bench.twin.plug_in()
    before = bench.camera.capture(TIMEOUT_MS)  # back without a restart
    bench.twin.set_fault(CameraFault.STALLED)  # a capture is now under way when the plug is pulled
    puller = threading.Timer(0.3, bench.twin.unplug)
    puller.start()
    with pytest.raises(NotReady):
        bench.camera.capture(timeout_ms=1500)
    puller.join()
    bench.twin.set_fault("none")
    bench.twin.plug_in()
    assert bench.camera.capture(TIMEOUT_MS).number > before.number


@pytest.mark.parametrize(
    "fault",
    [
        CameraFault.SILENT,
        CameraFault.STALLED,
        CameraFault.DROPPED,
    ],
)
def test_stream_that_fails_is_disconnected_and_comes_back(bench: Bench, fault: str) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    bench.twin.set_fault(fault)
    wait_for_state(bench.camera, DeviceState.DISCONNECTED)
    with pytest.raises(NotReady):
        bench.camera.capture(timeout_ms=50)
    bench.twin.set_fault("none")
    assert bench.camera.capture(TIMEOUT_MS).pixels.shape == bench.full_shape


def test_absurd_frame_size_is_no_picture_and_passes(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    bench.twin.set_fault(CameraFault.ABSURD_SIZE)
    wait_until(lambda: not bench.camera.status().works, "told")
    worker = bench.camera.worker_pid
    with pytest.raises(DeviceError):
        bench.camera.capture(timeout_ms=300)
    bench.twin.set_fault("none")
    wait_for_state(bench.camera, DeviceState.READY)
    assert bench.camera.capture(TIMEOUT_MS).pixels.shape == bench.full_shape
    assert bench.camera.worker_pid == worker  # four thousand megapixels killed nobody


@pytest.mark.parametrize("state", ["streaming", "not_opened_yet"])
def test_every_fault_in_every_state_ends_in_time_with_a_value_or_an_error(
    bench: Bench, state: str
) -> None:
    bench.camera.capture(TIMEOUT_MS)
    assert {"silent", "garbage", "slow"} <= set(bench.twin.fault_names)
    for name in bench.twin.fault_names:
        bench.twin.set_fault(name)
        camera = bench.camera if state == "streaming" else bench.connect()
        started_at_s = time.monotonic()
        with suppress(DeviceError):
            assert camera.capture(timeout_ms=150).pixels.ndim == 3
        assert camera.status().kind is bench.kind
        camera.find_frame()
        assert time.monotonic() - started_at_s < 10, name
        if camera is not bench.camera:
            camera.close()
    bench.twin.set_fault("none")
    bench.see("red")
    wait_until(lambda: _captured_colour(bench.camera) == "red", "red")


def _captured_colour(camera: VideoCamera) -> str:
    with suppress(DeviceError):
        return colour_of(camera.capture(timeout_ms=2000).pixels)
    return ""


def test_slow_camera_is_waited_for(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    bench.twin.set_fault(CameraFault.SLOW)
    assert bench.camera.capture(TIMEOUT_MS).pixels.shape == bench.full_shape


def test_black_picture_is_ready_but_says_so(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    bench.twin.set_fault(CameraFault.BLACK)
    wait_until(lambda: bench.camera.status().code == "picture.dark", "dark")
    assert bench.camera.status().works
    light = bench.camera.self_test()[1]
    assert (light.code, light.outcome) == ("light", StepOutcome.FAILED)
    bench.twin.set_fault("none")
    wait_until(lambda: bench.camera.status().code == "", "light again")


def test_frozen_picture_is_told_and_never_captured(bench: Bench) -> None:
    """What it shows may be the last resident's paper."""
    bench.camera.capture(TIMEOUT_MS)
    bench.twin.set_fault(CameraFault.FROZEN)
    frozen_at_s = time.monotonic()
    with suppress(DeviceError):  # one that was under way may still be new
        bench.camera.capture(timeout_ms=300)
    wait_until(lambda: bench.camera.status().code == "picture.frozen", "told")
    assert bench.camera.status().state is DeviceState.FAULT
    assert time.monotonic() - frozen_at_s > 2
    with pytest.raises(NeedsStaff):
        bench.camera.capture(timeout_ms=2000)
    bench.twin.set_fault("none")
    wait_for_state(bench.camera, DeviceState.READY)
    assert bench.camera.capture(TIMEOUT_MS).pixels.shape == bench.full_shape


def test_killed_worker_is_seen_at_once_and_replaced(bench: Bench) -> None:
    before = bench.camera.capture(TIMEOUT_MS)
    killed = bench.camera.worker_pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_for_state(bench.camera, DeviceState.DISCONNECTED)
    after = bench.camera.capture(TIMEOUT_MS)
    assert after.number > before.number
    assert bench.camera.worker_pid not in (None, killed)


def test_camera_starts_without_its_device(bench: Bench) -> None:
    bench.twin.unplug()
    with closing(bench.connect()) as camera:
        wait_for_state(camera, DeviceState.DISCONNECTED)
        assert camera.find_frame() is None
        with pytest.raises(NotReady) as raised:
            camera.capture(timeout_ms=50)
        assert raised.value.status.kind is bench.kind
        bench.twin.plug_in()
        assert camera.capture(TIMEOUT_MS).pixels.shape == bench.full_shape


@pytest.mark.parametrize(
    "source",
    ["", "camera", "file:///etc/passwd", "/etc/passwd", "/dev/../etc/passwd", "http://",
     "http://[", "http://host:99999/", "concat:a|b", "rtsp://host/", "http://host/a\nb",
     "http://host/a#b", "http://host/a#still=http://other/", "/dev/video0\n/dev/video1"],
)  # fmt: skip
def test_source_that_can_not_be_a_camera_is_a_wrong_setting(source: str) -> None:
    for kind in (DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA):
        with pytest.raises(NeedsStaff) as raised:
            get_connect(kind, "video")(source)
        assert raised.value.status.state is DeviceState.WRONG_SETTING
        assert raised.value.status.kind is kind
        with pytest.raises(ValueError, match="video"):
            get_connect(kind, "vendor")


def test_self_test_takes_a_picture_and_diagnostics_tell_no_address(bench: Bench) -> None:
    wait_for_state(bench.camera, DeviceState.READY)
    steps = {step.code: step for step in bench.camera.self_test()}
    assert {step.outcome for step in steps.values()} == {StepOutcome.PASSED}
    height_px, width_px, _ = bench.full_shape
    assert steps["capture"].detail == f"{width_px}x{height_px}"
    told = dict(bench.camera.diagnostics())
    assert told["worker_alive"] == 1
    assert not [value for value in told.values() if "127.0.0.1" in str(value)]


def test_closing_ends_worker_thread_and_memory(bench: Bench) -> None:
    bench.camera.capture(TIMEOUT_MS)
    worker = bench.camera.worker_pid
    assert worker is not None
    assert len(_shared_memory()) == 1
    bench.camera.close()
    bench.camera.close()
    assert not Path(f"/proc/{worker}").exists()  # not even a zombie
    assert not [t for t in threading.enumerate() if t.name == bench.kind.value.replace("_", "-")]
    assert not _shared_memory()
    assert bench.camera.status().state is DeviceState.DISCONNECTED
    assert bench.camera.find_frame() is None
    with pytest.raises(NotReady):
        bench.camera.capture(TIMEOUT_MS)


def _shared_memory() -> list[str]:
    lines = Path(f"/proc/{os.getpid()}/maps").read_text().splitlines()
    return [line for line in lines if "yici-camera-frames" in line]
