"""Files from outside: a page or a typed refusal, whatever the bytes."""

import io
import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scenes import as_file

from yici.kiosk.capture import guarded
from yici.kiosk.capture.document import PageImage
from yici.kiosk.capture.intake import (
    MAX_BYTES,
    ImageFormat,
    ImageHeader,
    Refusal,
    RefusalReason,
    read_header,
    take_in,
)
from yici.kiosk.capture.jpeg_header import find_jpeg_header

# top half red, bottom half white, RGB
PICTURE = np.full((120, 80, 3), 255, np.uint8)
PICTURE[:60] = (210, 30, 30)
JPEG = as_file(PICTURE, "JPEG", quality=90)
PNG = as_file(PICTURE, "PNG")


def _reason(data: bytes) -> RefusalReason | None:
    outcome = take_in(data)
    return outcome.reason if isinstance(outcome, Refusal) else None


def _get_page(data: bytes) -> np.ndarray:
    """BGR pixels of the page that came of it."""
    page = take_in(data)
    assert isinstance(page, PageImage), page
    pixels = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape[:2] == (page.height_px, page.width_px)
    return pixels


def _is_red(pixel: np.ndarray) -> bool:
    return bool(pixel[2] > 150 and pixel[0] < 110)


def _png(width_px: int, height_px: int, rows: bytes = b"") -> bytes:
    """A PNG whose header claims a size, whatever is behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("data", [JPEG, PNG], ids=["jpeg", "png"])
def test_picture_becomes_a_page(data: bytes) -> None:
    pixels = _get_page(data)
    assert pixels.shape == (120, 80, 3)
    assert _is_red(pixels[20, 40])
    assert not _is_red(pixels[100, 40])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", RefusalReason.EMPTY),
        (b"\0" * (MAX_BYTES + 1), RefusalReason.TOO_MANY_BYTES),
        (b"%PDF-1.7\n", RefusalReason.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", RefusalReason.NOT_AN_IMAGE),
        (b"GIF89a" + b"\0" * 50, RefusalReason.NOT_AN_IMAGE),
        (as_file(PICTURE, "BMP"), RefusalReason.NOT_AN_IMAGE),
        (as_file(PICTURE, "TIFF"), RefusalReason.NOT_AN_IMAGE),
        (JPEG[: len(JPEG) // 2], RefusalReason.DAMAGED),
        (JPEG[:20], RefusalReason.DAMAGED),
        (PNG[: len(PNG) // 2], RefusalReason.DAMAGED),
        (PNG[:20], RefusalReason.DAMAGED),
        (_png(100, 100), RefusalReason.DAMAGED),
        (_png(100, 0), RefusalReason.DAMAGED),
        (_png(2**31, 2**31), RefusalReason.TOO_MANY_PIXELS),
        (as_file(PICTURE[:10], "PNG"), RefusalReason.TOO_SMALL),
        (b"\xff\xd8\xff\xd9", RefusalReason.DAMAGED),
    ],
)  # fmt: skip
def test_other_files_are_refused_for_their_reason(data: bytes, reason: RefusalReason) -> None:
    assert _reason(data) is reason
    outcome = guarded.take_in(data)
    assert isinstance(outcome, Refusal)
    assert outcome.reason is reason


def test_cmyk_jpeg_is_refused() -> None:
    file = io.BytesIO()
    Image.new("CMYK", (40, 40), (10, 20, 30, 40)).save(file, "JPEG")
    assert _reason(file.getvalue()) is RefusalReason.DAMAGED


def test_image_bomb_is_refused_from_its_header_without_unpacking() -> None:
    side_px = 12_000
    bomb = _png(side_px, side_px, bytes(side_px * (1 + 3 * side_px) // 16))
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        assert _reason(bomb) is RefusalReason.TOO_MANY_PIXELS
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 100_000


def test_position_camera_thumbnail_and_comment_stay_behind() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825)[29] = "2026:11:25"  # GPS date
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    data = file.getvalue() + b"SECRETTAIL"
    assert b"SECRETMAKER" in data
    page = take_in(data)
    assert isinstance(page, PageImage)
    assert b"SECRET" not in page.jpeg
    assert b"Exif" not in page.jpeg
    assert take_in(data) == take_in(as_file(PICTURE, "JPEG"))


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, (0.2, 0.5)),
        (2, (0.2, 0.5)),
        (3, (0.8, 0.5)),
        (4, (0.8, 0.5)),
        (5, (0.5, 0.2)),
        (6, (0.5, 0.8)),
        (7, (0.5, 0.8)),
        (8, (0.5, 0.2)),
        (99, (0.2, 0.5)),
    ],
)
def test_picture_is_turned_as_its_camera_was_held(
    orientation: int, red_at: tuple[float, float]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = _get_page(as_file(PICTURE, "JPEG", quality=90, exif=exif))
    height, width = pixels.shape[:2]
    assert _is_red(pixels[int(red_at[0] * height), int(red_at[1] * width)])
    assert not _is_red(pixels[int((1 - red_at[0]) * height), int((1 - red_at[1]) * width)])


def test_transparent_places_become_paper() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:20] = (200, 20, 20, 255)
    page = _get_page(as_file(pixels, "PNG"))
    assert _is_red(page[8, 20])
    assert page[32, 20].min() > 245


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "LA"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    file = io.BytesIO()
    if mode == "I;16":
        Image.fromarray(np.full((30, 30), 0xC800, np.uint16)).save(file, "PNG")
    else:
        Image.new("RGBA", (30, 30), (200, 200, 200, 255)).convert(mode).save(file, "PNG")
    level = int(_get_page(file.getvalue())[15, 15, 0])
    assert level > 180


def test_large_photo_is_fitted_to_a_page() -> None:
    large = np.full((4000, 3000, 3), 180, np.uint8)
    page = take_in(as_file(large, "JPEG", quality=40))
    assert isinstance(page, PageImage)
    assert (page.width_px, page.height_px) == (1754, 2339)


@given(st.binary(max_size=400))
def test_random_bytes_are_always_refused(data: bytes) -> None:
    assert isinstance(take_in(data), Refusal)


@settings(max_examples=300)
@given(
    original=st.sampled_from([JPEG, PNG]),
    cut=st.integers(0, 4000),
    changes=st.lists(st.tuples(st.integers(0, 3999), st.integers(0, 255)), max_size=12),
)
def test_damaged_pictures_never_crash(
    original: bytes, cut: int, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(original[: max(1, len(original) - cut % len(original))])
    for place, value in changes:
        data[place % len(data)] = value
    assert isinstance(take_in(bytes(data)), PageImage | Refusal)


@given(st.binary(max_size=64))
def test_jpeg_header_reader_is_total(body: bytes) -> None:
    header = find_jpeg_header(b"\xff\xd8\xff" + body)
    assert header is None or header.width_px > 0


@given(st.integers(16, 65_535), st.integers(16, 65_535))
def test_size_limit_is_judged_by_the_header(width_px: int, height_px: int) -> None:
    outcome = read_header(_png(width_px, height_px))
    if width_px * height_px <= 40_000_000:
        assert outcome == ImageHeader(ImageFormat.PNG, width_px, height_px)
    else:
        assert outcome == Refusal(RefusalReason.TOO_MANY_PIXELS)


def test_guarded_gives_the_same_page_from_a_process_of_its_own() -> None:
    assert guarded.take_in(JPEG) == take_in(JPEG)


def test_guarded_ends_a_decoder_that_takes_too_long() -> None:
    # a progressive JPEG whose last scan comes four thousand times: small, and minutes to decode
    file = io.BytesIO()
    Image.new("RGB", (5000, 5000), (128, 128, 128)).save(file, "JPEG", progressive=True)
    slow = file.getvalue()
    last_scan = slow[slow.rindex(b"\xff\xda") : -2]
    slow = slow[:-2] + last_scan * 4000 + slow[-2:]
    assert len(slow) < 1_000_000
    assert guarded.take_in(slow, timeout_ms=2000) == Refusal(RefusalReason.TOO_DEMANDING)
