"""The bytes: status, raster and the stream as a printer reads it; any bytes, any split."""

import contextlib
import itertools
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import zxingcpp
from escpos.printer import Dummy
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer.escpos.address import (
    SerialAddress,
    TcpAddress,
    UsbAddress,
    parse_address,
)
from yici.drivers.receipt_printer.escpos.commands import CLEAR_BUFFERS, query_status
from yici.drivers.receipt_printer.escpos.paper import Paper
from yici.drivers.receipt_printer.escpos.raster import coarse_bands, raster_bands
from yici.drivers.receipt_printer.escpos.status import (
    is_fence_byte,
    is_status_byte,
    parse_status,
)
from yici.drivers.receipt_printer.escpos.stream import (
    CommandStream,
    Control,
    RasterRow,
    RealTimeScanner,
    Unrecognised,
)

VECTORS = [
    ("12 12 12 12", DeviceState.READY),
    ("12 12 12 1E", DeviceState.PAPER_NEAR_END),
    ("1A 32 12 7E", DeviceState.PAPER_OUT),
    ("1A 16 12 12", DeviceState.COVER_OPEN),
    ("1A 12 12 12", DeviceState.OFFLINE),
    ("1A 52 1A 12", DeviceState.CUTTER_JAMMED),
    ("1A 52 32 12", DeviceState.FAULT),
    ("1A 36 12 7E", DeviceState.COVER_OPEN),  # paper can only be put in with the cover open
    ("12 12 48 12", DeviceState.WRONG_SETTING),
]


@pytest.mark.parametrize(("answers", "state"), VECTORS)
def test_known_answers_give_their_state(answers: str, state: DeviceState) -> None:
    one, two, three, four = bytes.fromhex(answers)
    assert parse_status({1: one, 2: two, 3: three, 4: four}).state is state


@given(st.dictionaries(st.sampled_from((1, 2, 3, 4)), st.integers(0, 255)))
def test_no_answer_is_ever_taken_for_well(answers: dict[Literal[1, 2, 3, 4], int]) -> None:
    status = parse_status(answers)
    if len(answers) < 4:
        assert not status.works
    if status.works:
        assert all(is_status_byte(byte) for byte in answers.values())
        assert not answers[1] & 0x08
        assert not answers[4] & 0x60


@given(st.integers(0, 255))
def test_an_answer_is_never_both_status_and_fence(byte: int) -> None:
    assert not (is_status_byte(byte) and is_fence_byte(byte))


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    borders = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(borders)]


def commands_of(pieces: list[bytes]) -> list[object]:
    stream = CommandStream()
    commands: list[object] = []
    for piece in pieces:
        stream.push(piece)
        while (command := stream.find_next()) is not None:
            commands.append(command)
    return commands


ANY_STREAM = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [
                b"\x1b@", b"\x1bd\x03", b"\x1dV\x00", b"\x1dVB\x00", b"\x1dr\x01", b"\x1ba\x01",
                b"\x1dv0\x00\x02\x00\x03\x00" + b"\x10\x04\x01\x10\x04\x04",
                b"\x1d(k\x03\x001C\x04", b"\x1d(k\x07\x001P0name", b"\x1d(k\x03\x001Q0",
                b"\x10\x04\x02", CLEAR_BUFFERS, b"\n", b"\x1c&", b"\x1c.",
                b"\xb0\xec", b"\x1d!\x11", b"\x1dv0\x03\x01\x00\x02\x00\xa5\x5a",
            ]
        ),
    )
).map(b"".join)  # fmt: skip
CUTS = st.lists(st.integers(0, 10_000), max_size=8)


@given(ANY_STREAM, CUTS)
def test_any_split_gives_the_same_commands(stream: bytes, cuts: list[int]) -> None:
    assert commands_of(split(stream, cuts)) == commands_of([stream])


@given(ANY_STREAM, CUTS)
def test_any_split_finds_the_same_questions(stream: bytes, cuts: list[int]) -> None:
    def questions(pieces: list[bytes]) -> list[tuple[int, int | None]]:
        scanner, position, found = RealTimeScanner(), 0, []
        for piece in pieces:
            found += [(position + end, query) for end, query in scanner.scan(piece)]
            position += len(piece)
        return found

    assert questions(split(stream, cuts)) == questions([stream])


