"""A receipt as a list of things below each other, in millimetres, and the picture of it.

render([Text("回执", size_mm=6, align=Align.CENTRE), Rule(), QrCode("…", side_mm=26)], 576)
"""

from collections.abc import Sequence

import qrcode
import qrcode.constants
from PIL import Image, ImageDraw

from yici.drivers.receipt_printer import Receipt, Strip
from yici.kiosk.receipts.elements import (
    Element,
    Fit,
    Framed,
    Gap,
    KeyValue,
    QrCode,
    Rule,
    Stroke,
    Text,
    Tone,
)
from yici.kiosk.receipts.text_lines import text_lines
from yici.kiosk.receipts.typesetting import (
    Align,
    Style,
    draw_line,
    line_height_px,
    measure_px,
    wrap,
    wrap_evenly,
)

PX_PER_MM = 8  # 203 dpi, the resolution of receipt printers
_WHITE, _BLACK = 255, 0
# Strokes thinner than a dot come out grey; a cut above half keeps them black.
_INK_LIMIT = 150


def render(elements: Sequence[Element], width_px: int, *, margin_mm: float = 3.0) -> Image.Image:
    """The receipt as an image of mode "1", `width_px` wide.

    Raises ValueError for a QR code that doesn't fit, FontMissingError without the typeface.
    """
    return make_receipt(elements, width_px, margin_mm=margin_mm).picture


def make_receipt(elements: Sequence[Element], width_px: int, *, margin_mm: float = 3.0) -> Receipt:
    """The receipt, an element a strip: as a picture, and in words where words are all of it.

    Raises ValueError for a QR code that doesn't fit, FontMissingError without the typeface.
    """
    margin_px = to_px(margin_mm)
    drawn = ((element, _draw(element, width_px - 2 * margin_px)) for element in elements)
    strips = tuple(
        Strip(_on_paper(picture, width_px, margin_px), text_lines(element, width_px))
        for element, picture in drawn
        if picture.height
    )
    return Receipt(strips or (Strip(Image.new("1", (width_px, 1), 1)),))


def _on_paper(picture: Image.Image, width_px: int, margin_px: int) -> Image.Image:
    paper = Image.new("L", (width_px, picture.height), _WHITE)
    paper.paste(picture, (margin_px, 0))
    ink = paper.point(lambda level: _WHITE if level >= _INK_LIMIT else _BLACK)
    return ink.convert("1", dither=Image.Dither.NONE)


def to_px(length_mm: float) -> int:
    """Millimetres on paper in dots."""
    return round(length_mm * PX_PER_MM)


def _stack(elements: Sequence[Element], width_px: int) -> Image.Image:
    pictures = [_draw(element, width_px) for element in elements]
    column = Image.new("L", (width_px, max(1, sum(p.height for p in pictures))), _WHITE)
    top = 0
    for picture in pictures:
        column.paste(picture, (0, top))
        top += picture.height
    return column


def _draw(element: Element, width_px: int) -> Image.Image:
    match element:
        case Text():
            return _draw_text(element, width_px)
        case Rule(stroke):
            return _draw_rule(stroke, width_px)
        case Gap(height_mm):
            return Image.new("L", (width_px, to_px(height_mm)), _WHITE)
        case KeyValue():
            return _draw_key_value(element, width_px)
        case QrCode():
            return _draw_qr(element, width_px)
        case Framed(content, tone):
            return _draw_frame(content, tone, width_px)


def _draw_text(text: Text, width_px: int) -> Image.Image:
    style = Style(text.weight, to_px(text.size_mm))
    if text.fit is Fit.SHRINK:
        natural_px = max(1, measure_px(text.content, style))
        style = Style(text.weight, min(style.size_px, style.size_px * width_px // natural_px))
        lines = [text.content]
    else:
        break_lines = wrap_evenly if text.align is Align.CENTRE else wrap
        lines = break_lines(text.content, style, width_px)
    step_px = line_height_px(style.size_px)
    picture = Image.new("L", (width_px, step_px * len(lines)), _WHITE)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw_line(pen, line, (number * step_px, width_px), style, text.align)
    return picture


def _draw_rule(stroke: Stroke, width_px: int) -> Image.Image:
    picture = Image.new("L", (width_px, to_px(2.5)), _WHITE)
    pen = ImageDraw.Draw(picture)
    y = picture.height // 2
    dash_px, gap_px = (width_px, 0) if stroke is Stroke.SOLID else (6, 6)
    for left in range(0, width_px, dash_px + gap_px):
        pen.rectangle((left, y, left + dash_px - 1, y + 1), fill=_BLACK)
    return picture


def _draw_key_value(row: KeyValue, width_px: int) -> Image.Image:
    key_px = to_px(row.key_width_mm)
    key = _draw_text(Text(row.key, row.size_mm), key_px)
    value = _draw_text(Text(row.value, row.size_mm, row.weight), width_px - key_px)
    picture = Image.new("L", (width_px, max(key.height, value.height)), _WHITE)
    picture.paste(key, (0, 0))
    picture.paste(value, (key_px, 0))
    return picture


def _draw_qr(code: QrCode, width_px: int) -> Image.Image:
    symbol = qrcode.QRCode(box_size=1, border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    symbol.add_data(code.content)
    symbol.make(fit=True)
    matrix = symbol.get_matrix()
    # whole pairs of dots, at a whole pair: a slow line can then send it in half the size
    module_px = min(to_px(code.side_mm), width_px) // len(matrix) // 2 * 2
    if module_px < 2:
        raise ValueError(
            f"{len(code.content)} characters don't fit into a QR code of {code.side_mm} mm"
        )
    modules = bytes(_BLACK if dark else _WHITE for row in matrix for dark in row)
    square = Image.frombytes("L", (len(matrix), len(matrix)), modules)
    side_px = len(matrix) * module_px
    square = square.resize((side_px, side_px), Image.Resampling.NEAREST)
    left = {
        Align.LEFT: 0,
        Align.CENTRE: (width_px - side_px) // 4 * 2,
        Align.RIGHT: (width_px - side_px) // 2 * 2,
    }
    picture = Image.new("L", (width_px, side_px), _WHITE)
    picture.paste(square, (left[code.align], 0))
    return picture


def _draw_frame(content: Sequence[Element], tone: Tone, width_px: int) -> Image.Image:
    padding_px, border_px = to_px(1.5), 3
    inside = _stack(content, width_px - 2 * (padding_px + border_px))
    filled = tone is Tone.FILLED
    if filled:
        inside = inside.point(lambda level: 255 - level)
    picture = Image.new("L", (width_px, inside.height + 2 * (padding_px + border_px)), _WHITE)
    ImageDraw.Draw(picture).rounded_rectangle(
        (0, 0, width_px - 1, picture.height - 1),
        radius=to_px(1.5),
        outline=_BLACK,
        width=border_px,
        fill=_BLACK if filled else _WHITE,
    )
    picture.paste(inside, (padding_px + border_px, padding_px + border_px))
    return picture
