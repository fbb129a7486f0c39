"""The one map that QML's Main reads, made of a session's view."""

from dataclasses import dataclass, field
from typing import TypeVar

from yici.kiosk.assembly import OutOfService
from yici.kiosk.session.table import State
from yici.kiosk.session.view import SessionView
from yici.ui.strings import Language
from yici.ui.view_models import filling, finding, finishing
from yici.ui.view_models.words import Plain, Words

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What the screens know besides the session: the clock, the ways between."""

    clock: str = ""
    signing: bool = False  # review is read, the box to sign in is open
    staff_sheet: bool = False
    page_outline: list[list[float]] = field(default_factory=list)


def _identify(view: SessionView, words: Words) -> tuple[str, Plain]:
    identify = _given(view.identify)
    if identify.phase == "typing":
        return "identify_typed", filling.identify_typed(identify, words)
    if identify.phase == "known":
        return "identity_confirm", filling.identity_confirm(identify, words)
    return "identify", filling.identify(identify, words)


def _materials(view: SessionView, furniture: Furniture, words: Words) -> tuple[str, Plain]:
    materials = _given(view.materials)
    if materials.capture is not None:
        return "capture", filling.capture(materials.capture, furniture.page_outline, words)
    if materials.scan is not None:
        return "scan", filling.scan(materials.scan, words)
    return "materials", filling.materials(materials, words)


def _review(view: SessionView, furniture: Furniture, words: Words) -> tuple[str, Plain]:
    review = _given(view.review)
    if furniture.signing and review.signature_needed:
        return "sign", finishing.sign(review, words)
    return "review", finishing.review(review, words)


def _given(sub_view: Part | None) -> Part:
    if sub_view is None:
        raise ValueError("the session's view lacks the part of its own screen")
    return sub_view


def _screen(view: SessionView, furniture: Furniture, words: Words) -> tuple[str, Plain]:  # noqa: PLR0911 - one line a screen
    match view.screen:
        case State.HOME:
            return "home", finding.home(view, _given(view.home), words)
        case State.FIND:
            return "find", finding.find(_given(view.find), words)
        case State.GUIDE:
            return "guide", finding.guide(view, _given(view.guide), words)
        case State.IDENTIFY:
            return _identify(view, words)
        case State.FILL:
            return "form", filling.fill(_given(view.fill), words)
        case State.MATERIALS:
            return _materials(view, furniture, words)
        case State.REVIEW:
            return _review(view, furniture, words)
        case State.SEALING:
            return "sealing", {}
        case State.SUBMITTED | State.SLIP:
            return "submitted", finishing.submitted(_given(view.submitted), words)
        case State.PROGRESS:
            return "progress", finding.progress(_given(view.progress), words)
        case State.ENDED | State.FAREWELL:
            return "ended", finishing.ended(_given(view.end), words)


def snapshot(view: SessionView, furniture: Furniture) -> Plain:
    """Everything that is on the screen, as plain values."""
    words = Words(Language(view.language))
    screen, content = _screen(view, furniture, words)
    where = {
        "task": view.item_name if view.step else "",
        "step": view.step,
        "step_count": view.step_count,
        "can_go_back": view.can_go_back,
        "can_end": view.can_end,
    }
    seconds_left = view.warning_seconds_left
    return {
        "screen": screen,
        "view": {**where, **content},
        "hall_name": view.hall_name,
        "mark": view.mark,
        "clock": furniture.clock,
        "idle": None if seconds_left is None else {"remaining_s": seconds_left},
        "staff": {"phone": view.hall_phone} if furniture.staff_sheet else None,
    }


def out_of_service(trouble: OutOfService, language: Language) -> Plain:
    """Nothing can be offered: residents are sent to the counter, staff read what to mend."""
    words = Words(language)
    sentences = [words(f"out_of_service.{trouble.trouble.value}"), *trouble.sentences]
    return {
        "screen": "out_of_service",
        "view": {"sentences": sentences, "can_end": False, "can_go_back": False},
        "hall_name": words("out_of_service.hall"),
        "mark": "",
        "clock": "",
        "idle": None,
        "staff": None,
    }
