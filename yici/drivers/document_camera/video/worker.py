"""The process that reads frames: `python -m yici.drivers.document_camera.video.worker …`.

A read from a dying USB camera can block for seconds and a decoder can crash, so both happen here
and never in a process that shows screens. The worker opens its source, publishes each frame, and
opens again with back-off when the source is gone. It ends when its standard input closes, which
the kernel does for a parent that was killed.
"""

import argparse
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from yici.drivers.document_camera.video.frame_memory import (
    MAX_FRAME_PIXELS,
    FrameMemory,
    StreamState,
)
from yici.drivers.document_camera.video.source import (
    OPEN_TIMEOUT_MS,
    READ_TIMEOUT_MS,
    FrameSize,
    Mounting,
    SourceKind,
    VideoSource,
    get_source,
)

BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 3.0)
# A page does not run away: above this rate frames are taken off the queue but not decoded.
MIN_FRAME_INTERVAL_S = 1 / 16
# While nobody looks, a few frames are enough to know that the camera lives.
IDLE_AFTER_S, IDLE_FRAME_INTERVAL_S = 2.0, 0.5


def main() -> None:
    """Serve one source until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--width-px", type=int, required=True)
    parser.add_argument("--height-px", type=int, required=True)
    parser.add_argument("--mounting", type=int, required=True)
    parser.add_argument("--first-number", type=int, required=True)
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not dump a resident's paper
    source = get_source(_read_line())  # not an argument: a URL may hold a password
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    memory = FrameMemory(arguments.memory)
    memory.begin(arguments.first_number)
    _serve(
        memory,
        source,
        FrameSize(arguments.width_px, arguments.height_px),
        Mounting(arguments.mounting),
    )


def _read_line() -> str:
    """The first line of standard input, unbuffered: the rest belongs to `_end_with_parent`."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("the parent closed standard input before it named a source")
        line += byte
    return line.decode().rstrip("\n")


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)  # the main thread may be inside a blocking read that nothing else ends


def _serve(memory: FrameMemory, source: VideoSource, size: FrameSize, mounting: Mounting) -> None:
    failures = 0
    while True:
        memory.report(StreamState.OPENING if failures == 0 else StreamState.LOST)
        with _opened(source, size) as stream:
            frames = _publish_until_lost(memory, stream, mounting) if stream is not None else 0
        failures = 0 if frames > 0 else failures + 1
        memory.report(StreamState.LOST)
        _rest(memory, BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])


def _rest(memory: FrameMemory, duration_s: float) -> None:
    deadline_s = time.monotonic() + duration_s
    while (left_s := deadline_s - time.monotonic()) > 0:
        time.sleep(min(left_s, 0.5))
        memory.report(StreamState.LOST)


@contextmanager
def _opened(source: VideoSource, size: FrameSize) -> Iterator[Any]:
    """An opened cv2.VideoCapture, or None."""
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
        opened = False
        with suppress(cv2.error):
            opened = stream.open(source.address, backend, parameters)
        yield stream if opened else None
    finally:
        stream.release()


def _publish_until_lost(memory: FrameMemory, stream: Any, mounting: Mounting) -> int:
    """Publish frames until a read fails; how many there were."""
    count = 0
    decoded_at_s = 0.0
    while stream.grab():
        taken_at_ns = time.monotonic_ns()
        idle = memory.unseen_for_s() > IDLE_AFTER_S
        interval_s = IDLE_FRAME_INTERVAL_S if idle else MIN_FRAME_INTERVAL_S
        if taken_at_ns / 1e9 - decoded_at_s < interval_s:
            continue
        arrived, pixels = stream.retrieve()
        if not arrived:
            break
        decoded_at_s = taken_at_ns / 1e9
        if pixels.shape[0] * pixels.shape[1] > MAX_FRAME_PIXELS:
            memory.report(StreamState.FRAME_TOO_LARGE)
            continue
        if pixels.ndim == 2:  # a grey sensor whose driver offers nothing else
            pixels = np.broadcast_to(pixels[..., None], (*pixels.shape, 3))
        if mounting is not Mounting.UPRIGHT:
            pixels = np.rot90(pixels, k=-int(mounting) // 90)
        memory.publish(pixels, taken_at_ns)
        memory.report(StreamState.STREAMING)
        count += 1
    return count


if __name__ == "__main__":
    main()
