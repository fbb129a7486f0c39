"""Home, search, guide and progress as plain values for QML."""

from yici.kiosk.session.view import (
    DeviceNotice,
    FindView,
    GuideView,
    HomeView,
    ItemCard,
    ProgressView,
    SessionView,
)
from yici.ui.view_models.words import Plain, Words


def device_sentence(notice: DeviceNotice, words: Words) -> str:
    """What a device's state means for a resident: what still works, and how."""
    return words.either(f"device.{notice.kind}_{notice.state}", f"device.{notice.kind}")


def troubles(view: SessionView, words: Words) -> list[str]:
    """The state of the machine, told honestly; empty when all is well."""
    sentences = [device_sentence(notice, words) for notice in view.notices]
    if view.home and view.home.cannot_submit:
        sentences.insert(0, words(f"refusal.{view.home.cannot_submit}"))
    return sentences


def limit_text(card: ItemCard, words: Words) -> str:
    """How long it takes."""
    if card.limit_days == 0:
        return words("guide.at_once")
    return words("guide.days", days=card.limit_days)


def item_row(card: ItemCard, words: Words) -> Plain:
    """One item in a list."""
    return {
        "id": card.code,
        "name": card.name,
        "detail": card.unit,
        "tag": words("find.can_apply") if card.can_apply else words("find.guide_only"),
    }


def home(view: SessionView, home_view: HomeView, words: Words) -> Plain:
    """The first screen."""
    return {
        "popular": [item_row(card, words) for card in home_view.popular],
        "item_count": home_view.item_count,
        "illustrative": any(card.illustrative for card in home_view.popular),
        "note": words("home.hours", hours=view.hall_hours, phone=view.hall_phone)
        if view.hall_hours
        else words("home.phone", phone=view.hall_phone),
        "troubles": troubles(view, words),
    }


def find(find_view: FindView, words: Words) -> Plain:
    """Search results, or the categories."""
    chosen = next((c.label for c in find_view.categories if c.key == find_view.category), "")
    return {
        "query": find_view.query,
        "category": chosen,
        "results": [item_row(card, words) for card in find_view.results],
        "categories": [
            {"id": category.key, "name": category.label, "count": category.count}
            for category in find_view.categories
        ],
    }


def guide(view: SessionView, guide_view: GuideView, words: Words) -> Plain:
    """One item before it begins."""
    card = guide_view.card
    fee = "；".join(f"{name} {standard}" for name, standard in guide_view.fees)
    visits = words("guide.visits", count=card.visits) if card.visits else words("guide.no_visit")
    return {
        "troubles": troubles(view, words),  # told before one starts, not at the end
        "name": card.name,
        "unit": card.unit,
        "illustrative": card.illustrative,
        "facts": [
            {"label": words("guide.limit"), "value": limit_text(card, words)},
            {"label": words("guide.fee"), "value": fee or words("guide.free")},
            {"label": words("guide.visit_label"), "value": visits},
        ],
        "conditions": list(guide_view.conditions),
        "materials": [
            {
                "name": material.name,
                "detail": material.condition or material.note,
                "how_label": words(f"guide.{material.necessity}"),
            }
            for material in guide_view.materials
        ],
        "steps": list(guide_view.steps),
        "notices": [*guide_view.notices, *guide_view.tips],
        "questions": [{"q": q, "a": a} for q, a in guide_view.questions],
        "window": words(
            "guide.window",
            where=guide_view.where,
            when=guide_view.when,
            hotline=guide_view.hotline,
        ),
        "can_start": guide_view.cannot_apply == "",
        "cannot_start_reason": words(f"refusal.{guide_view.cannot_apply}")
        if guide_view.cannot_apply
        else "",
    }


_TONES = {
    "stored": "info",
    "delivered": "ok",
    "accepted": "ok",
    "refused": "warn",
    "rejected": "danger",
}
_REACHED = {"stored": 1, "delivered": 2, "accepted": 3, "refused": 3, "rejected": 2}


def progress(progress_view: ProgressView, words: Words) -> Plain:
    """A matter found by its slip code, or why it was not found."""
    result = progress_view.result
    found: Plain | None = None
    if result in _TONES:
        last = {"refused": "refused", "rejected": "rejected"}.get(result, "accepted")
        points = ("stored", last) if result == "rejected" else ("stored", "delivered", last)
        reached = _REACHED[result]
        found = {
            "name": progress_view.item_name,
            "number": progress_view.case_number,
            "tone": _TONES[result],
            "state_label": words(f"case.{result}"),
            "detail": progress_view.note
            or words(f"case.{result}_detail", number=progress_view.case_number),
            "steps": [
                {
                    "label": words(f"case.step_{point}"),
                    "time": progress_view.changed_at if index + 1 == reached else "",
                    "done": index < reached,
                }
                for index, point in enumerate(points)
            ],
        }
    error = words(f"progress.{result}") if result and found is None else ""
    lead = words("_".join(("progress.lead", *progress_view.scan_ways)))
    return {"code": progress_view.code, "lead": lead, "error": error, "case": found}
