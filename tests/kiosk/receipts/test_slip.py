"""The slip: what is on it, what must never be, and that it can be read from paper."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from yici.kiosk.receipts import fonts
from yici.kiosk.receipts.elements import Element, Fit, Framed, KeyValue, QrCode, Text
from yici.kiosk.receipts.fonts import FontMissingError, Weight, find_font_for, get_font
from yici.kiosk.receipts.layout import render, to_px
from yici.kiosk.receipts.slip import SlipContent, lay_out_slip, render_slip
from yici.kiosk.receipts.typesetting import Style, measure_px, wrap, wrap_evenly
from yici.kiosk.receipts.words import SlipLanguage

STORED = SlipContent(
    hall_name="浏阳市大围山镇政务(便民)服务中心",
    item_name="城乡居民基本医疗保险参保登记",
    applicant_name="张示例",
    submitted_at=datetime(2026, 11, 25, 14, 5, tzinfo=timezone(timedelta(hours=8))),
    slip_code="7K3M-QX2P-9D",
    qr_content="https://hall.example/s/7K3MQX2P9D",
)
DELIVERED = replace(STORED, case_number="430181-2026-1125-000123")
BODY = Style(Weight.REGULAR, 32)


def words_on(elements: tuple[Element, ...]) -> str:
    words = []
    for element in elements:
        match element:
            case Text(content):
                words.append(content)
            case KeyValue(key, value):
                words.append(f"{key} {value}")
            case Framed(content):
                words.append(words_on(content))
            case _:
                pass
    return "\n".join(words)


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("language", SlipLanguage)
@pytest.mark.parametrize("width_px", [384, 576])
@pytest.mark.parametrize("facts", [STORED, DELIVERED], ids=["stored", "delivered"])
def test_slip_is_a_picture_for_the_printer(
    facts: SlipContent, width_px: int, language: SlipLanguage
) -> None:
    image = render_slip(replace(facts, language=language), width_px)
    assert (image.mode, image.width) == ("1", width_px)
    left, _, right, _ = ink_box(image)
    assert left >= to_px(3) - 1  # nothing in the margins, so nothing is cut off
    assert right <= width_px - to_px(3) + 1
    assert image.height < 8 * 220  # a slip, not a scroll


def test_code_on_the_slip_reads_back() -> None:
    for width_px in (384, 576):
        image = render_slip(STORED, width_px).convert("L")
        assert [code.text for code in zxingcpp.read_barcodes(image)] == [STORED.qr_content]


def test_no_whole_name_and_no_case_number_before_delivery() -> None:
    words = words_on(lay_out_slip(STORED))
    assert "张*例" in words
    assert "示" not in words.replace("提示", "")
    assert "已存好·尚未送达" in words
    assert "办件编号 " not in words
    assert "已送达" not in words


def test_delivered_slip_names_the_case() -> None:
    words = words_on(lay_out_slip(DELIVERED))
    assert "已送达\n办件编号 430181-2026-1125-000123" in words
    assert "尚未" not in words


def test_reprint_is_marked_and_the_first_is_not() -> None:
    assert "副本" not in words_on(lay_out_slip(STORED))
    assert "副本 · 第 2 份" in words_on(lay_out_slip(replace(STORED, copy_number=2)))
    copy = replace(STORED, copy_number=3, language=SlipLanguage.ENGLISH)
    assert "COPY · No. 3" in words_on(lay_out_slip(copy))


def test_slip_of_practice_says_so_above_everything() -> None:
    marked = lay_out_slip(replace(STORED, mark="练习"))
    assert words_on(marked[:1]) == "练习"
    assert "练习" not in words_on(lay_out_slip(STORED))


def test_an_items_own_next_steps_replace_the_usual_ones() -> None:
    words = words_on(lay_out_slip(replace(STORED, next_steps=("请带原件到2号窗口核对。",))))
    assert "1. 请带原件到2号窗口核对。" in words
    assert "2. " not in words


def test_rare_characters_are_drawn_by_a_font_that_has_them() -> None:
    for character in "䶮𬭎𠮷㐂":
        font = find_font_for(character, Weight.BOLD, 40)
        assert font is not None
        assert fonts.has_glyph(font, character)


def test_a_character_that_no_font_has_shows_its_code_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_ask_fontconfig", lambda _pattern: [])
    find_font_for.cache_clear()
    unknown = [render([Text(character)], 576) for character in "\U00020000\U00020001"]
    find_font_for.cache_clear()
    assert unknown[0].tobytes() != unknown[1].tobytes()  # not the same empty box for both
    assert measure_px("\U00020000", BODY) == 32


def test_without_the_typeface_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_DIRECTORIES", ())
    monkeypatch.setattr(fonts, "_ask_fontconfig", lambda _pattern: [])
    for cache in (get_font, fonts._find_face):
        cache.cache_clear()
    try:
        with pytest.raises(FontMissingError, match="install the package fonts-noto-cjk"):
            render_slip(STORED, 576)
    finally:
        for cache in (get_font, fonts._find_face):
            cache.cache_clear()


def test_qr_content_that_can_not_be_printed_is_refused() -> None:
    with pytest.raises(ValueError, match="don't fit into a QR code of 20"):
        render([QrCode("x" * 1500, side_mm=20)], 576)


def test_long_code_shrinks_to_one_line() -> None:
    long, short = (render([Text(code, 9, fit=Fit.SHRINK)], 384) for code in ("7K3M-" * 6, "7K3M"))
    assert long.height < short.height
    assert ink_box(long)[2] <= 384 - to_px(3) + 1


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一二三四五六七八九十甲", ["一二三四五六七八", "九十甲"]),
        ("一二三四五六七八九十", ["一二三四五六", "七八九十"]),  # no two characters alone
        ("一二三四五六七八，九十甲乙", ["一二三四五六七", "八，九十甲乙"]),  # no comma first
        ("一二三四五六七（九十甲）", ["一二三四五六七", "（九十甲）"]),  # no bracket last
        ("一二三四五六 Liuyang", ["一二三四五六", "Liuyang"]),
        ("上\n下", ["上", "下"]),
        ("二〇二六年11月25日", ["二〇二六年11月", "25日"]),  # a number keeps its unit
        ("430181-2026-1125-000123", ["430181-2026-", "1125-000123"]),  # a long one its groups
    ],
)
def test_lines_break_where_chinese_typesetting_allows(text: str, lines: list[str]) -> None:
    assert wrap(text, BODY, 8 * 32) == lines


@settings(deadline=None, max_examples=60)
@given(
    st.text(alphabet="办件编号，。（）《》 abcXYZ0189-·:䶮𬭎\n", max_size=60),
    st.integers(64, 560),
)
def test_every_line_fits_and_no_character_is_lost(text: str, width_px: int) -> None:
    for break_lines in (wrap, wrap_evenly):
        lines = break_lines(text, BODY, width_px)
        assert all(measure_px(line, BODY) <= width_px for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_centred_number_that_fits_a_line_is_not_broken_for_evenness() -> None:
    assert wrap_evenly("办件编号 430181-2026", BODY, 8 * 32) == ["办件编号", "430181-2026"]


def test_words_are_complete_in_every_language() -> None:
    def shape(language: SlipLanguage) -> str:
        layout = lay_out_slip(replace(DELIVERED, language=language))
        return json.dumps([type(element).__name__ for element in layout])

    assert len({shape(language) for language in SlipLanguage}) == 1
