"""A USB video camera (UVC 1.0) that streams Motion-JPEG over a bulk endpoint, in two sizes.

Source: USB Device Class Definition for Video Devices 1.0a.
"""

import errno
import struct
import time
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from guest.usbip_bus import Speed

SIZES: Final = ((640, 480), (1600, 1200))  # preview, still
SERIAL: Final = "CAM0001"
_VENDOR, _PRODUCT = 0x1D6B, 0x0102
_FRAME_INTERVAL_S: Final = 0.2
_PICTURES: Final = 6  # shown in turn
_ENDPOINT: Final = 0x81
_PACKET: Final = 512
_PAYLOAD: Final = 16384  # one bulk transfer of uvcvideo
_LARGEST_FRAME: Final = 4 << 20

_VIDEO_CLASS, _CONTROL, _STREAMING = 0x0E, 1, 2
_CS_INTERFACE: Final = 0x24
_PROBE: Final = struct.Struct("<HBBIHHHHHII")
_TO_HOST, _TO_DEVICE = 0xA1, 0x21
_SET_CUR, _GET_LEN, _GET_INFO = 0x01, 0x85, 0x86
_GETS: Final = (0x81, 0x82, 0x83, 0x87)  # current, least, most, usual
_END_OF_HEADER, _END_OF_FRAME = 0x80, 0x02


class UsbCamera:
    """A `UsbDevice`; its picture moves from frame to frame."""

    speed = Speed.HIGH

    def __init__(self) -> None:
        self.descriptors: Mapping[tuple[int, int], bytes] = _descriptors()
        self._pictures = {size: [_picture(size, n) for n in range(_PICTURES)] for size in SIZES}
        self._frame_index = 1
        self._shown = 0
        self._unsent = b""
        self._due_s = 0.0
        self._frame_id = 0

    def control(self, request: tuple[int, int, int, int, int], data: bytes) -> tuple[int, bytes]:
        """Probe and commit of the streaming interface; nothing else can be set."""
        kind, what, value, index, _ = request
        if index & 0xFF != 1 or value >> 8 not in (1, 2):
            return errno.EPIPE, b""
        if kind == _TO_DEVICE and what == _SET_CUR:
            wanted = data[3] if len(data) > 3 else 1
            self._frame_index = min(max(1, wanted), len(SIZES))
            self._begin_anew()
            return 0, b""
        if kind == _TO_HOST and what in _GETS:
            return 0, self._probe()
        if kind == _TO_HOST and what == _GET_LEN:
            return 0, struct.pack("<H", _PROBE.size)
        return (0, b"\x03") if what == _GET_INFO else (errno.EPIPE, b"")

    def clear_halt(self, endpoint: int) -> None:
        """How a host tells that it has ended a bulk stream."""
        del endpoint
        self._begin_anew()

    def write(self, endpoint: int, data: bytes) -> int:
        del endpoint, data
        return errno.EPIPE  # nothing is sent to a camera

    def find_answer(self, endpoint: int, size: int) -> tuple[int, bytes] | None:
        """One payload: its header, and as much of the frame as goes into one transfer."""
        del endpoint
        if not self._unsent and not self._next_frame():
            return None
        room = min(size, _PAYLOAD) - 2
        part, self._unsent = self._unsent[:room], self._unsent[room:]
        flags = _END_OF_HEADER | self._frame_id | (0 if self._unsent else _END_OF_FRAME)
        return 0, bytes((2, flags)) + part

    def close(self) -> None:
        """Nothing to give back."""

    def _begin_anew(self) -> None:
        self._unsent = b""
        self._due_s = 0.0

    def _next_frame(self) -> bool:
        now_s = time.monotonic()
        if now_s < self._due_s:
            return False
        self._due_s = now_s + _FRAME_INTERVAL_S
        self._shown += 1
        self._frame_id ^= 1
        self._unsent = self._pictures[SIZES[self._frame_index - 1]][self._shown % _PICTURES]
        return True

    def _probe(self) -> bytes:
        interval = int(_FRAME_INTERVAL_S * 1e7)
        return _PROBE.pack(
            1, 1, self._frame_index, interval, 0, 0, 0, 0, 0, _LARGEST_FRAME, _PAYLOAD
        )


def _picture(size: tuple[int, int], number: int) -> bytes:
    width, height = size
    picture = np.full((height, width, 3), 230, np.uint8)
    left = width * number // _PICTURES
    cv2.rectangle(
        picture, (left, height // 4), (left + width // 8, height * 3 // 4), (60, 60, 90), -1
    )
    return cv2.imencode(".jpg", picture)[1].tobytes()


def _descriptors() -> dict[tuple[int, int], bytes]:
    device = struct.pack(
        "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0xEF, 2, 1, 64, _VENDOR, _PRODUCT, 1, 1, 2, 3, 1
    )
    texts = {1: "Yici", 2: "Virtual camera", 3: SERIAL}
    return {
        (1, 0): device,
        (2, 0): _configuration(),
        (3, 0): struct.pack("<BBH", 4, 3, 0x0409),
        **{(3, index): _text(text) for index, text in texts.items()},
    }


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return bytes((2 + len(encoded), 3)) + encoded


def _configuration() -> bytes:
    function = struct.pack("<8B", 8, 11, 0, 2, _VIDEO_CLASS, 3, 0, 0)
    body = function + _control_interface() + _streaming_interface()
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body


def _control_interface() -> bytes:
    camera = struct.pack("<BBBBHBBHHHB3s", 18, _CS_INTERFACE, 2, 1, 0x0201, 0, 0, 0, 0, 0, 3, b"")
    output = struct.pack("<BBBBHBBB", 9, _CS_INTERFACE, 3, 2, 0x0101, 0, 1, 0)
    whole = 13 + len(camera + output)
    header = struct.pack("<BBBHHIBB", 13, _CS_INTERFACE, 1, 0x0100, whole, 48_000_000, 1, 1)
    return (
        struct.pack("<9B", 9, 4, 0, 0, 0, _VIDEO_CLASS, _CONTROL, 0, 0) + header + camera + output
    )


def _streaming_interface() -> bytes:
    frames = b"".join(_frame(index, *size) for index, size in enumerate(SIZES, start=1))
    formats = struct.pack("<11B", 11, _CS_INTERFACE, 6, 1, len(SIZES), 1, 1, 0, 0, 0, 0)
    colours = struct.pack("<6B", 6, _CS_INTERFACE, 13, 1, 1, 4)
    whole = 14 + len(formats + frames + colours)
    header = struct.pack(
        "<BBBBHBBBBBBBB", 14, _CS_INTERFACE, 1, 1, whole, _ENDPOINT, 0, 2, 0, 0, 0, 1, 0
    )
    interface = struct.pack("<9B", 9, 4, 1, 0, 1, _VIDEO_CLASS, _STREAMING, 0, 0)
    pipe = struct.pack("<BBBBHB", 7, 5, _ENDPOINT, 2, _PACKET, 0)
    return interface + header + formats + frames + colours + pipe


def _frame(index: int, width: int, height: int) -> bytes:
    bits_per_s = width * height * 8
    interval = int(_FRAME_INTERVAL_S * 1e7)
    return struct.pack(
        "<BBBBBHHIIIIBI", 30, _CS_INTERFACE, 7, index, 0, width, height, bits_per_s, bits_per_s,
        _LARGEST_FRAME, interval, 1, interval,
    )  # fmt: skip
