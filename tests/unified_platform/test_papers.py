"""Papers are shown as the JPEG that they hold, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papers_bench import ink, jpeg, pdf, pdf_with_script, png_bomb

from yici.unified_platform.console.papers import PaperShelf, pictures_of
from yici.unified_platform.console.picture_size import JPEG, PDF, PNG, UNKNOWN, find_pixels, kind_of


def test_pages_come_out_as_the_very_jpeg_that_went_in() -> None:
    assert pictures_of(pdf(2)) == [jpeg(200), jpeg(201)]


def test_page_without_a_single_picture_is_not_shown() -> None:
    assert pictures_of(pdf_with_script()) == [b""]


@pytest.mark.parametrize("data", [b"%PDF-1.7 broken", b"<html>", b"", png_bomb()])
def test_hostile_papers_have_no_picture(data: bytes) -> None:
    assert not any(pictures_of(data))


def test_kinds_are_told_by_magic_bytes() -> None:
    kinds = [kind_of(data) for data in (jpeg(), ink(), pdf(1), b"<svg onload=alert(1)>")]
    assert kinds == [JPEG, PNG, PDF, UNKNOWN]
    assert find_pixels(jpeg()) == 400 * 560
    assert find_pixels(ink()) == 300 * 120


@settings(max_examples=300)
@given(st.binary(max_size=80), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_header_is_read_without_a_fault(rest: bytes, start: bytes) -> None:
    find_pixels(start + rest)


def test_shelf_forgets_and_counts_pages_from_one() -> None:
    shelf, data = PaperShelf(), jpeg()
    assert shelf.find_page(("T", "d"), data, 1) == data
    assert shelf.find_page(("T", "d"), data, 0) is None
    assert shelf.find_page(("T", "d"), data, 2) is None
