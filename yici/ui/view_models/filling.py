"""Identity, form, materials and camera as plain values for QML."""

from yici.contract.people import mask_id_number
from yici.kiosk.session.view import (
    CaptureView,
    FieldView,
    FillView,
    IdentifyView,
    MaterialRow,
    MaterialsView,
    ScanView,
)
from yici.ui.view_models.words import Plain, Words


def identify(view: IdentifyView, words: Words) -> Plain:
    """Waiting for a card, or what went wrong with it."""
    problem = ""
    if view.phase == "read_failed":
        problem = words("identify.read_failed_help")
    elif view.phase == "reader_unavailable":
        problem = words("identify.reader_unavailable_help")
    second = view.social_security_card
    return {
        "phase": view.phase,
        "problem": problem,
        "social_security": words(f"identify.social_security_{second}") if second else "",
    }


def identify_typed(view: IdentifyView, words: Words) -> Plain:
    """Name and number typed."""
    return {
        "name": view.typed_name,
        "id_number": view.typed_number,
        "name_error": fault_sentence("text", view.name_fault, words),
        "id_number_error": fault_sentence("id_number", view.number_fault, words),
    }


def identity_confirm(view: IdentifyView, words: Words) -> Plain:
    """Who the card or the typed text says this is."""
    note = ""
    if view.expired:
        note = words("confirm.expired")
    elif view.manual_check:
        note = words("confirm.manual_check")
    return {
        "rows": [
            {"label": words("typed.name"), "value": view.name},
            {"label": words("typed.id_number"), "value": view.masked_number},
        ],
        "note": note,
    }


def fault_sentence(field_type: str, fault: str, words: Words) -> str:
    """What to do about a fault: the field type's own sentence, or the general one."""
    if not fault:
        return ""
    return words.either(f"fault.{field_type}_{fault}", f"fault.{fault}")


_LONG_CHOICE = 12  # more answers than this are short names that stand in narrow cells


def _kind(field: FieldView) -> str:
    if field.type == "multi_enum":
        return "many"
    return "choice" if field.choices else "text"


def field(view: FieldView, words: Words) -> Plain:
    """One question."""
    help_text = view.help
    if view.unit:
        help_text = "  ".join(
            part for part in (help_text, words("form.unit", unit=view.unit)) if part
        )
    chosen = list(view.values) if view.type == "multi_enum" else [view.value] if view.value else []
    return {
        "key": view.key,
        "label": view.label if view.required else words("form.optional", label=view.label),
        "help": help_text,
        "kind": _kind(view),
        "input_kind": view.input_kind,
        "value": view.value,
        "values": chosen,
        "options": [{"value": value, "label": label} for value, label in view.choices],
        "narrow": len(view.choices) > _LONG_CHOICE,
        "max_length": view.max_length or 200,
        "error": fault_sentence(view.type, view.fault, words),
    }


def known_row(view: FieldView) -> Plain:
    """An answer that the card gave: shown, not asked; numbers stay covered until held."""
    shown = dict(view.choices).get(view.value, view.value)
    covered = mask_id_number(shown) if view.type == "id_number" else shown
    return {"label": view.label, "value": covered, "secret": shown if covered != shown else ""}


def fill(view: FillView, words: Words) -> Plain:
    """One page of the form."""
    return {
        "title": view.title,
        "page": view.page_index + 1,
        "page_count": view.page_count,
        "known": [known_row(entry) for entry in view.fields if not entry.editable],
        "fields": [field(entry, words) for entry in view.fields if entry.editable],
    }


def material(row: MaterialRow, words: Words) -> Plain:
    """One material and where it stands."""
    return {
        "key": row.key,
        "name": row.name,
        "detail": row.condition or row.note,
        "state": row.state,
        "state_label": words(f"materials.state_{row.state}", pages=row.page_count),
        "deferrable": row.deferrable,
    }


def materials(view: MaterialsView, words: Words) -> Plain:
    """The list of materials."""
    return {
        "materials": [material(row, words) for row in view.rows],
        "all_met": view.all_met,
        "can_scan": view.can_scan,
        "problem": words.either(f"capture.fault_{view.fault}", "capture.fault_storage")
        if view.fault
        else "",
    }


_SCAN_LEADS = {"check": "scan.check", "scanning": "scan.wait"}


def scan(view: ScanView, words: Words) -> Plain:
    """The scanner. `source` is the newest page; `sources` are where a sheet may lie."""
    problem = ""
    if view.phase == "unavailable":
        problem = words("scan.gone_help")
    elif view.fault == "broke_off":
        problem = words.either(f"scan.broke_off_{view.scanner_state}", "scan.broke_off")
    elif view.fault:
        problem = words(f"scan.{view.fault}")
    pages = view.kept_pages
    return {
        "material": view.name,
        "lead": words(_SCAN_LEADS.get(view.phase, "scan.lead"))
        if view.phase != "unavailable"
        else "",
        "phase": view.phase,
        "sources": [
            {
                "source": source,
                "label": words(f"scan.from_{source}"),
                "more_label": words(f"scan.more_from_{source}"),
            }
            for source in view.sources
        ],
        "can_add_page": pages < view.max_pages,
        "pages_text": words("scan.pages", pages=pages) if pages else "",
        "source": f"image://scanner/{view.picture_serial}" if pages else "",
        "warnings": [
            words.either(f"capture.warning_{code}", "capture.warning_other")
            for code in view.warnings
        ],
        "problem": problem,
    }


def capture(view: CaptureView, outline: list[list[float]], words: Words) -> Plain:
    """The camera. `outline`: the found page in 0–1 of the picture, or empty."""
    problem = ""
    if view.phase == "unavailable":
        problem = words("capture.camera_gone_help")
    elif view.fault:
        problem = words.either(f"capture.fault_{view.fault}", "capture.fault_camera")
    return {
        "material": view.name,
        "page": view.page_number,
        "can_add_page": view.page_number < view.max_pages,
        "kept_pages": view.kept_pages,
        "phase": view.phase,
        "found": view.page_found,
        "source": f"image://camera/{view.picture_serial}" if view.picture_serial else "",
        "outline": outline,
        "warnings": [
            words.either(f"capture.warning_{code}", "capture.warning_other")
            for code in view.warnings
        ],
        "can_take_whole": view.phase == "live" and view.fault == "no_page",
        "unavailable": view.phase == "unavailable",
        "problem": problem,
    }
