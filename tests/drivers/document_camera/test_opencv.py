"""Which OpenCV there is, who loads it, and how a V4L2 device is opened."""

import subprocess
import sys
from importlib import metadata
from typing import Any

import cv2
import pytest

from yici.drivers.document_camera.video.capture_stream import opened
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.source import get_source


def _printed_by(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_only_the_headless_wheel_is_installed() -> None:
    """The others bring a second Qt and point every child process at it."""
    flavours = {"opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless"}
    installed = {(d.metadata["Name"] or "").lower() for d in metadata.distributions()}
    assert "opencv-python-headless" in installed
    assert not flavours & installed
    assert _printed_by("import os, cv2; print([n for n in os.environ if n.startswith('QT_')])") in (
        "[]",
        _printed_by("import os; print([n for n in os.environ if n.startswith('QT_')])"),
    )


def test_a_terminal_does_not_load_opencv_to_name_its_camera() -> None:
    program = (
        "import sys\n"
        "from yici.drivers.device import DeviceKind\n"
        "from yici.drivers.registry import get_connect\n"
        "get_connect(DeviceKind.DOCUMENT_CAMERA, 'video')\n"
        "print('cv2' in sys.modules)"
    )
    assert _printed_by(program) == "False"


def test_v4l2_is_asked_for_mjpg_before_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size that USB can't carry uncompressed is refused when it comes first."""
    asked: list[tuple[str, int, list[int]]] = []

    class Capture:
        def open(self, address: str, backend: int, parameters: list[int]) -> bool:
            asked.append((address, backend, parameters))
            return False

        def release(self) -> None:
            pass

    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    stream: Any
    with opened(get_source("/dev/video0"), FrameSize(1600, 1200)) as stream:
        assert stream is None
    ((address, backend, parameters),) = asked
    assert (address, backend) == ("/dev/video0", cv2.CAP_V4L2)
    assert list(zip(parameters[::2], parameters[1::2], strict=True)) == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 1600),
        (cv2.CAP_PROP_FRAME_HEIGHT, 1200),
    ]
