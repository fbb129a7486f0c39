"""One JPEG from a camera's own web server: its full resolution, when it is asked for.

GET /still.jpg HTTP/1.1      →   200, image/jpeg, one picture
"""

import time
from typing import Final

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.http_get import HttpAnswer, HttpFailed
from yici.drivers.document_camera.video.jpeg import NoJpeg, decode_jpeg

DEADLINE_S: Final = 6.0
MAX_JPEG_BYTES: Final = 32_000_000


class NoStill(Exception):
    """The server gave no usable picture; says why in a word."""


def fetch_still(url: str) -> BgrImage:
    """Ask for a picture now. Raises NoStill."""
    try:
        return decode_jpeg(_fetch(url, time.monotonic() + DEADLINE_S))
    except (HttpFailed, NoJpeg) as error:
        raise NoStill(str(error)) from None


def _fetch(url: str, deadline_s: float) -> bytes:
    answer = HttpAnswer(url, accept="image/jpeg", deadline_s=deadline_s)
    try:
        body = bytearray()
        while chunk := answer.read(deadline_s=deadline_s):
            body += chunk
            if len(body) > MAX_JPEG_BYTES:
                raise HttpFailed("too_many_bytes")
        return bytes(body)
    finally:
        answer.close()
