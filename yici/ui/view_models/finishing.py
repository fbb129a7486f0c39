"""Review, signature, slip and goodbye as plain values for QML."""

from yici.contract.people import mask_id_number
from yici.drivers.device import DeviceKind
from yici.kiosk.session.view import (
    DeviceNotice,
    EndView,
    ReviewSection,
    ReviewView,
    SubmittedView,
)
from yici.ui.view_models.finding import device_sentence
from yici.ui.view_models.words import Plain, Words

_LEAST_LENGTH_TO_COVER = 15  # identity, bank and organisation numbers; never a name or a choice


def _row(label: str, value: str, *, sensitive: bool, words: Words) -> Plain:
    is_number = sensitive and len(value) >= _LEAST_LENGTH_TO_COVER and value[:-1].isdigit()
    return {
        "label": label,
        "value": (mask_id_number(value) if is_number else value) or words("review.empty"),
        "secret": value if is_number else "",
    }


MATERIALS_KEY = "materials"  # the section whose values are states, not words


def _section(section: ReviewSection, words: Words) -> Plain:
    title = section.title or words.either(f"review.section_{section.key}", "review.section")
    rows = [
        _row(
            row.label,
            words(f"review.state_{row.value}") if section.key == MATERIALS_KEY else row.value,
            sensitive=row.sensitive,
            words=words,
        )
        for row in section.rows
    ]
    return {"key": section.key, "title": title, "rows": rows}


def review(view: ReviewView, words: Words) -> Plain:
    """Everything on one page, before it is signed."""
    return {
        "sections": [_section(section, words) for section in view.sections],
        "signature_needed": view.signature_needed,
        "problem": _fault(view.fault, words),
    }


def _fault(code: str, words: Words) -> str:
    return words(f"refusal.{code}") if code else ""


def sign(view: ReviewView, words: Words) -> Plain:
    """The declaration and the box to sign in."""
    return {
        "declaration": [words("sign.declaration_true"), words("sign.declaration_use")],
        "problem": _fault(view.fault, words),
    }


_SLIP = {
    "printing": "printing",
    "printed": "printed",
    "ask": "unknown",
    "failed": "failed",
    "no_printer": "failed",
}


def submitted(view: SubmittedView, words: Words) -> Plain:
    """How it stands, and where the slip is."""
    notice = DeviceNotice(DeviceKind.RECEIPT_PRINTER.value, view.printer_state)
    slip = _SLIP[view.print_phase]
    return {
        "state": "delivered" if view.delivered else "stored",
        "item_name": view.item_name,
        "case_number": view.case_number,
        "slip_code": view.slip_code,
        "slip": slip,
        "slip_problem": device_sentence(notice, words) if slip == "failed" else "",
        "card_reminder": words("submitted.card_still_there") if view.card_still_there else "",
        "can_print_again": view.print_phase in ("printed", "failed"),
        "next": [
            words("submitted.next_delivered" if view.delivered else "submitted.next_stored"),
            words("submitted.next_contact"),
        ],
    }


def ended(view: EndView, words: Words) -> Plain:
    """Goodbye."""
    return {
        "message": words(f"ended.{view.kind}"),
        "take": words("ended.take_card") if view.card_may_lie_there else words("ended.take_papers"),
    }
