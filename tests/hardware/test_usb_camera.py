"""A Motion-JPEG camera through uvcvideo: a document camera as most are."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from guest.usb_camera import SERIAL, SIZES, UsbCamera
from guest.usbip_bus import UsbIpCable
from guest.waiting import wait_until

from yici.drivers.device import DeviceState
from yici.drivers.document_camera.video import FrameSize, VideoCamera, connect
from yici.drivers.document_camera.video.v4l2_modes import find_mjpg_sizes

NODE: Final = f"/dev/v4l/by-id/usb-Yici_Virtual_camera_{SERIAL}-video-index0"
FIRST_PICTURE_S: Final = 40.0


@pytest.fixture
def cable() -> Iterator[UsbIpCable]:
    with UsbIpCable(UsbCamera()) as cable:
        wait_until(Path(NODE).exists)
        yield cable
    wait_until(lambda: not Path(NODE).is_symlink())


@pytest.fixture
def camera(cable: UsbIpCable) -> Iterator[VideoCamera]:
    camera = connect(NODE, preview=FrameSize(640, 480), still=FrameSize(4000, 3000))
    wait_until(camera.find_frame, FIRST_PICTURE_S)
    yield camera
    camera.close()


def test_still_comes_in_the_largest_of_the_cameras_own_modes(camera: VideoCamera) -> None:
    assert find_mjpg_sizes(NODE) == tuple(FrameSize(*size) for size in SIZES)
    assert camera.status().state is DeviceState.READY
    preview = camera.find_frame()
    assert preview is not None
    assert preview.pixels.shape == (480, 640, 3)
    assert preview.pixels.std() > 10, "a bar on a bright ground"
    assert camera.capture(20_000).pixels.shape == (1200, 1600, 3)
    wait_until(lambda: camera.find_frame(preview.number), FIRST_PICTURE_S)


def test_camera_pulled_from_the_bus_is_lost_and_comes_back(
    camera: VideoCamera, cable: UsbIpCable, record_property: Callable[[str, object], None]
) -> None:
    cable.pull()
    lost_s = wait_until(lambda: camera.status().state is DeviceState.DISCONNECTED)
    plugged_s = time.monotonic()
    with UsbIpCable(UsbCamera()):
        wait_until(lambda: camera.status().works)  # an emulated processor decodes slowly
        back_s = time.monotonic() - plugged_s
        record_property("measured", f"lost after {lost_s:.2f} s, back after {back_s:.2f} s")
        assert camera.capture(20_000).pixels.shape == (1200, 1600, 3)
        camera.close()  # while the camera answers: vhci_hcd leaves a control transfer hanging
