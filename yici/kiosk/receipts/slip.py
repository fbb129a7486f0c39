"""The submission slip: what a resident takes home, and what it never says.

It claims no more than is known (a case number only after delivery), and carries neither an ID
number nor a whole name: slips are left lying about.
"""

from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from yici.contract.people import mask_name
from yici.drivers.receipt_printer import Receipt
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
from yici.kiosk.receipts.fonts import Weight
from yici.kiosk.receipts.layout import make_receipt
from yici.kiosk.receipts.typesetting import Align
from yici.kiosk.receipts.words import WORDS, SlipLanguage, SlipWords


@dataclass(frozen=True, slots=True)
class SlipContent:
    """The facts of one slip.

    `applicant_name` may be the whole name: only its masked form is drawn. `submitted_at` is shown
    as it is, so it has to be in the hall's zone. `slip_code` is shown as given, in its groups.
    `case_number` is None until the platform has acknowledged. `copy_number` above 1 makes it a
    copy 副本. A `mark` such as 练习 stands above everything. `next_steps` replaces the usual
    sentences where an item has its own.
    """

    hall_name: str
    item_name: str
    applicant_name: str
    submitted_at: datetime
    slip_code: str
    qr_content: str
    case_number: str | None = None
    copy_number: int = 1
    mark: str = ""
    hotline: str = "12345"
    next_steps: tuple[str, ...] = ()
    language: SlipLanguage = SlipLanguage.CHINESE


def make_slip(slip: SlipContent, width_px: int) -> Receipt:
    """The slip as a picture of mode "1", and in words where a printer has the letters.

    Raises ValueError for QR content that is too long, FontMissingError without the typeface.
    """
    return make_receipt(lay_out_slip(slip), width_px)


def render_slip(slip: SlipContent, width_px: int) -> Image.Image:
    """The picture alone; raises as `make_slip`."""
    return make_slip(slip, width_px).picture


def lay_out_slip(slip: SlipContent) -> tuple[Element, ...]:
    """The slip from top to bottom."""
    words = WORDS[slip.language]
    return (
        *_head(slip, words),
        Rule(),
        *_facts(slip, words),
        Rule(Stroke.DASHED),
        Text(words.slip_code, 3.5, align=Align.CENTRE),
        Text(slip.slip_code, 9.0, Weight.BOLD, Align.CENTRE, Fit.SHRINK),
        Gap(1.0),
        _state(slip, words),
        Gap(2.0),
        Text(words.next, 4.0, Weight.BOLD),
        Gap(0.5),
        *_next_steps(slip, words),
        Gap(0.5),
        QrCode(slip.qr_content, side_mm=36.0),
        Text(words.scan, 3.5, align=Align.CENTRE),
        Rule(),
        Text(words.hotline.format(hotline=slip.hotline), 4.0, Weight.BOLD, Align.CENTRE),
    )


def _head(slip: SlipContent, words: SlipWords) -> tuple[Element, ...]:
    head: tuple[Element, ...] = (
        *_mark(slip.mark),
        Text(slip.hall_name, 4.0, align=Align.CENTRE),
        Gap(0.5),
        Text(words.title, 7.0, Weight.BOLD, Align.CENTRE, Fit.SHRINK),
    )
    if slip.copy_number > 1:
        mark = Text(
            words.copy.format(number=slip.copy_number), 5.0, Weight.BOLD, Align.CENTRE, Fit.SHRINK
        )
        return (Framed((mark,), Tone.FILLED), Gap(2.0), *head)
    return head


def _mark(mark: str) -> tuple[Element, ...]:
    if not mark:
        return ()
    text = Text(mark, 6.0, Weight.BOLD, Align.CENTRE, Fit.SHRINK)
    return (Framed((text,), Tone.FILLED), Gap(2.0))


def _facts(slip: SlipContent, words: SlipWords) -> tuple[Element, ...]:
    rows = (
        (words.item, slip.item_name, Weight.BOLD),
        (words.applicant, mask_name(slip.applicant_name), Weight.REGULAR),
        (words.time, slip.submitted_at.strftime(words.time_format), Weight.REGULAR),
    )
    return tuple(
        KeyValue(key, value, words.key_width_mm, weight=weight) for key, value, weight in rows
    )


def _state(slip: SlipContent, words: SlipWords) -> Element:
    if slip.case_number is None:
        state, detail = words.stored, words.stored_detail
    else:
        state, detail = (
            words.delivered,
            words.delivered_detail.format(case_number=slip.case_number),
        )
    return Framed(
        (
            Text(state, 5.5, Weight.BOLD, Align.CENTRE, Fit.SHRINK),
            Text(detail, 3.8, align=Align.CENTRE),
        )
    )


def _next_steps(slip: SlipContent, words: SlipWords) -> tuple[Element, ...]:
    usual = words.next_when_stored if slip.case_number is None else words.next_when_delivered
    steps = slip.next_steps or usual
    return tuple(
        KeyValue(f"{number}.", step, key_width_mm=5.0, size_mm=3.6)
        for number, step in enumerate(steps, start=1)
    )