def test_questions_inside_a_raster_are_answered_and_stay_dots() -> None:
    dots = b"".join(query_status(query) for query in (1, 2, 3, 4))
    stream = b"\x1dv0\x00\x0c\x00\x01\x00" + dots + b"\x1dr\x01"
    assert [query for _, query in RealTimeScanner().scan(stream)] == [1, 2, 3, 4]
    assert commands_of([stream]) == [RasterRow(dots), Control.FENCE]


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Black dots as True; rows come in runs, and many are white."""
    width = draw(st.integers(1, 40))
    rows = draw(
        st.lists(
            st.tuples(st.one_of(st.just(0), st.integers(0, 2**width - 1)), st.integers(1, 14)),
            min_size=1,
            max_size=6,
        )
    )
    dots = [[row >> bit & 1 for bit in range(width)] for row, times in rows for _ in range(times)]
    return np.array(dots, dtype=bool)


@given(pictures(), st.integers(1, 12))
def test_every_picture_survives_its_bands(dots: np.ndarray, band_rows: int) -> None:
    height, width = dots.shape
    image = Image.fromarray(np.where(dots, 0, 255).astype("uint8")).convert("1")
    bands = list(raster_bands(image, band_rows))
    assert all(len(commands_of([band])) <= band_rows for band in bands)
    rows = [command for command in commands_of(bands) if isinstance(command, RasterRow)]
    full_width = (width + 7) // 8
    assert all(1 <= len(row.dots) <= full_width for row in rows)
    burnt = np.array(
        [np.unpackbits(np.frombuffer(row.dots.ljust(full_width, b"\0"), "uint8")) for row in rows]
    )
    assert burnt.shape == (height, full_width * 8)
    assert (burnt[:, :width].astype(bool) == dots).all()
    assert not burnt[:, width:].any()  # no black stripe at the right edge


@given(pictures())
def test_a_coarse_picture_is_the_same_in_a_quarter_of_the_bytes(dots: np.ndarray) -> None:
    dots = dots.repeat(2, axis=0).repeat(2, axis=1)
    image = Image.fromarray(np.where(dots, 0, 255).astype("uint8")).convert("1")
    bands = list(coarse_bands(image))
    assert all(band[3] == 3 for band in bands)
    rows = [command for command in commands_of(bands) if isinstance(command, RasterRow)]
    full_width = 2 * ((dots.shape[1] // 2 + 7) // 8)
    burnt = np.array(
        [np.unpackbits(np.frombuffer(row.dots.ljust(full_width, b"\0"), "uint8")) for row in rows]
    )
    assert (burnt[:, : dots.shape[1]].astype(bool) == dots).all()
    assert not burnt[:, dots.shape[1] :].any()


@given(pictures())
def test_a_fine_picture_stays_as_fine(dots: np.ndarray) -> None:
    dots[0, 0] ^= True
    image = Image.fromarray(np.where(dots, 0, 255).astype("uint8")).convert("1")
    rows = [row for row in commands_of(list(coarse_bands(image))) if isinstance(row, RasterRow)]
    assert len(rows) == dots.shape[0]


def test_white_rows_take_one_byte_each() -> None:
    image = Image.new("1", (576, 300), 1)
    image.paste(0, (0, 100, 576, 110))
    sizes = [len(band) for band in raster_bands(image)]
    assert sizes == [8 + 100, 8 + 10 * 72, 8 + 100, 8 + 90]


def on_paper(stream: bytes, directory: Path) -> tuple[Paper, Image.Image]:
    """What a printer makes of one job that ends with a cut."""
    paper = Paper(directory, 384)
    for command in commands_of([stream]):
        if command is Control.CUT:
            paper.cut()
        else:
            paper.obey(command)
    with Image.open(paper.slips[0].path) as picture:
        picture.load()
    return paper, picture


def test_rasters_of_another_generator_print_the_same(tmp_path: Path) -> None:
    picture = Image.radial_gradient("L").resize((384, 300)).point(lambda v: 255 * (v > 99))
    peer = Dummy(profile="default")
    peer.image(picture.convert("1"), impl="bitImageRaster", fragment_height=90)
    peer.cut(feed=False)
    _, paper = on_paper(peer.output, tmp_path)
    assert paper.crop((0, 0, 384, 300)).tobytes() == picture.convert("1").tobytes()


def test_the_printers_own_qr_code_reads_back(tmp_path: Path) -> None:
    peer = Dummy(profile="TM-T88V")
    peer.qr("办件编号 430181 王䶮", native=True, size=6, center=False)
    peer.cut(feed=False)
    _, paper = on_paper(b"\x1ba\x01" + b"\x1bd\x02" + peer.output, tmp_path)
    quiet = Image.new("L", (paper.width + 80, paper.height + 80), 255)
    quiet.paste(paper.convert("L"), (40, 40))
    (found,) = zxingcpp.read_barcodes(quiet)
    assert found.text == "办件编号 430181 王䶮"


def test_letters_the_rom_lacks_are_counted_and_not_guessed_at(tmp_path: Path) -> None:
    without_fs = b"\x1bd\x01" + "办件".encode("gb18030") + b"\x1dV\x00"
    paper, _ = on_paper(without_fs, tmp_path)
    assert paper.unrecognised_bytes == 4
    four_bytes = "𬭎".encode("gb18030")
    assert commands_of([b"\x1c&" + four_bytes])[1] == Unrecognised(four_bytes[0])


def test_slips_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    first, _ = on_paper(b"\x1bd\x01\x1dV\x00", tmp_path)
    second, _ = on_paper(b"\x1bd\x02\x1dV\x00", tmp_path)
    assert first.slips[0].path != second.slips[0].path
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".png", ".png"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://192.0.2.7:9100", TcpAddress("192.0.2.7", 9100)),
        ("tcp://[2001:db8::7]:9100", TcpAddress("2001:db8::7", 9100)),
        ("tcp://printer.hall:9100/", TcpAddress("printer.hall", 9100)),
        ("serial:/dev/kiosk/printer", SerialAddress("/dev/kiosk/printer", 115200)),
        ("serial:/dev/ttyUSB0@9600", SerialAddress("/dev/ttyUSB0", 9600)),
        ("usb:/dev/usb/lp0", UsbAddress("/dev/usb/lp0")),
    ],
)
def test_addresses_are_understood(text: str, address: object) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "9100", "tcp://", "tcp://host", "tcp://host:0", "tcp://host:65536", "tcp://host:91x",
     "serial:", "serial:ttyUSB0", "serial:/dev/ttyUSB0@", "serial:/dev/ttyUSB0@12345",
     "usb:0416:5011", "usb:lp0", "usb:/dev/usb/", "tcp://a b:9100"],
)  # fmt: skip
def test_addresses_that_can_not_be_are_named_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        parse_address(text)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_address(text)
