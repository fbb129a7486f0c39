"""Face cameras: a kind of their own, beside a document camera that must not suffer from them.

The contract of their driver is the document camera's suite, which runs over both.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest
from camera_bench import SMALL, wait_for_state, wait_until

from yici.drivers.device import DeviceKind, DeviceState
from yici.drivers.document_camera.camera_twin import CameraFault
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.video import VideoCamera
from yici.drivers.face_camera.video.twin import FaceCameraTwin, drawn_face
from yici.drivers.registry import get_connect

TIMEOUT_MS = 20_000


@dataclass(frozen=True, slots=True)
class Both:
    """A terminal's two cameras."""

    document_twin: DocumentCameraTwin
    face_twin: FaceCameraTwin
    document: VideoCamera
    face: VideoCamera


@pytest.fixture
def both() -> Iterator[Both]:
    with (
        DocumentCameraTwin(view=SMALL, preview_divisor=2) as document_twin,
        FaceCameraTwin() as face_twin,
        closing(
            get_connect(DeviceKind.DOCUMENT_CAMERA, "video")(document_twin.address)
        ) as document,
        closing(get_connect(DeviceKind.FACE_CAMERA, "video")(face_twin.address)) as face,
    ):
        assert isinstance(document, VideoCamera)
        assert isinstance(face, VideoCamera)
        yield Both(document_twin, face_twin, document, face)


def test_two_cameras_at_once_have_workers_and_pictures_of_their_own(both: Both) -> None:
    document, face = both.document.capture(TIMEOUT_MS), both.face.capture(TIMEOUT_MS)
    assert document.pixels.shape == (640, 480, 3)
    assert face.pixels.shape == (720, 960, 3)
    assert both.document.worker_pid != both.face.worker_pid
    assert both.document.status().kind is DeviceKind.DOCUMENT_CAMERA
    assert both.face.status().kind is DeviceKind.FACE_CAMERA


@pytest.mark.parametrize("trouble", ["stalled", "unplugged", "killed"])
def test_one_that_fails_does_not_slow_the_other(both: Both, trouble: str) -> None:
    both.face.capture(TIMEOUT_MS)
    both.document.capture(TIMEOUT_MS)
    troubles: dict[str, Callable[[], None]] = {
        "stalled": lambda: both.face_twin.set_fault(CameraFault.STALLED),
        "unplugged": both.face_twin.unplug,
        "killed": both.face.close,
    }
    troubles[trouble]()
    waiting = threading.Thread(target=lambda: _try_capture(both.face))
    waiting.start()  # somebody waits for the broken one all the while
    taken = 0
    end_s = time.monotonic() + 2.5
    while time.monotonic() < end_s:
        assert both.document.status().works
        both.document.capture(TIMEOUT_MS)
        taken += 1
    waiting.join()
    assert both.face.status().state is DeviceState.DISCONNECTED
    assert taken >= 5  # ten a second where nobody else computes


def _try_capture(camera: VideoCamera) -> None:
    with pytest.raises(Exception, match="face_camera"):
        camera.capture(timeout_ms=2500)


def test_who_steps_in_front_is_seen_and_leaves_again(both: Both) -> None:
    wait_for_state(both.face, DeviceState.READY)

    def stands_there() -> bool:
        frame = both.face.find_frame()
        # the drawing's disc is yellowish, the wall behind it is grey
        return frame is not None and int(np.ptp(frame.pixels[300, 440])) > 50

    assert not stands_there()
    both.face_twin.act("step_in_front")
    wait_until(stands_there, "somebody there")
    both.face_twin.act("step_away")
    wait_until(lambda: not stands_there(), "nobody there")


def test_the_twins_face_is_marked_and_nobodys() -> None:
    picture = drawn_face()
    assert picture.shape == (720, 960, 3)
    lettering = picture[600:680, 380:600]
    assert (lettering.min(axis=2) > 240).mean() > 0.02


def test_face_frames_in_shared_memory_end_with_the_camera(both: Both) -> None:
    both.face.capture(TIMEOUT_MS)
    both.face.close()
    assert both.face.find_frame() is None
