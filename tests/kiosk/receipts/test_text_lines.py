"""A slip in the printer's own letters says what its picture says, on both widths of paper."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.kiosk.receipts.test_slip import DELIVERED, STORED, words_on
from yici.drivers.receipt_printer import LineAlign, TextLine
from yici.kiosk.receipts.elements import Fit, Framed, Gap, KeyValue, QrCode, Rule, Text, Tone
from yici.kiosk.receipts.fonts import Weight
from yici.kiosk.receipts.slip import lay_out_slip, make_slip, render_slip
from yici.kiosk.receipts.text_lines import count_columns, text_lines
from yici.kiosk.receipts.typesetting import Align
from yici.kiosk.receipts.words import SlipLanguage

WIDTHS_PX = [384, 576]


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width_px", WIDTHS_PX)
@pytest.mark.parametrize("language", SlipLanguage)
@pytest.mark.parametrize("facts", [STORED, DELIVERED, replace(STORED, copy_number=2)])
def test_slip_in_words_says_what_the_picture_says(
    facts: object, language: SlipLanguage, width_px: int
) -> None:
    slip = replace(facts, language=language)  # type: ignore[type-var]  # SlipContent, via parametrize
    receipt = make_slip(slip, width_px)
    said = letters("".join(line.content for strip in receipt.strips for line in strip.lines))
    for sign in "─┄━":
        said = said.replace(sign, "")
    in_words = {letters(part) for part in words_on(lay_out_slip(slip)).split("\n")}
    key_by_key = said  # a value that wraps stands between the lines of its key
    assert all(part in key_by_key for part in in_words)
    assert receipt.picture.tobytes() == render_slip(slip, width_px).tobytes()
    assert {strip.picture.width for strip in receipt.strips} == {width_px}


def test_only_codes_and_gaps_have_no_words() -> None:
    for element in (QrCode("x", 20), Gap(2), Framed((Text("a"), QrCode("x", 20)))):
        assert text_lines(element, 384) == ()
    for element in (Rule(), Text("a"), KeyValue("a", "b"), Framed((Gap(1), Text("a")))):
        assert text_lines(element, 384)


def test_headings_are_large_and_shrink_where_they_must() -> None:
    title = Text("提交回执", 7.0, Weight.BOLD, Align.CENTRE, Fit.SHRINK)
    assert text_lines(title, 384) == (TextLine("提交回执", 2, LineAlign.CENTRE, is_bold=True),)
    state = replace(title, content="已存好·尚未送达")
    assert [line.scale for line in text_lines(state, 576)] == [2]
    assert [line.scale for line in text_lines(state, 384)] == [1]


@pytest.mark.parametrize("width_px", WIDTHS_PX)
@given(
    text=st.text(alphabet="办件编号，。（）《》 abcXYZ0189-·:䶮𬭎\n", max_size=60),
    size_mm=st.sampled_from([3.5, 4.0, 7.0]),
    align=st.sampled_from(Align),
    fit=st.sampled_from(Fit),
)
def test_every_line_fits_the_paper_and_no_letter_is_lost(
    width_px: int, text: str, size_mm: float, align: Align, fit: Fit
) -> None:
    elements = [
        Text(text, size_mm, align=align, fit=fit),
        KeyValue("申请人", text),
        Framed((Text(text, size_mm),), Tone.FILLED),
    ]
    for element in elements:
        lines = text_lines(element, width_px)
        assert all(count_columns(line.content) * line.scale * 12 <= width_px for line in lines)
        said = letters("".join(line.content for line in lines))
        assert letters(text) in said.replace("━", "").replace("申请人", "", 1)


def test_a_receipt_of_nothing_is_a_blank_line_of_paper() -> None:
    picture = make_slip(STORED, 384).strips[0].picture
    assert isinstance(picture, Image.Image)
    assert all(strip.picture.height > 0 for strip in make_slip(STORED, 384).strips)
