"""A camera without hardware: MJPEG over HTTP, with faults to cause; subclasses say what it sees.

The stream is what network cameras send: `multipart/x-mixed-replace`, one JPEG per part with its
`Content-Length` (no standard but Netscape's "server push", 1995). It is served on loopback only:

    http://127.0.0.1:PORT/cam.mjpg      the stream
    http://127.0.0.1:PORT/still.jpg     one picture in full resolution
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, Self

import cv2
import numpy as np

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.twin_scene import View, add_noise
from yici.drivers.twin import NO_FAULT, Act

FRAMES_PER_SECOND = 12
SLOW_FRAME_S: Final = 1.0
_LOOP_FRAMES = 6  # a scene's pictures are drawn once and then repeated
_SEND_TIMEOUT_S = 2.0
_BOUNDARY = b"yici-frame"
_STREAM_PATH, _STILL_PATH = "/cam.mjpg", "/still.jpg"
_ABSURD_SIDE_PX: Final = 65500  # the most that a JPEG can claim


class CameraFault(StrEnum):
    """What goes wrong while the camera stays plugged in."""

    NONE = NO_FAULT
    SILENT = "silent"  # takes every request, answers none
    GARBAGE = "garbage"  # answers with what is no stream
    SLOW = "slow"  # a frame a second, and a second for a still
    STALLED = "stalled"  # connected, but no frame comes any more
    DROPPED = "dropped"  # every connection is closed at once
    BLACK = "black"  # frames arrive, but the lens is covered
    FROZEN = "frozen"  # the same frame again and again
    ABSURD_SIZE = "absurd_size"  # frames that claim to have four thousand megapixels


class CameraTwin:
    """A virtual camera; start it by creating it, end it with `close()` or `with`.

    `port` 0 takes a free one and keeps it over `unplug()` and `plug_in()`. The stream's frames are
    `preview_divisor` times smaller than the view; its address then names the still, too.
    """

    def __init__(
        self, kind: DeviceKind, first: "LivingScene", *, port: int = 0, preview_divisor: int = 1
    ) -> None:
        self._kind = kind
        self._divisor = preview_divisor
        self._changed = threading.Condition()
        self._fault = CameraFault.NONE
        self._scene = first
        self._repeated: dict[int, bytes] = {}  # by divisor, while frozen
        self._server: _Server | None = None
        self._port = port
        self.plug_in()

    @property
    def url(self) -> str:
        """The stream's address alone; valid while unplugged too."""
        return f"http://127.0.0.1:{self._port}{_STREAM_PATH}"

    # --- Twin

    @property
    def kind(self) -> DeviceKind:
        return self._kind

    @property
    def address(self) -> str:
        """See Twin."""
        return self.url if self._divisor == 1 else f"{self.url}#still={_STILL_PATH}"

    @property
    def is_plugged_in(self) -> bool:
        return self._server is not None

    @property
    def fault_names(self) -> Sequence[str]:
        """See Twin."""
        return tuple(fault for fault in CameraFault if fault is not CameraFault.NONE)

    @property
    def fault(self) -> CameraFault:
        return self._fault

    def set_fault(self, name: str) -> None:
        """See Twin."""
        fault = CameraFault(name)
        with self._changed:
            self._fault = fault
            self._repeated.clear()
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
            self._server = _Server(self._port, self._answer)
            self._port = self._server.port

    @property
    def acts(self) -> Sequence[Act]:
        """See Twin."""
        return ()

    def act(self, name: str, argument: str = "") -> None:
        """See Twin."""
        raise ValueError(f"this camera knows no {name} {argument!r}")

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- what it sees

    def see(self, scene: "LivingScene") -> None:
        """From the next frame on the camera sees this."""
        with self._changed:
            self._scene = scene
            self._changed.notify_all()

    # --- what it sends

    def _answer(self, path: str, connection: socket.socket, stopping: threading.Event) -> None:
        if self._fault is CameraFault.SILENT:
            self._wait_while(CameraFault.SILENT, stopping)
        elif path == _STREAM_PATH:
            self._stream_to(connection, stopping)
        elif path == _STILL_PATH:
            self._still_to(connection, stopping)
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    def _wait_while(self, fault: CameraFault, stopping: threading.Event) -> None:
        with self._changed:
            while self._fault is fault and not stopping.is_set():
                self._changed.wait(timeout=1)

    def _still_to(self, connection: socket.socket, stopping: threading.Event) -> None:
        if self._fault is CameraFault.DROPPED:
            return
        if self._fault is CameraFault.STALLED:
            self._wait_while(CameraFault.STALLED, stopping)
            return
        if self._fault is CameraFault.SLOW:
            stopping.wait(SLOW_FRAME_S)
        jpeg = self._faulty(self._scene.still_jpeg, 1)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nCache-Control: no-store\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(jpeg), jpeg)
        )

    def _stream_to(self, connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n"
            b"Content-Type: multipart/x-mixed-replace;boundary=%s\r\n\r\n" % _BOUNDARY
        )
        due_s = time.monotonic()
        tick = 0
        while not stopping.is_set():
            if self._fault in (CameraFault.DROPPED, CameraFault.SILENT):
                return
            if self._fault is CameraFault.STALLED:
                self._wait_while(CameraFault.STALLED, stopping)
                due_s = time.monotonic()
                continue
            scene, fault = self._scene, self._fault
            tick += 1
            connection.sendall(self._part(scene, tick))
            interval_s = SLOW_FRAME_S if fault is CameraFault.SLOW else 1 / FRAMES_PER_SECOND
            due_s = max(due_s + interval_s, time.monotonic() - 1)
            stopping.wait(max(0.0, due_s - time.monotonic()))

    def _part(self, scene: "LivingScene", tick: int) -> bytes:
        jpeg = self._faulty(lambda: scene.jpeg(tick, self._divisor), self._divisor)
        if self._fault is CameraFault.GARBAGE:
            return jpeg  # not even a part
        return b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (
            _BOUNDARY,
            len(jpeg),
            jpeg,
        )

    def _faulty(self, jpeg: Callable[[], bytes], divisor: int) -> bytes:
        """A picture as the present fault has it."""
        match self._fault:
            case CameraFault.BLACK:
                return encode_jpeg(np.zeros_like(self._scene.preview(divisor)))
            case CameraFault.FROZEN:
                with self._changed:
                    return self._repeated.setdefault(divisor, jpeg())
            case CameraFault.GARBAGE:
                return b"\xff\x00" * 2500
            case CameraFault.ABSURD_SIZE:
                return claim_size(jpeg(), _ABSURD_SIDE_PX, _ABSURD_SIDE_PX)
        return jpeg()


