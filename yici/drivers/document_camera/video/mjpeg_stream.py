"""An MJPEG stream over HTTP as a FrameStream: parts are taken off as they come, the newest counts.

Only what somebody wants to see is decoded, and nothing but JPEG, by one decoder: a stream from the
network never reaches a library that opens films, playlists or addresses of its own.
"""

import time

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.http_get import HttpAnswer, HttpFailed
from yici.drivers.document_camera.video.jpeg import NoJpeg, decode_jpeg, find_jpeg_size
from yici.drivers.document_camera.video.mjpeg_parts import Parts, PartsError, find_boundary
from yici.drivers.document_camera.video.source import OPEN_TIMEOUT_MS, READ_TIMEOUT_MS


class MjpegStream:
    """One open stream. Raises HttpFailed or PartsError from its constructor only."""

    def __init__(self, url: str) -> None:
        deadline_s = time.monotonic() + OPEN_TIMEOUT_MS / 1000
        self._answer = HttpAnswer(url, accept="multipart/x-mixed-replace", deadline_s=deadline_s)
        boundary = find_boundary(self._answer.content_type)
        if boundary is None:
            self._answer.close()
            raise PartsError("no_multipart")
        self._parts = Parts(boundary)
        self._frame = b""

    def grab(self) -> bool:
        """See FrameStream."""
        deadline_s = time.monotonic() + READ_TIMEOUT_MS / 1000
        try:
            while True:
                data = self._answer.read(deadline_s=deadline_s)
                if not data:
                    return False
                if bodies := self._parts.feed(data):
                    self._frame = bodies[-1]
                    return True
        except (HttpFailed, PartsError):
            return False

    def find_size(self) -> FrameSize | None:
        """See FrameStream."""
        return find_jpeg_size(self._frame)

    def find_pixels(self) -> BgrImage | None:
        """See FrameStream."""
        try:
            return decode_jpeg(self._frame)
        except NoJpeg:
            return None

    def release(self) -> None:
        """See FrameStream."""
        self._answer.close()
