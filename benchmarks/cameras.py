"""The `video` driver of document and face cameras. The limit: the same bytes read by hand.

A picture from a stream counts when it was exposed after the call, so the second frame to arrive is
taken; the limit is the stream's own frame interval. A still over HTTP stands beside the same
request and decoding without a worker process. The idle worker's processor time stands beside that
of taking and decoding each frame of the stream, which no reader of an MJPEG stream can do without.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import cv2
import numpy as np

from benchmarks.measure import Measure, median, worst
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.video import VideoCamera, connect

PICTURES = 25
IDLE_S = 8.0
TIMEOUT_MS = 20_000


def measure() -> list[Measure]:
    """Three rows; about a minute."""
    with DocumentCameraTwin() as twin:
        twin.act("lay_paper", SamplePaper.STATEMENT)
        rows = [_picture_from_stream(twin)]
        rows.append(_idle(twin))
    with DocumentCameraTwin(preview_divisor=2) as twin:
        twin.act("lay_paper", SamplePaper.STATEMENT)
        return [*rows, _still(twin)]


def _picture_from_stream(twin: DocumentCameraTwin) -> Measure:
    with _looking(twin.address) as camera:
        ours = [_capture_ms(camera) for _ in range(PICTURES)]
    limit = median(_intervals_ms(twin.url, PICTURES))
    return Measure(
        "document camera (video): call → 5 MP picture from the stream",
        "ms",
        median(ours),
        worst(ours),
        PICTURES,
        "frame interval of the stream, read by hand",
        limit,
        "≤ 2.5 intervals: the second frame counts",
        median(ours) <= 2.5 * limit,
    )


def _still(twin: DocumentCameraTwin) -> Measure:
    with _looking(twin.address) as camera:
        ours = [_capture_ms(camera) for _ in range(PICTURES)]
    url = twin.url.replace("/cam.mjpg", "/still.jpg")
    bare = [_bare_still_ms(url) for _ in range(PICTURES)]
    return Measure(
        "document camera (video): call → 5 MP still over HTTP",
        "ms",
        median(ours),
        worst(ours),
        PICTURES,
        "the same request and decoding, by hand",
        median(bare),
        "≤ the limit + a frame of the preview (83 ms) + 60 ms",
        median(ours) <= median(bare) + 1000 / 12 + 60,
    )


def _idle(twin: DocumentCameraTwin) -> Measure:
    with _looking(twin.address) as camera:
        time.sleep(4)  # until it rests
        pid = camera.worker_pid
        assert pid is not None
        before_s, started_s = _cpu_s(pid), time.monotonic()
        time.sleep(IDLE_S)
        ours = (_cpu_s(pid) - before_s) / (time.monotonic() - started_s) * 100
    limit = _bare_reading_percent(twin.url)
    return Measure(
        "document camera (video): processor while nobody looks, 5 MP at 12 frames/s",
        "% of a core",
        round(ours, 1),
        None,
        1,
        "take and decode each frame, by hand",
        round(limit, 1),
        "≤ the limit",
        ours <= limit,
    )


@contextmanager
def _looking(address: str) -> Iterator[VideoCamera]:
    with closing(connect(address)) as camera:
        camera.capture(TIMEOUT_MS)
        yield camera


def _capture_ms(camera: VideoCamera) -> float:
    time.sleep(0.031)  # calls come at any moment between two frames
    started_s = time.monotonic()
    camera.capture(TIMEOUT_MS)
    return (time.monotonic() - started_s) * 1000


def _frames(url: str) -> Iterator[bytes]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as line:
        line.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        stream = line.makefile("rb")
        while True:
            header = stream.readline()
            if header.startswith(b"Content-Length:"):
                stream.readline()
                yield stream.read(int(header.split(b":")[1]))


def _intervals_ms(url: str, count: int) -> list[float]:
    arrived_s = []
    for _ in _frames(url):
        arrived_s.append(time.monotonic())
        if len(arrived_s) > count:
            break
    return [(b - a) * 1000 for a, b in pairwise(arrived_s)]


def _bare_still_ms(url: str) -> float:
    started_s = time.monotonic()
    with urlopen(url, timeout=10) as answer:  # noqa: S310 (the twin's own address)
        encoded = answer.read()
    assert cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR) is not None
    return (time.monotonic() - started_s) * 1000


def _bare_reading_percent(url: str) -> float:
    cv2.setNumThreads(1)
    frames = _frames(url)
    next(frames)
    started_s, cpu_s = time.monotonic(), 0.0
    for encoded in frames:
        before_s = time.thread_time()
        cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        cpu_s += time.thread_time() - before_s
        if time.monotonic() - started_s > IDLE_S:
            break
    return cpu_s / (time.monotonic() - started_s) * 100


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
