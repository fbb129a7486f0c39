"""Codes in pictures, with both engines: exact bytes, only what was asked for, no exception."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from yici.drivers.code_reader.camera.twin import draw_qr_code
from yici.drivers.code_reader.decoding import (
    QR_ONLY,
    Symbology,
    get_decoder,
    read_codes,
)
from yici.drivers.code_reader.decoding.process import DecoderProcess
from yici.kiosk.capture.codes import MAX_CONTENT_BYTES, read_qr_codes

ENGINES = ("zxing", "pyzbar")

SAMPLES = {
    Symbology.MICRO_QR: ("MicroQRCode", "12345"),
    Symbology.CODE128: ("Code128", "YICI-430199"),
    Symbology.CODE39: ("Code39", "YICI430199"),
    Symbology.EAN13: ("EAN13", "6901234567892"),
    Symbology.EAN8: ("EAN8", "12345670"),
    Symbology.ITF: ("ITF", "12345678901231"),
    Symbology.PDF417: ("PDF417", "YICI-430199"),
    Symbology.DATAMATRIX: ("DataMatrix", "YICI-430199"),
}


def _drawn(symbology: Symbology) -> tuple[np.ndarray, bytes]:
    name, text = SAMPLES[symbology]
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
    grey = np.array(zxingcpp.write_barcode_to_image(code, scale=6))
    height = max(0, 240 - grey.shape[0])
    if grey.shape[0] < 20:  # linear: as high as bars are printed
        grey = np.repeat(grey[:1], 160, axis=0)
        height = 80
    grey = np.pad(grey, ((height // 2 + 40,) * 2, (60, 60)), constant_values=255)
    return np.repeat(grey[..., None], 3, axis=2), text.encode()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "content",
    [
        "一次办好".encode(),
        "张三一次办好".encode("gb18030"),
        b"\xff\xfe\x80\x00",
        b"HTTPS://A.TEST/1",
    ],
    ids=["utf-8", "gb18030", "binary", "alphanumeric"],
)
def test_qr_codes_keep_their_exact_bytes(engine: str, content: bytes) -> None:
    """Chinese codes without a declared character set are common; engines like to guess one."""
    (found,) = read_codes(get_decoder(engine), draw_qr_code(content, 460))
    assert (found.content, found.symbology) == (content, "qr")


@pytest.mark.parametrize("symbology", SAMPLES)
def test_zxing_reads_what_a_hall_meets(symbology: Symbology) -> None:
    picture, content = _drawn(symbology)
    (found,) = read_codes(get_decoder("zxing"), picture)
    assert (found.content, found.symbology) == (content, symbology.value)


@pytest.mark.parametrize(
    "symbology",
    [Symbology.CODE128, Symbology.CODE39, Symbology.EAN13, Symbology.EAN8, Symbology.ITF],
)
def test_pyzbar_reads_the_linear_ones_too(symbology: Symbology) -> None:
    picture, content = _drawn(symbology)
    (found,) = read_codes(get_decoder("pyzbar"), picture)
    assert (found.content, found.symbology) == (content, symbology.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_only_what_was_asked_for_is_read(engine: str) -> None:
    picture, _ = _drawn(Symbology.CODE128)
    assert read_codes(get_decoder(engine, QR_ONLY), picture) == ()


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(
    picture=arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)))
)
def test_any_picture_gives_codes_or_none(engine: str, picture: np.ndarray) -> None:
    assert isinstance(read_codes(get_decoder(engine), picture), tuple)


def test_a_slips_code_is_short_enough_and_read_with_either_engine() -> None:
    picture = draw_qr_code(b"ABCD-EFGH-0001", 460)
    for engine in ENGINES:
        assert read_qr_codes(picture, engine) == (b"ABCD-EFGH-0001",)
    assert read_qr_codes(draw_qr_code(b"9" * (MAX_CONTENT_BYTES + 1), 700)) == ()


def test_engines_are_loaded_only_when_they_are_asked_for() -> None:
    """A machine without libzbar must start, and read with the other."""
    program = (
        "import sys\n"
        "from yici.drivers.device import DeviceKind\n"
        "from yici.drivers.registry import get_connect\n"
        "get_connect(DeviceKind.CODE_READER, 'camera')\n"
        "from yici.drivers.code_reader.decoding import get_decoder\n"
        "get_decoder('zxing')\n"
        "print('pyzbar' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


def test_missing_library_is_a_sentence_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from yici.drivers.code_reader.camera import connect
    from yici.drivers.code_reader.decoding import DecoderMissing
    from yici.drivers.device import NeedsStaff

    monkeypatch.setitem(sys.modules, "yici.drivers.code_reader.decoding.zbar", None)
    with pytest.raises(DecoderMissing, match="libzbar0"):
        get_decoder("pyzbar")
    with pytest.raises(NeedsStaff) as raised:
        connect("http://127.0.0.1:9/cam.mjpg", decoder="pyzbar")
    assert raised.value.status.code == "decoder.missing"


@pytest.fixture
def process() -> Iterator[DecoderProcess]:
    process = DecoderProcess("zxing")
    yield process
    process.close()


def _until_read(process: DecoderProcess, content: bytes) -> None:
    picture = draw_qr_code(content, 460)
    deadline_s = time.monotonic() + 30
    while [code.content for code in read_codes(process, picture)] != [content]:
        assert time.monotonic() < deadline_s, "the process never reads"
        time.sleep(0.02)


def test_decoder_in_its_own_process_reads_exact_bytes(process: DecoderProcess) -> None:
    for content in ("张三".encode("gb18030"), b"\xff\x00", b"https://example.test"):
        _until_read(process, content)
    assert read_codes(process, np.zeros((3000, 2000, 3), np.uint8)) == ()
    assert process.restarts == 0


@pytest.mark.parametrize("accident", [signal.SIGKILL, signal.SIGSTOP], ids=["crash", "hang"])
def test_picture_that_stops_the_decoder_costs_that_picture_only(
    process: DecoderProcess, accident: signal.Signals
) -> None:
    _until_read(process, b"before")
    stopped = process.pid
    assert stopped is not None
    os.kill(stopped, accident)
    started_at_s = time.monotonic()
    assert process.read(np.zeros((2000, 2000), np.uint8)) == ()
    assert time.monotonic() - started_at_s < 20
    _until_read(process, b"after")
    assert process.restarts == 1
    assert process.pid not in (None, stopped)


def test_closed_decoder_has_no_process_and_sees_nothing(process: DecoderProcess) -> None:
    _until_read(process, b"1")
    pid = process.pid
    process.close()
    process.close()
    assert not Path(f"/proc/{pid}").exists()
    assert read_codes(process, draw_qr_code(b"1", 460)) == ()
