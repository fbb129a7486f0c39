"""Streams as other cameras send them, and answers that are none."""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from camera_bench import wait_for_state
from PIL import Image

from yici.drivers.device import DeviceState, NeedsStaff, NotReady
from yici.drivers.document_camera.video import connect


def _jpeg(width_px: int, height_px: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width_px, height_px), (200, 40, 40)).save(file, "JPEG")
    return file.getvalue()


SMALL_JPEG = _jpeg(320, 240)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: "
STREAM = OK + b"multipart/x-mixed-replace; boundary="


@contextmanager
def server(head: bytes, part: bytes) -> Iterator[str]:
    """Answers every connection with `head`, then with `part` over and over; gives its URL."""
    stopping = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                connection.recv(4096)
                connection.sendall(head)
                while part and not stopping.wait(0.05):
                    connection.sendall(part)
                stopping.wait(10)
            except OSError:
                return

    def accept() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=answer, args=[connection]))
            threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/video"
    finally:
        stopping.set()
        acceptor.join()
        for thread in threads:
            thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (
            STREAM + b"frame\r\n\r\n",
            b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n",
        ),
        (
            STREAM + b"--myboundary\r\n\r\n",  # many cameras put the dashes into the name
            b"--myboundary\r\nContent-type: image/jpeg\r\nContent-length: %d\r\n\r\n%s\r\n\r\n",
        ),
        (
            STREAM + b'"b"\r\n\r\n\r\n',
            b"--b\r\nX-Time: 1\r\nContent-Length: %d\r\nContent-Type: image/jpeg\r\n\r\n%s\r\n",
        ),
    ],
    ids=["plain", "dashes", "quoted"],
)
def test_streams_of_other_cameras_are_read(head: bytes, part: bytes) -> None:
    with server(head, part % (len(SMALL_JPEG), SMALL_JPEG)) as url:
        camera = connect(url)
        try:
            assert camera.capture(timeout_ms=20_000).pixels.shape == (240, 320, 3)
        finally:
            camera.close()


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", b""),
        (OK + b"text/html\r\n\r\n<html>log in first</html>", b""),
        (OK + b"application/vnd.apple.mpegurl\r\n\r\n#EXTM3U\n/etc/passwd\n", b""),
        (STREAM + b"b\r\n\r\n", b"--b\r\nContent-Length: 9\r\n\r\nnot a jpeg\r\n"),
        (STREAM + b"b\r\n\r\n", b"\xff" * 5000),
        (b"", b""),  # accepts and says nothing
    ],
    ids=["missing", "redirect-to-file", "login-page", "playlist", "no-jpeg", "noise", "silence"],
)
def test_answers_that_are_no_stream_are_disconnected(head: bytes, part: bytes) -> None:
    with server(head, part) as url:
        camera = connect(url)
        try:
            wait_for_state(camera, DeviceState.DISCONNECTED)
            with pytest.raises(NotReady):
                camera.capture(timeout_ms=50)
        finally:
            camera.close()


def test_frame_larger_than_any_document_camera_needs_staff() -> None:
    huge = _jpeg(5200, 4000)
    part = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
    with server(STREAM + b"b\r\n\r\n", part % (len(huge), huge)) as url:
        camera = connect(url)
        try:
            wait_for_state(camera, DeviceState.WRONG_SETTING)
            assert camera.status().code == "camera.frame_size_absurd"
            with pytest.raises(NeedsStaff):
                camera.capture(timeout_ms=50)
        finally:
            camera.close()
