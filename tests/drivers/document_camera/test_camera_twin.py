"""The twin on the wire, without our driver: any MJPEG viewer must be able to show it."""

import io
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from camera_bench import RED, SMALL, wait_until
from PIL import Image

from yici.drivers.document_camera.paper_samples import SAMPLE_TITLES, SamplePaper, find_or_draw
from yici.drivers.document_camera.twin import CameraFault, DocumentCameraTwin
from yici.drivers.document_camera.twin_scene import Paper, Pose, View, compose


class Viewer:
    """The least that shows an MJPEG stream."""

    def __init__(self, twin: DocumentCameraTwin, path: str = "/cam.mjpg") -> None:
        address = urlsplit(twin.url)
        assert address.hostname is not None
        self._socket = socket.create_connection((address.hostname, address.port or 0), timeout=20)
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        self._stream = self._socket.makefile("rb")
        self.head = self._headers()

    def _headers(self) -> list[bytes]:
        lines = []
        while line := self._stream.readline().strip():
            lines.append(line)
        return lines

    def find_picture(self) -> bytes | None:
        """The next JPEG, or None when the stream has ended."""
        headers = self._headers()
        if not headers:
            return None
        assert headers[0] == b"--yici-frame"
        length = int(headers[-1].removeprefix(b"Content-Length: "))
        picture = self._stream.read(length)
        self._stream.readline()
        return picture

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def _pixels(picture: bytes | None) -> np.ndarray:
    assert picture is not None
    return np.asarray(Image.open(io.BytesIO(picture)))


def test_stream_is_multipart_jpeg_of_a_slowly_living_picture(twin: DocumentCameraTwin) -> None:
    viewer = Viewer(twin)
    assert viewer.head[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Type: multipart/x-mixed-replace;boundary=yici-frame" in viewer.head
    first, second = viewer.find_picture(), viewer.find_picture()
    assert first != second
    assert _pixels(first).shape == (640, 480, 3)
    drift = np.abs(_pixels(first).astype(int) - _pixels(second)).mean()
    assert 0 < drift < 8
    viewer.close()


def test_laid_paper_appears_and_goes(twin: DocumentCameraTwin) -> None:
    viewer = Viewer(twin)

    def middle_is_red() -> bool:
        red, green, _ = (int(value) for value in _pixels(viewer.find_picture())[320, 240])
        return red > green + 60

    assert not middle_is_red()
    corners = twin.lay_paper(RED)
    assert corners is not None
    assert corners.shape == (4, 2)
    wait_until(middle_is_red, "the paper shown")
    assert twin.lay_paper(None) is None
    wait_until(lambda: not middle_is_red(), "the paper gone")
    viewer.close()


def test_black_picture_is_black(twin: DocumentCameraTwin) -> None:
    twin.set_fault(CameraFault.BLACK)
    viewer = Viewer(twin)
    assert _pixels(viewer.find_picture()).max() < 16
    viewer.close()


def _watch_it_end(twin: DocumentCameraTwin, break_it: Callable[[], None]) -> None:
    viewer = Viewer(twin)
    assert viewer.find_picture() is not None
    break_it()
    wait_until(lambda: viewer.find_picture() is None, "ended")
    viewer.close()


def test_dropped_stream_ends(twin: DocumentCameraTwin) -> None:
    _watch_it_end(twin, lambda: twin.set_fault(CameraFault.DROPPED))


def test_unplugged_twin_refuses_until_it_is_plugged_in(twin: DocumentCameraTwin) -> None:
    _watch_it_end(twin, twin.unplug)
    with pytest.raises(OSError, match="refused"):
        Viewer(twin)
    url = twin.url
    twin.plug_in()
    assert twin.url == url
    viewer = Viewer(twin)
    assert viewer.find_picture() is not None
    viewer.close()


def test_other_paths_are_not_found(twin: DocumentCameraTwin) -> None:
    viewer = Viewer(twin, path="/admin")
    assert viewer.head[0] == b"HTTP/1.1 404 Not Found"
    viewer.close()


def test_closing_with_a_viewer_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    twin = DocumentCameraTwin(view=SMALL)
    viewer = Viewer(twin)
    assert viewer.find_picture() is not None
    twin.close()
    twin.close()
    assert set(threading.enumerate()) == before
    viewer.close()


def test_corners_are_where_the_paper_is_drawn() -> None:
    white = Paper(np.full((400, 300, 3), 255, np.uint8), 120, 160)
    view = View(width_px=600, height_px=800)
    scene = compose(view, white, Pose(x_mm=10, y_mm=-20, turned_deg=20, tilt_percent=4))
    assert scene.corners is not None
    middle = scene.corners.mean(axis=0)
    for corner in scene.corners:
        to_middle = (middle - corner) / np.hypot(*(middle - corner))
        inside, outside = corner + 6 * to_middle, corner - 6 * to_middle
        assert scene.pixels[round(inside[1]), round(inside[0])].min() > 150
        assert scene.pixels[round(outside[1]), round(outside[0])].max() < 110


@pytest.mark.parametrize("sample", SamplePaper)
def test_sample_is_drawn_once_in_its_size(sample: SamplePaper, tmp_path: Path) -> None:
    path = find_or_draw(sample, tmp_path / "samples")
    drawn_at = path.stat().st_mtime_ns
    assert find_or_draw(sample, tmp_path / "samples").stat().st_mtime_ns == drawn_at
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # no half-written file
    with Image.open(path) as image:
        assert image.info["dpi"] == pytest.approx((200, 200), rel=0.01)
        assert image.width / 200 * 25.4 <= 210.5
        pixels = np.asarray(image.convert("RGB")).astype(int)
    if sample is not SamplePaper.BLANK_SHEET:
        # 样本 lies across it in red
        reddish = (pixels[:, :, 0] - pixels[:, :, 2] > 20).mean()
        assert reddish > 0.01
        assert "样本" in SAMPLE_TITLES[sample]
