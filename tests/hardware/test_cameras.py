"""Cameras through the kernel's Video4Linux, made by vivid; the driver's worker opens them."""

import fcntl
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from guest.waiting import wait_until

from yici.drivers.device import DeviceKind, DeviceState
from yici.drivers.document_camera.video import FrameSize, VideoCamera, connect
from yici.drivers.face_camera.video import connect as connect_face

NODES: Final = ("/dev/video0", "/dev/video1")
PREVIEW: Final = FrameSize(640, 360)
STILL: Final = FrameSize(1280, 720)
FIRST_PICTURE_S: Final = 40.0  # an emulated processor imports OpenCV slowly
BACK_WITHIN_S: Final = 10.0
_VIVID: Final = Path("/sys/bus/platform/drivers/vivid")

# linux/videodev2.h, and vivid's own control
_VIDIOC_S_CTRL: Final = 0xC008561C
_HORIZONTAL_MOVEMENT: Final = 0x00F0F002
_SLOWLY_RIGHT: Final = 4


@pytest.fixture
def camera() -> Iterator[VideoCamera]:
    for node in NODES:
        _move_picture(node)
    camera = connect(NODES[0], preview=PREVIEW, still=STILL)
    yield camera
    camera.close()


def test_preview_and_still_come_in_their_own_modes(camera: VideoCamera) -> None:
    wait_until(lambda: camera.find_frame() is not None, FIRST_PICTURE_S)
    assert camera.status().state is DeviceState.READY
    frame = camera.find_frame()
    assert frame is not None
    assert frame.pixels.shape[:2] == (PREVIEW.height_px, PREVIEW.width_px)
    assert frame.pixels.std() > 10, "vivid shows colour bars"
    still = camera.capture(20_000)
    assert still.pixels.shape[:2] == (STILL.height_px, STILL.width_px)
    wait_until(lambda: camera.find_frame(frame.number) is not None, FIRST_PICTURE_S)


def test_two_cameras_work_at_once(camera: VideoCamera) -> None:
    face = connect_face(NODES[1], size=PREVIEW)
    try:
        for one in (camera, face):
            wait_until(partial(one.find_frame), FIRST_PICTURE_S)
        numbers = [frame.number for one in (camera, face) if (frame := one.find_frame())]
        for one, number in zip((camera, face), numbers, strict=True):
            wait_until(partial(one.find_frame, number))
        assert face.status().kind is DeviceKind.FACE_CAMERA
        assert face.status().works
        assert camera.status().works
    finally:
        face.close()


def test_camera_pulled_while_streaming_is_lost_and_comes_back(
    camera: VideoCamera, record_property: Callable[[str, object], None]
) -> None:
    wait_until(lambda: camera.find_frame() is not None, FIRST_PICTURE_S)
    (_VIVID / "unbind").write_text("vivid.0")  # takes both
    lost_s = wait_until(lambda: camera.status().state is DeviceState.DISCONNECTED)
    (_VIVID / "bind").write_text("vivid.0")
    back_s = wait_until(lambda: camera.status().works)
    assert back_s < BACK_WITHIN_S
    record_property("measured", f"lost after {lost_s:.2f} s, back after {back_s:.2f} s")


def _move_picture(node: str) -> None:
    """Colour bars that stand still are a frozen picture, and are told as such."""
    with Path(node).open("rb", buffering=0) as file:
        fcntl.ioctl(file, _VIDIOC_S_CTRL, struct.pack("=Ii", _HORIZONTAL_MOVEMENT, _SLOWLY_RIGHT))
