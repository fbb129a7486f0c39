"""A document camera without hardware: MJPEG over HTTP, with papers to lay and faults to cause.

The stream is what network document cameras send: `multipart/x-mixed-replace`, one JPEG per part
with its `Content-Length` (no standard but Netscape's "server push", 1995). It is served on
loopback only, at `http://127.0.0.1:PORT/cam.mjpg`.
"""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from PIL import Image

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.twin_scene import Corners, Paper, Pose, View, add_noise, compose

FRAMES_PER_SECOND = 12
_LOOP_FRAMES = 6  # a scene's pictures are drawn once and then repeated
_SEND_TIMEOUT_S = 2.0
_BOUNDARY = b"yici-frame"
_A4_MM = (210.0, 297.0)
_RESTING_POSE = Pose(x_mm=2.0, y_mm=-3.0, turned_deg=1.8, tilt_percent=2.0)


class CameraFault(StrEnum):
    """What goes wrong while the camera stays plugged in."""

    NONE = "none"
    STALLED = "stalled"  # connected, but no frame comes any more
    DROPPED = "dropped"  # every connection is closed at once
    BLACK = "black"  # frames arrive, but the lens is covered


class DocumentCameraTwin:
    """A virtual document camera; start it by creating it, end it with `close()` or `with`.

    `port` 0 takes a free one and keeps it over `unplug()` and `plug_in()`.
    """

    def __init__(self, *, port: int = 0, view: View | None = None) -> None:
        self._view = view or View()
        self._changed = threading.Condition()
        self._fault = CameraFault.NONE
        self._scene = _LivingScene(self._view, None, _RESTING_POSE)
        self._black = _jpeg(np.zeros((self._view.height_px, self._view.width_px, 3), np.uint8))
        self._server: _Server | None = None
        self._port = port
        self.plug_in()

    @property
    def url(self) -> str:
        """The stream's address; valid while unplugged too."""
        return f"http://127.0.0.1:{self._port}/cam.mjpg"

    @property
    def fault(self) -> CameraFault:
        return self._fault

    @property
    def plugged_in(self) -> bool:
        return self._server is not None

    @property
    def view(self) -> View:
        return self._view

    def lay_paper(
        self, paper: Paper | BgrImage | Path | None, pose: Pose = _RESTING_POSE
    ) -> Corners | None:
        """Put a paper under the camera (None takes it away); its corners in the frame.

        An image file's resolution gives the paper's size; without one it is A4-sized.
        """
        laid = _get_paper(paper) if paper is not None else None
        scene = _LivingScene(self._view, laid, pose)
        with self._changed:
            self._scene = scene
            self._changed.notify_all()
        return scene.corners

    def set_fault(self, fault: CameraFault) -> None:
        """Cause a fault, or end it with NONE."""
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def unplug(self) -> None:
        """Close the port and every connection; may be called twice."""
        server, self._server = self._server, None
        if server is not None:
            with self._changed:
                server.stopping.set()
                self._changed.notify_all()
            server.close()

    def plug_in(self) -> None:
        """Listen again on the same port; may be called twice. Raises OSError if it is taken."""
        if self._server is None:
            self._server = _Server(self._port, self._stream_to)
            self._port = self._server.port

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _stream_to(self, connection: socket.socket, stopping: threading.Event) -> None:
        due_s = time.monotonic()
        tick = 0
        while not stopping.is_set():
            with self._changed:
                if self._fault is CameraFault.DROPPED:
                    return
                if self._fault is CameraFault.STALLED:
                    self._changed.wait(timeout=1)
                    due_s = time.monotonic()
                    continue
                scene, fault = self._scene, self._fault
            tick += 1
            jpeg = self._black if fault is CameraFault.BLACK else scene.jpeg(tick)
            connection.sendall(
                b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
                % (_BOUNDARY, len(jpeg), jpeg)
            )
            due_s = max(due_s + 1 / FRAMES_PER_SECOND, time.monotonic() - 1)
            stopping.wait(max(0.0, due_s - time.monotonic()))


class _LivingScene:
    """One arrangement on the mat as a short loop of slightly different pictures."""

    def __init__(self, view: View, paper: Paper | None, pose: Pose) -> None:
        self._noise_sigma = view.light.noise_sigma
        silent = replace(view, light=replace(view.light, noise_sigma=0.0))
        self._still = compose(silent, paper, pose)
        self._jpegs: dict[int, bytes] = {}
        self._guard = threading.Lock()

    @property
    def corners(self) -> Corners | None:
        return self._still.corners

    def jpeg(self, tick: int) -> bytes:
        # to and fro, so that the loop has no jump
        step = tick % (2 * _LOOP_FRAMES - 2)
        step = min(step, 2 * _LOOP_FRAMES - 2 - step)
        with self._guard:
            if step not in self._jpegs:
                breath: BgrImage = cv2.convertScaleAbs(self._still.pixels, alpha=1 - 0.004 * step)
                random = np.random.default_rng(step)
                self._jpegs[step] = _jpeg(add_noise(breath, self._noise_sigma, random))
            return self._jpegs[step]


class _Server:
    """A listening socket on loopback with one thread per connection; close() leaves nothing."""

    def __init__(self, port: int, serve: Callable[[socket.socket, threading.Event], None]) -> None:
        self.stopping = threading.Event()
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", port), backlog=8)
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        self._connections: set[threading.Thread] = set()
        self._acceptor = threading.Thread(target=self._accept, name="document-camera-twin")
        self._acceptor.start()

    def close(self) -> None:
        self.stopping.set()
        self._acceptor.join()
        self._socket.close()
        for thread in self._connections:
            thread.join()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            self._connections = {thread for thread in self._connections if thread.is_alive()}
            thread = threading.Thread(target=self._answer, args=[connection])
            self._connections.add(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(_SEND_TIMEOUT_S)
                path = _read_request(connection)
                if path != "/cam.mjpg":
                    connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    return
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n"
                    b"Content-Type: multipart/x-mixed-replace;boundary=%s\r\n\r\n" % _BOUNDARY
                )
                self._serve(connection, self.stopping)
            except OSError:
                return  # the viewer has gone


def _read_request(connection: socket.socket) -> str:
    """The path of a GET request; empty when it is none."""
    request = b""
    while b"\r\n\r\n" not in request and len(request) < 8192:
        received = connection.recv(1024)
        if not received:
            break
        request += received
    words = request.split(b"\r\n", 1)[0].split(b" ")
    return words[1].decode("ascii", "replace") if words[0] == b"GET" and len(words) == 3 else ""


def _jpeg(pixels: BgrImage) -> bytes:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return bytes(encoded)


def _get_paper(paper: Paper | BgrImage | Path) -> Paper:
    if isinstance(paper, Paper):
        return paper
    if isinstance(paper, Path):
        with Image.open(paper) as image:
            dpi = image.info.get("dpi")
            pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        if dpi is not None and min(dpi) > 30:
            height_px, width_px = pixels.shape[:2]
            return Paper(pixels, width_px / dpi[0] * 25.4, height_px / dpi[1] * 25.4)
        return _fitted_to_a4(pixels)
    return _fitted_to_a4(paper)


def _fitted_to_a4(pixels: BgrImage) -> Paper:
    height_px, width_px = pixels.shape[:2]
    across_mm, down_mm = _A4_MM if height_px >= width_px else _A4_MM[::-1]
    mm_per_px = min(across_mm / width_px, down_mm / height_px)
    return Paper(pixels, width_px * mm_per_px, height_px * mm_per_px)
