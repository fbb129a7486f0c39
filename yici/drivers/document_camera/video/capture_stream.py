"""Opening a source in a size: OpenCV for V4L2 devices, kept thin, and MJPEG over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import numpy as np

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.http_get import HttpFailed
from yici.drivers.document_camera.video.mjpeg_parts import PartsError
from yici.drivers.document_camera.video.mjpeg_stream import MjpegStream
from yici.drivers.document_camera.video.source import SourceKind, VideoSource


class FrameStream(Protocol):
    """An open source; nothing raises."""

    def grab(self) -> bool:
        """Wait for the next frame and take it, undecoded; False when the stream is lost."""
        ...

    def find_size(self) -> FrameSize | None:
        """The size of the frame that was grabbed, before it takes its memory."""
        ...

    def find_pixels(self) -> BgrImage | None:
        """The frame that was grabbed; None when it can't be decoded."""
        ...

    def release(self) -> None:
        """Give the source back."""
        ...


@contextmanager
def opened(source: VideoSource, size: FrameSize) -> Iterator[FrameStream | None]:
    """An open stream, or None. `size` is asked of V4L2 devices only."""
    stream: FrameStream | None = None
    if source.kind is SourceKind.V4L2:
        stream = _open_device(source.address, size)
    else:
        with suppress(HttpFailed, PartsError):
            stream = MjpegStream(source.address)
    try:
        yield stream
    finally:
        if stream is not None:
            stream.release()


def _open_device(path: str, size: FrameSize) -> "DeviceStream | None":
    import cv2

    cv2.setNumThreads(1)
    # The format must come before the size: USB 2 can't carry large frames uncompressed.
    parameters = [
        cv2.CAP_PROP_FOURCC,
        cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH,
        size.width_px,
        cv2.CAP_PROP_FRAME_HEIGHT,
        size.height_px,
    ]
    capture = cv2.VideoCapture()
    is_open = False
    with suppress(cv2.error):
        is_open = capture.open(path, cv2.CAP_V4L2, parameters)
    if not is_open:
        capture.release()
        return None
    return DeviceStream(capture)


class DeviceStream:
    """A FrameStream over cv2.VideoCapture."""

    def __init__(self, capture: Any) -> None:
        self._capture = capture

    def grab(self) -> bool:
        """See FrameStream."""
        return bool(self._capture.grab())

    def find_size(self) -> FrameSize | None:
        """See FrameStream."""
        import cv2

        width = int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        return FrameSize(width, height) if width > 0 and height > 0 else None

    def find_pixels(self) -> BgrImage | None:
        """See FrameStream."""
        arrived, pixels = self._capture.retrieve()
        if not arrived:
            return None
        if pixels.ndim == 2:  # a grey sensor whose driver offers nothing else
            return np.broadcast_to(pixels[..., None], (*pixels.shape, 3))
        found: BgrImage = pixels
        return found

    def release(self) -> None:
        """See FrameStream."""
        self._capture.release()
