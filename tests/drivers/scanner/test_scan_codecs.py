"""What scanners and scanimage say, as bytes: any of it gives a value or a codec's own error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.device import DeviceState
from yici.drivers.scanner import PaperSource
from yici.drivers.scanner.sane.address import parse_address
from yici.drivers.scanner.sane.escl_status import parse_answer
from yici.drivers.scanner.sane.options import OptionsNotUnderstood, parse_options
from yici.drivers.scanner.sane.pnm import (
    MAX_HEADER_BYTES,
    PnmError,
    PnmHeader,
    find_header,
    to_bgr,
)
from yici.drivers.scanner.sane.status import open_status, scan_status

MOST = 10_000

# as `scanimage -A` of sane-utils 1.2.1 prints them; only the lines that count
AIRSCAN_OPTIONS = """All options specific to device `airscan:e0:Scanner':
  Standard:
    --resolution 75|100|150|200|300|600dpi [300]
        Sets the resolution of the scanned image.
    --mode Gray|Color [Color]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --source Flatbed|ADF|ADF Duplex [Flatbed]
        Selects the scan source (such as a document-feeder).
  Geometry:
    -l 0..214.545mm [0]
    -x 1.35466..215.9mm [215.9]
        Width of scan-area.
    -y 1.35466..297.011mm [297.011]
        Height of scan-area.
  Enhancement:
    --brightness -100..100% (in steps of 1) [0]
"""
TEST_OPTIONS = """    --mode Gray|Color [Gray]
    --depth 1|8|16 [8]
    --hand-scanner[=(yes|no)] [no]
    --three-pass-order RGB|RBG|GBR|GRB|BRG|BGR [inactive]
    --resolution 1..1200dpi (in steps of 1) [50]
    --source Flatbed|Automatic Document Feeder [Flatbed]
    -x 0..200mm (in steps of 1) [80]
"""


def test_escl_scanners_options_are_read() -> None:
    options = parse_options(AIRSCAN_OPTIONS)
    assert options.sources == ((PaperSource.FLATBED, "Flatbed"), (PaperSource.FEEDER, "ADF"))
    assert options.colour_mode == "Color"
    assert options.area_mm == (("-x", 210.0), ("-y", 297.0))
    assert [options.nearest_dpi(dpi) for dpi in (50, 300, 301, 1200)] == [75, 300, 600, 600]


def test_test_backends_options_are_read() -> None:
    options = parse_options(TEST_OPTIONS)
    assert options.find_source(PaperSource.FEEDER) == "Automatic Document Feeder"
    assert options.takes_depth_8
    assert options.area_mm == (("-x", 200.0),)
    assert options.nearest_dpi(2400) == 1200


def test_scanner_without_the_options_is_a_plain_flatbed() -> None:
    options = parse_options("    --brightness -100..100% (in steps of 1) [0]\n")
    assert options.sources == ((PaperSource.FLATBED, ""),)
    assert (options.colour_mode, options.has_resolution) == (None, False)


@given(
    st.text(alphabet=st.sampled_from(list(" -=[]()|.0123456789abcdpimxysource\n")), max_size=300)
)
def test_any_text_is_options_or_refused(text: str) -> None:
    try:
        options = parse_options(text)
    except OptionsNotUnderstood:
        return
    assert isinstance(options.nearest_dpi(300), int)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_escl_status(body: bytes) -> None:
    assert isinstance(parse_answer(body).status.state, DeviceState)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"<pwg:State>Idle</pwg:State>", DeviceState.READY),
        (b"<a:State>Processing</a:State><b:JobState>Idle</b:JobState>", DeviceState.BUSY),
        (b"<State>Idle</State><s:AdfState>ScannerAdfJam</s:AdfState>", DeviceState.PAPER_JAMMED),
        (b"<State>Idle</State><AdfState>ScannerAdfEmpty</AdfState>", DeviceState.READY),
        (b"<State>Stopped</State>", DeviceState.FAULT),
        (b"<State>Whatever</State>", DeviceState.FAULT),
        (b"<JobState>Idle</JobState>", DeviceState.WRONG_SETTING),
        (b"<html>It works!</html>", DeviceState.WRONG_SETTING),
    ],
)
def test_escl_words_amount_to_one_state(body: bytes, state: DeviceState) -> None:
    assert parse_answer(body).status.state is state


# --- PNM: the formats' own examples (netpbm's pgm(5), ppm(5), pbm(5)), and any bytes


@pytest.mark.parametrize(
    ("data", "header", "length"),
    [
        (b"P5\n# SANE data follows\n2 3\n255\nabcdef", PnmHeader(5, 2, 3), 31),
        (b"P6 2 1 255 abcdef", PnmHeader(6, 2, 1), 11),
        (b"P5 2 1 65535\nabcd", PnmHeader(5, 2, 1, 2), 13),
        (b"P4\n# SANE data follows\n9 2\n abcd", PnmHeader(4, 9, 2), 27),
    ],
)
def test_header_is_read_to_its_last_byte(data: bytes, header: PnmHeader, length: int) -> None:
    assert find_header(data, max_pixels=MOST) == (header, length)
    for cut in range(length - 1):
        early = find_header(data[:cut], max_pixels=MOST)
        assert early is None or early[0] != header


@pytest.mark.parametrize(
    "data",
    [
        b"P6 99999 99999 255\n",
        b"P5 0 10 255\n",
        b"P5 10 10 0\n",
        b"P5 10 10 70000\n",
        b"P7\nWIDTH 2\n",
        b"\xff\xd8\xff\xe0",
        b"P5" + b" " * MAX_HEADER_BYTES,
    ],
)
def test_absurd_header_is_refused_before_any_memory_is_taken(data: bytes) -> None:
    with pytest.raises(PnmError):
        find_header(data, max_pixels=MOST)


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda b: b"P5 " + b)))
def test_any_bytes_are_a_header_or_refused_and_stay_within_the_limit(data: bytes) -> None:
    try:
        found = find_header(data, max_pixels=MOST)
    except PnmError:
        return
    if found is not None:
        header, length = found
        assert 0 < header.width_px * header.height_px <= MOST
        assert 0 < length <= len(data)


@given(
    st.sampled_from([(4, 1), (5, 1), (5, 2), (6, 1), (6, 2)]), st.integers(1, 20), st.integers(1, 9)
)
def test_every_format_becomes_bgr(kind: tuple[int, int], width: int, height: int) -> None:
    header = PnmHeader(kind[0], width, height, kind[1])
    data = np.arange(header.size_bytes, dtype=np.uint8)
    picture = to_bgr(header, data)
    assert (picture.shape, picture.dtype) == ((height, width, 3), np.uint8)


def test_pixels_keep_their_colour_and_place() -> None:
    red_then_blue = np.array([255, 0, 0, 0, 0, 255], np.uint8)
    assert to_bgr(PnmHeader(6, 2, 1), red_then_blue).tolist() == [[[0, 0, 255], [255, 0, 0]]]
    deep = np.array([0x12, 0x34, 0xFF, 0xFF], np.uint8)
    assert to_bgr(PnmHeader(5, 2, 1, 2), deep)[0, :, 0].tolist() == [0x12, 0xFF]
    bits = np.array([0b10100000], np.uint8)
    assert to_bgr(PnmHeader(4, 3, 1), bits)[0, :, 0].tolist() == [0, 255, 0]


# --- exit codes and addresses


def test_every_exit_code_is_told_apart() -> None:
    # SANE standard 1.06, section 4.2.7
    assert scan_status(3).state is DeviceState.BUSY
    assert scan_status(6).state is DeviceState.PAPER_JAMMED
    assert scan_status(8).state is DeviceState.COVER_OPEN
    assert scan_status(11).code == "sane.access_denied"
    assert scan_status(127).code == "sane.not_installed"
    assert scan_status(-11).state is DeviceState.FAULT


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("scanimage: open of device x failed: Invalid argument", DeviceState.DISCONNECTED),
        ("scanimage: open of device x failed: Error during device I/O", DeviceState.DISCONNECTED),
        ("scanimage: open of device x failed: Device busy", DeviceState.BUSY),
        (
            "scanimage: open of device x failed: Access to resource has been denied",
            DeviceState.WRONG_SETTING,
        ),
        ("something else", DeviceState.FAULT),
    ],
)
def test_scanner_that_does_not_open_is_told_why(words: str, state: DeviceState) -> None:
    assert open_status(1, words).state is state


@pytest.mark.parametrize(
    "address",
    [
        "",
        "test:0",
        "sane:",
        "sane:-x",
        "sane:a b",
        "escl:",
        "escl:https://h/eSCL",
        "escl:http:///eSCL",
        "escl:http://h/a,b",
        "escl:http://u:p@h/eSCL",
        "escl:http://h:99999/",
        'escl:http://h/e"\nx=',
    ],
)
def test_address_that_cannot_be_one_is_told_with_how_to_write_it(address: str) -> None:
    with pytest.raises(ValueError, match=r"write sane:"):
        parse_address(address)


def test_escl_address_makes_a_configuration_without_discovery() -> None:
    files = dict(parse_address("escl:http://192.0.2.8/eSCL").config_files)
    assert files["dll.conf"] == "airscan\n"
    assert "http://192.0.2.8:80/eSCL, eSCL" in files["airscan.conf"]
    assert "discovery = disable" in files["airscan.conf"]
