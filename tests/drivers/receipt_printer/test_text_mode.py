"""Receipts in the printer's own letters: what is sent, what falls back, what comes out."""

import io
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.drivers.receipt_printer.conftest import PAIRS, PATIENT, WIDTH_PX
from tests.drivers.receipt_printer.test_escpos_codec import commands_of
from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer import (
    LineAlign,
    PrintEffect,
    PrintMode,
    Receipt,
    Strip,
    TextLine,
)
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.stream import Letter
from yici.drivers.receipt_printer.escpos.text import (
    can_print,
    encode_lines,
    find_gb2312,
    width_dots,
)
from yici.drivers.receipt_printer.escpos.twin import TwinCondition

CONTENT = "7K3MQX2P9D"
ANY_CHARACTER = st.characters() | st.sampled_from("办件·—￥①℃ⅰ〇䶮𬭎€é\x10\n")


def a_picture(height_px: int = 60) -> Image.Image:
    image = Image.new("1", (WIDTH_PX, height_px), 1)
    ImageDraw.Draw(image).line((0, 0, WIDTH_PX, height_px), fill=0, width=3)
    return image


def a_code() -> Image.Image:
    code = qrcode.make(CONTENT, box_size=5).get_image().convert("1")
    image = Image.new("1", (WIDTH_PX, code.height), 1)
    image.paste(code, (20, 0))
    return image


RECEIPT = Receipt(
    (
        Strip(a_picture(50), (TextLine("提交回执", 2, LineAlign.CENTRE, is_bold=True),)),
        Strip(a_picture(51), (TextLine("  申请人  王*"), TextLine("  时间    2026-11-25"))),
        Strip(a_picture(52), (TextLine("  事项    𬭎业登记"),)),
        Strip(a_code()),
        Strip(a_picture(53), (TextLine("咨询电话 12345", align=LineAlign.RIGHT),)),
    )
)
SAID = "提交回执\n  申请人  王*\n  时间    2026-11-25\n咨询电话 12345\n"


def test_bytes_of_a_line() -> None:
    assert encode_lines([TextLine("办件A1")]) == bytes.fromhex("1c26 b0ec bcfe 4131 0a 1c2e")
    large = TextLine("办", 2, LineAlign.CENTRE, is_bold=True)
    assert encode_lines([large, large]) == bytes.fromhex(
        "1c26 1b6101 1d2111 1b4501 b0ec0a b0ec0a 1b6100 1d2100 1b4500 1c2e"
    )


@pytest.mark.parametrize("text", ["·", "—", "…", "￥", "①", "℃", "、。", "（）", "一", "齄", "A~ "])
def test_what_gb2312_has_is_sent(text: str) -> None:
    assert find_gb2312(text) == text.encode("gb18030")


@pytest.mark.parametrize(
    "text", ["䶮", "𬭎", "〇", "㎡", "ⅰ", "ñ", "€", "\n", "\x1b@", "\x7f", "喆"]
)
def test_what_gb2312_lacks_is_not(text: str) -> None:
    assert find_gb2312("王" + text) is None


@given(st.text(ANY_CHARACTER))
def test_any_text_is_letters_only_or_refused(text: str) -> None:
    code = find_gb2312(text)
    if code is not None:
        assert code.decode("gb18030") == text
        letters = commands_of([b"\x1c&" + code])[1:]
        assert all(isinstance(letter, Letter) for letter in letters)  # nothing that commands
        assert b"".join(letter.code for letter in letters if isinstance(letter, Letter)) == code


@given(st.text(ANY_CHARACTER, max_size=40), st.integers(-1, 9), st.sampled_from(LineAlign))
def test_any_line_is_printable_or_refused(text: str, scale: int, align: LineAlign) -> None:
    line = TextLine(text, scale, align)
    if can_print(line, WIDTH_PX):
        assert encode_lines([line]).endswith(b"\x1c.")
        assert width_dots(line) <= WIDTH_PX