class LivingScene:
    """One still picture as a short loop of slightly different ones, as a sensor gives them."""

    def __init__(self, pixels: BgrImage, noise_sigma: float = 2.0) -> None:
        """`pixels` is without noise."""
        self._pixels = pixels
        self._noise_sigma = noise_sigma
        self._jpegs: dict[tuple[int, int], bytes] = {}
        self._stills = 0
        self._guard = threading.Lock()

    def preview(self, divisor: int) -> BgrImage:
        """The picture without noise, `divisor` times smaller."""
        if divisor == 1:
            return self._pixels
        height, width = self._pixels.shape[0] // divisor, self._pixels.shape[1] // divisor
        whole = self._pixels[: height * divisor, : width * divisor]
        reduced: BgrImage = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
        return reduced

    def jpeg(self, tick: int, divisor: int = 1) -> bytes:
        """A frame of the stream."""
        # to and fro, so that the loop has no jump
        step = tick % (2 * _LOOP_FRAMES - 2)
        step = min(step, 2 * _LOOP_FRAMES - 2 - step)
        with self._guard:
            if (step, divisor) not in self._jpegs:
                self._jpegs[step, divisor] = self._drawn(self.preview(divisor), step)
            return self._jpegs[step, divisor]

    def still_jpeg(self) -> bytes:
        """A picture in full resolution, never the same twice in a row."""
        with self._guard:
            self._stills += 1
            return self._drawn(self._pixels, self._stills % _LOOP_FRAMES)

    def _drawn(self, pixels: BgrImage, step: int) -> bytes:
        breath: BgrImage = cv2.convertScaleAbs(pixels, alpha=1 - 0.004 * step)
        random = np.random.default_rng(step)
        return encode_jpeg(add_noise(breath, self._noise_sigma, random))


def encode_jpeg(pixels: BgrImage) -> bytes:
    """As cameras do."""
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])
    return bytes(encoded)


def claim_size(jpeg: bytes, width_px: int, height_px: int) -> bytes:
    """The same JPEG with another size in its frame header (SOF0, ISO/IEC 10918-1 B.2.2)."""
    at = jpeg.index(b"\xff\xc0") + 5  # marker, length, precision
    return jpeg[:at] + struct.pack(">HH", height_px, width_px) + jpeg[at + 4 :]


class _Server:
    """A listening socket on loopback with one thread per connection; close() leaves nothing."""

    def __init__(
        self, port: int, answer: Callable[[str, socket.socket, threading.Event], None]
    ) -> None:
        self.stopping = threading.Event()
        self._answer_path = answer
        self._socket = socket.create_server(("127.0.0.1", port), backlog=8)
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        self._connections: set[threading.Thread] = set()
        self._acceptor = threading.Thread(target=self._accept, name="camera-twin")
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
        with connection, contextlib.suppress(OSError):  # the viewer has gone
            connection.settimeout(_SEND_TIMEOUT_S)
            self._answer_path(_read_request(connection), connection, self.stopping)


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


def scene_of(view: View, pixels: BgrImage) -> LivingScene:
    """A picture that fills the frame."""
    size = (view.width_px, view.height_px)
    filled: BgrImage = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return LivingScene(filled, view.light.noise_sigma)
