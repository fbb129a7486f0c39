"""Code readers: how long a shown code takes (serial_line, keyboard, camera), and both decoders.

The limit of a reader is the same code taken off the same port, pipe or stream by hand. The decoders
zxing and pyzbar look at the same 8 MP pictures, in processor time on one thread; the limit is the
other one.
"""

import os
import select
import tempfile
import time
import tty
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from benchmarks.measure import Measure, median, worst
from yici.drivers.code_reader import CodeReader
from yici.drivers.code_reader.camera.twin import CodeCameraTwin, draw_qr_code
from yici.drivers.code_reader.decoding import CodeDecoder, get_decoder, read_codes
from yici.drivers.code_reader.keyboard.input_events import KeyCharacters
from yici.drivers.code_reader.keyboard.twin import KeyboardReaderTwin, KeyWay
from yici.drivers.code_reader.serial_line.twin import SerialReaderTwin
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin_scene import Paper, Pose, View, compose
from yici.drivers.registry import get_connect

READINGS = 15
STILLS = 5
VIEW = View(width_px=2448, height_px=3264)


def measure() -> list[Measure]:
    """Five rows; about a minute."""
    with tempfile.TemporaryDirectory() as directory:
        rows = [_serial(Path(directory)), _keyboard(Path(directory)), _camera()]
    return [*rows, *_decoders()]


def _codes() -> list[bytes]:
    return [
        b"https://example.test/s/%04d-%04d" % (number, number * 7) for number in range(READINGS)
    ]


def _shown_to_found_ms(reader: CodeReader, show: Callable[[bytes], None]) -> list[float]:
    times = []
    for content in _codes():
        reader.find_code(50)
        started_s = time.monotonic()
        show(content)
        while (found := reader.find_code(5000)) is None or found.content != content:
            assert time.monotonic() - started_s < 20, "the code was never found"
        times.append((time.monotonic() - started_s) * 1000)
    return times


def _bare_ms(
    descriptor: int, show: Callable[[bytes], None], decode: Callable[[bytes], bytes]
) -> list[float]:
    times = []
    for content in _codes():
        time.sleep(0.05)
        started_s = time.monotonic()
        show(content)
        heard = b""
        while content not in heard:
            select.select([descriptor], [], [], 5)
            heard += decode(os.read(descriptor, 65536))
        times.append((time.monotonic() - started_s) * 1000)
    return times


def _reader_row(name: str, ours: list[float], limit: list[float], limit_name: str) -> Measure:
    return Measure(
        f"code reader ({name}): code shown → found",
        "ms",
        median(ours),
        worst(ours),
        len(ours),
        limit_name,
        median(limit),
        "≤ the limit + 20 ms",
        median(ours) <= median(limit) + 20,
    )


def _serial(directory: Path) -> Measure:
    with SerialReaderTwin(directory / "serial") as twin:
        with closing(get_connect(DeviceKind.CODE_READER, "serial_line")(twin.address)) as reader:
            ours = _shown_to_found_ms(reader, twin.show_code)
        descriptor = os.open(twin.path, os.O_RDWR | os.O_NOCTTY)
        try:
            tty.setraw(descriptor)
            bare = _bare_ms(descriptor, twin.show_code, bytes)
        finally:
            os.close(descriptor)
    return _reader_row("serial_line", ours, bare, "the same bytes off the port, by hand")


def _keyboard(directory: Path) -> Measure:
    with KeyboardReaderTwin(directory / "keys", way=KeyWay.FIFO) as twin:
        with closing(get_connect(DeviceKind.CODE_READER, "keyboard")(twin.address)) as reader:
            ours = _shown_to_found_ms(reader, twin.show_code)
        descriptor = os.open(twin.path, os.O_RDONLY)
        try:
            bare = _bare_ms(descriptor, twin.show_code, KeyCharacters().feed)
        finally:
            os.close(descriptor)
    return _reader_row("keyboard", ours, bare, "the same events off the pipe, by hand")


def _camera() -> Measure:
    with (
        CodeCameraTwin() as twin,
        closing(get_connect(DeviceKind.CODE_READER, "camera")(twin.address)) as reader,
    ):
        while not reader.status().works:
            time.sleep(0.02)
        ours = _shown_to_found_ms(reader, twin.show_code)
    interval_ms = 1000 / 12
    return Measure(
        "code reader (camera): code shown → found",
        "ms",
        median(ours),
        worst(ours),
        len(ours),
        "frame interval of the stream",
        round(interval_ms, 1),
        "≤ 3 intervals",
        median(ours) <= 3 * interval_ms,
    )


def _stills(code: bytes | None) -> list[BgrImage]:
    """An A4 page under the camera with a QR code of 25 mm, or without one."""
    from yici.drivers.document_camera.paper_samples import DPI, draw

    page = np.ascontiguousarray(np.asarray(draw(SamplePaper.STATEMENT))[:, :, ::-1])
    if code is not None:
        side = round(25 / 25.4 * DPI)
        drawn = cv2.resize(draw_qr_code(code, 400), (side, side), interpolation=cv2.INTER_AREA)
        page[-side - 200 : -200, -side - 150 : -150] = drawn
    paper = Paper(page, 210, 297)
    return [
        compose(VIEW, paper, Pose(turned_deg=turned, tilt_percent=2), seed=seed).pixels
        for seed, turned in enumerate((-3, 0, 2, 5, 8))
    ]


def _decode_ms(
    decoder: CodeDecoder, stills: list[BgrImage], wanted: int
) -> tuple[list[float], int]:
    cv2.setNumThreads(1)
    times, found = [], 0
    for still in stills:
        started_s = time.process_time()
        codes = read_codes(decoder, still)
        times.append((time.process_time() - started_s) * 1000)
        found += len(codes) == wanted
    return times, found


def _decoders() -> list[Measure]:
    rows = []
    zxing, pyzbar = get_decoder("zxing"), get_decoder("pyzbar")
    for what, code, wanted in (
        ("with a QR code", b"ABCD-EFGH-0001", 1),
        ("without a code", None, 0),
    ):
        stills = _stills(code)
        (ours, right), (other, other_right) = (
            _decode_ms(zxing, stills, wanted),
            _decode_ms(pyzbar, stills, wanted),
        )
        rows.append(
            Measure(
                f"zxing, 8 MP page {what}: {right} of {len(stills)} right",
                "ms",
                median(ours),
                worst(ours),
                len(stills),
                f"pyzbar on the same: {other_right} right",
                median(other),
                "≤ pyzbar, and as many right",
                median(ours) <= median(other) and right >= other_right,
            )
        )
    return rows
