"""The photo on a chip: no decoder is normal, a closed one may do its worst, and shows a picture."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.id_card_reader.portrait import (
    HEIGHT_PX,
    RGB_SIZE,
    WIDTH_PX,
    NoDecoder,
    NoPortrait,
    Portrait,
    has_photo_header,
)
from yici.drivers.id_card_reader.portrait.library import (
    ColourOrder,
    LibraryDecoder,
    RowOrder,
)
from yici.drivers.id_card_reader.reading import WltPhoto
from yici.drivers.id_card_reader.vendor_library.twin import build_library

SOURCE = Path(__file__).parent / "libraries" / "wlt.c"
# the published beginning; what follows is not a face
PHOTO = WltPhoto(bytes.fromhex("574C66007E00320000FF85015151513E") + bytes(1008))


def decoder(directory: Path, wrong: str = "NOTHING_WRONG", timeout_s: float = 30) -> LibraryDecoder:
    library = directory / f"lib{wrong.lower()}.so"
    build_library(SOURCE, library, wrong)
    return LibraryDecoder(library, symbol="unpack", timeout_s=timeout_s)


def pixel(portrait: Portrait, x: int, y: int) -> tuple[int, ...]:
    start = 3 * (y * WIDTH_PX + x)
    return tuple(portrait.rgb[start : start + 3])


def test_without_a_decoder_there_is_no_portrait_and_no_error() -> None:
    assert NoDecoder().decode(PHOTO) is NoPortrait.NO_DECODER


@given(st.binary(max_size=1100))
def test_what_is_no_photo_reaches_no_decoder(data: bytes) -> None:
    photo = WltPhoto(data)
    assert has_photo_header(photo) == (len(data) == 1024 and data[:6] == PHOTO.data[:6])
    if not has_photo_header(photo):
        assert NoDecoder().decode(photo) is NoPortrait.BAD_HEADER
        assert LibraryDecoder(Path("/nowhere")).decode(photo) is NoPortrait.BAD_HEADER


def test_photo_of_another_width_is_no_photo() -> None:
    assert not has_photo_header(WltPhoto(b"WL\x67" + PHOTO.data[3:]))


def test_picture_is_turned_upright_and_into_rgb(tmp_path: Path) -> None:
    portrait = decoder(tmp_path).decode(PHOTO)
    assert isinstance(portrait, Portrait)
    assert len(portrait.rgb) == RGB_SIZE
    for x, y in ((0, 0), (101, 0), (0, 125), (101, 125), (50, 60)):
        assert pixel(portrait, x, y) == (x, y, 708 % 256)
    assert repr(portrait) == "Portrait()"


def test_other_makers_write_rows_and_colours_otherwise(tmp_path: Path) -> None:
    upright = replace(
        decoder(tmp_path), rows=RowOrder.TOP_DOWN, colours=ColourOrder.RGB, argument=608
    ).decode(PHOTO)
    assert isinstance(upright, Portrait)
    assert pixel(upright, 3, 4) == (608 % 256, HEIGHT_PX - 1 - 4, 3)


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [
        ("SEGFAULT", NoPortrait.DECODER_FAILED),
        ("OVERRUN", NoPortrait.DECODER_FAILED),
        ("LICENSED", NoPortrait.REFUSED),
    ],
)
def test_decoder_that_fails_costs_the_picture_only(
    tmp_path: Path, wrong: str, outcome: NoPortrait
) -> None:
    assert decoder(tmp_path, wrong).decode(PHOTO) is outcome


def test_decoder_finds_its_licence_and_its_other_libraries_beside_it(tmp_path: Path) -> None:
    licensed = decoder(tmp_path, "LICENSED")
    (tmp_path / "license.dat").touch()
    assert isinstance(licensed.decode(PHOTO), Portrait)
    build_library(SOURCE.with_name("neighbour.c"), tmp_path / "libneighbour.so")
    library = tmp_path / "libwlt.so"
    build_library(SOURCE, library, "WITH_NEIGHBOUR", needs=tmp_path / "libneighbour.so")
    portrait = replace(licensed, library=library).decode(PHOTO)
    assert isinstance(portrait, Portrait)
    assert pixel(portrait, 0, 0)[2] == 77


def test_decoder_that_sleeps_is_ended_at_its_deadline(tmp_path: Path) -> None:
    assert decoder(tmp_path, "SLEEP", timeout_s=0.5).decode(PHOTO) is NoPortrait.DECODER_HUNG


def test_decoder_that_is_not_there(tmp_path: Path) -> None:
    missing = LibraryDecoder(tmp_path / "libwlt.so", timeout_s=30)
    assert missing.decode(PHOTO) is NoPortrait.UNUSABLE
    nameless = replace(decoder(tmp_path), symbol="_Z6unpackPcS_i")
    assert nameless.decode(PHOTO) is NoPortrait.UNUSABLE


@given(st.binary(max_size=50) | st.binary(max_size=3).map(lambda head: head + bytes(RGB_SIZE)))
def test_whatever_the_child_says_is_a_picture_or_a_reason(answer: bytes) -> None:
    outcome = LibraryDecoder(Path("/nowhere"))._portrait(answer)
    assert isinstance(outcome, Portrait | NoPortrait)
