"""OpenCV's part, kept thin: open a source in a size, take frames from it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.source import (
    OPEN_TIMEOUT_MS,
    READ_TIMEOUT_MS,
    SourceKind,
    VideoSource,
)


@contextmanager
def opened(source: VideoSource, size: FrameSize) -> Iterator[Any]:
    """An opened cv2.VideoCapture, or None. `size` is asked of V4L2 devices only."""
    import cv2

    cv2.setNumThreads(1)
    if source.kind is SourceKind.V4L2:
        backend = cv2.CAP_V4L2
        # The format must come before the size: USB 2 can't carry large frames uncompressed.
        parameters = [
            cv2.CAP_PROP_FOURCC,
            cv2.VideoWriter.fourcc(*"MJPG"),
            cv2.CAP_PROP_FRAME_WIDTH,
            size.width_px,
            cv2.CAP_PROP_FRAME_HEIGHT,
            size.height_px,
        ]
    else:
        backend = cv2.CAP_FFMPEG
        # One decoder thread: each further one holds back a frame.
        parameters = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            READ_TIMEOUT_MS,
            cv2.CAP_PROP_N_THREADS,
            1,
        ]
    stream = cv2.VideoCapture()
    try:
        is_open = False
        with suppress(cv2.error):
            is_open = stream.open(source.address, backend, parameters)
        yield stream if is_open else None
    finally:
        stream.release()


def find_size(stream: Any) -> FrameSize | None:
    """The size of the frames to come, before one takes its memory; None when it isn't known."""
    import cv2

    width, height = stream.get(cv2.CAP_PROP_FRAME_WIDTH), stream.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return FrameSize(int(width), int(height)) if width > 0 and height > 0 else None