@pytest.mark.parametrize("line", PAIRS)
def test_words_where_it_has_the_letters_and_a_picture_elsewhere(line: str, tmp_path: Path) -> None:
    make_twin, _ = PAIRS[line]
    with make_twin(tmp_path) as twin:
        printer = connect(twin.address, width_px=WIDTH_PX, mode=PrintMode.TEXT, timing=PATIENT)
        outcome = printer.print_receipt(RECEIPT)
        sent_bytes = printer.diagnostics()["last_job_bytes"]
        printer.close()
        assert outcome.effect is PrintEffect.PRINTED
        (slip,) = twin.slips
    assert slip.text == SAID
    paper = Image.open(io.BytesIO(slip.path.read_bytes()))
    (found,) = zxingcpp.read_barcodes(paper.convert("L"))
    assert found.text == CONTENT
    # 48 rows of heading, two lines of 34, and then the line with the rare character as a picture
    rare = paper.crop((0, 48 + 2 * 34, WIDTH_PX, 48 + 2 * 34 + 52))
    assert rare.tobytes() == a_picture(52).tobytes()
    assert isinstance(sent_bytes, int)
    assert sent_bytes < RECEIPT.picture.height * WIDTH_PX / 8


def test_raster_mode_prints_the_pictures(tmp_path: Path) -> None:
    make_twin, make_printer = PAIRS["tcp"]
    with make_twin(tmp_path) as twin:
        printer = make_printer(twin.address, PATIENT)
        assert printer.print_receipt(RECEIPT).effect is PrintEffect.PRINTED
        printer.close()
        (slip,) = twin.slips
    assert slip.text == ""
    paper = Image.open(io.BytesIO(slip.path.read_bytes()))
    whole = RECEIPT.picture
    assert paper.crop((0, 0, *whole.size)).tobytes() == whole.tobytes()


def test_a_line_too_wide_for_the_paper_goes_as_a_picture(tmp_path: Path) -> None:
    wide = Receipt((Strip(a_picture(), (TextLine("办" * 17),)),))
    make_twin, _ = PAIRS["tcp"]
    with make_twin(tmp_path) as twin:
        printer = connect(twin.address, width_px=WIDTH_PX, mode=PrintMode.TEXT, timing=PATIENT)
        assert printer.print_receipt(wide).effect is PrintEffect.PRINTED
        assert printer.print_image(a_picture()).effect is PrintEffect.PRINTED
        printer.close()
        assert [slip.text for slip in twin.slips] == ["", ""]


def test_paper_out_in_the_middle_of_the_words_is_never_called_printed(tmp_path: Path) -> None:
    make_twin, _ = PAIRS["serial"]
    with make_twin(tmp_path) as twin:
        printer = connect(twin.address, width_px=WIDTH_PX, mode=PrintMode.TEXT, timing=PATIENT)
        twin.set_condition(TwinCondition.PAPER_OUT, after_rows=60)
        outcome = printer.print_receipt(RECEIPT)
        assert (outcome.effect, outcome.after.state) == (PrintEffect.UNKNOWN, DeviceState.PAPER_OUT)
        twin.act("put_in_roll")
        assert printer.print_receipt(RECEIPT).effect is PrintEffect.PRINTED
        printer.close()
        assert twin.slips[-1].text.endswith(SAID)


@pytest.mark.parametrize(
    "receipt", [Receipt(()), Receipt((Strip(Image.new("1", (WIDTH_PX + 8, 9))),))]
)
def test_a_receipt_that_is_none_is_refused(receipt: Receipt) -> None:
    with pytest.raises(ValueError, match="a receipt is"):
        connect("tcp://192.0.2.7:9100", width_px=WIDTH_PX).print_receipt(receipt)


def test_an_unknown_mode_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="raster or text"):
        connect("tcp://192.0.2.7:9100", mode="postscript")
