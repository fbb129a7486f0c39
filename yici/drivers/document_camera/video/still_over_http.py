"""One JPEG from a camera's own web server: its full resolution, when it is asked for.

    GET /still.jpg HTTP/1.1      →   200, image/jpeg, one picture

The server is a stranger: sizes are looked at before anything is decoded, redirects are not
followed, and the whole answer has one deadline.
"""

import base64
import contextlib
import http.client
import io
import ssl
import time
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.frame_size import FrameSize

DEADLINE_S: Final = 6.0
MAX_JPEG_BYTES: Final = 32_000_000
_CHUNK_BYTES: Final = 65536


class NoStill(Exception):
    """The server gave no usable picture; says why in a word."""


def fetch_still(url: str) -> BgrImage:
    """Ask for a picture now. Raises NoStill."""
    return decode_jpeg(_fetch(url, time.monotonic() + DEADLINE_S))


def decode_jpeg(encoded: bytes) -> BgrImage:
    """A JPEG's pixels, upright as its sensor. Raises NoStill for anything else."""
    import cv2
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG",)) as image:
            size = FrameSize(*image.size)  # from the header; nothing is decoded yet
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoStill("size_absurd") from None
    except (OSError, SyntaxError, ValueError):
        raise NoStill("no_jpeg") from None
    if size.is_absurd:
        raise NoStill("size_absurd")
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels: BgrImage | None = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    if pixels is None:
        raise NoStill("no_jpeg")
    return pixels


def _fetch(url: str, deadline_s: float) -> bytes:
    parts = urlsplit(url)
    connection = _connection(parts, deadline_s)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", path, headers=_headers(parts))
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise NoStill(f"http_{response.status}")
        return _body(connection, response, deadline_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoStill(type(error).__name__) from None
    finally:
        with contextlib.suppress(OSError):
            connection.close()


def _body(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline_s: float
) -> bytes:
    body = bytearray()
    while True:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise NoStill("too_slow")
        if connection.sock is not None:  # a timeout per read alone would never end a trickle
            connection.sock.settimeout(left_s)
        chunk = response.read1(_CHUNK_BYTES)
        if not chunk:
            return bytes(body)
        body += chunk
        if len(body) > MAX_JPEG_BYTES:
            raise NoStill("too_many_bytes")


def _connection(parts: SplitResult, deadline_s: float) -> http.client.HTTPConnection:
    timeout_s = max(0.1, deadline_s - time.monotonic())
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)


def _headers(parts: SplitResult) -> dict[str, str]:
    headers = {"Accept": "image/jpeg", "Cache-Control": "no-cache", "Connection": "close"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers
