"""A case as the page shows it: labels, values in words, papers. Made from the opened form."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from yici.contract.code_sets import find_label
from yici.contract.codes import SEX_NAMES, nation_name
from yici.contract.forms import FieldType, FormField
from yici.contract.people import Assurance, Identity
from yici.contract.submission import SubmissionForm
from yici.unified_platform.cases.reading import OpenedCase

MAX_SHOWN_PAGES = 60
Say = Callable[..., str]


class CardComparison(StrEnum):
    """An answer beside what the chip says."""

    NOT_ON_CARD = "not_on_card"
    SAME = "same"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A label and its value; `is_faulty` where staff have to look."""

    label: str
    value: str
    is_faulty: bool = False
    against_card: CardComparison = CardComparison.NOT_ON_CARD


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Paper:
    """A part: its name and how many pages the terminal says it has."""

    number: int
    name: str
    page_count: int


@dataclass(frozen=True, slots=True, repr=False)
class CaseView:
    """Everything that the page needs, in the order shown."""

    identity: Section
    sections: tuple[Section, ...]
    materials: tuple[tuple[str, str, str], ...]  # name, decision, reason
    papers: tuple[Paper, ...]
    signature: Paper | None


def view_case(case: OpenedCase, say: Say) -> CaseView:
    """In the visitor's language, as far as the catalogue has one."""
    form = case.opened.form
    faulty = {fault.pointer.rpartition("/")[2] for fault in case.faults}
    papers, signature = _papers(form, say)
    return CaseView(
        identity=_identity(form.identity, say),
        sections=_sections(case, faulty, say),
        materials=tuple(
            (entry.name, say(f"decision_{entry.decision.value}"), entry.reason)
            for entry in form.materials
        ),
        papers=papers,
        signature=signature,
    )


def group_id_number(number: str) -> str:
    """430181 1960 0101 002 8, so that it can be read aloud."""
    if len(number) != 18:
        return number
    return " ".join((number[:6], number[6:10], number[10:14], number[14:17], number[17]))


_ESTABLISHED = {
    Assurance.CARD: "identity_by_card",
    Assurance.SOCIAL_SECURITY_CARD: "identity_by_social_security_card",
    Assurance.TYPED: "identity_by_typing",
}


def _identity(identity: Identity, say: Say) -> Section:
    by_card = identity.assurance is Assurance.CARD
    until = identity.valid_to.isoformat() if identity.valid_to else ""
    lines = [
        Line(say("full_name"), identity.name, "name" in identity.manual_check),
        Line(say("id_number"), group_id_number(identity.id_number)),
        Line(say("sex"), SEX_NAMES[identity.sex]),
        Line(say("nation"), nation_name(identity.nation_code)),
        Line(say("birth_date"), identity.birth_date.isoformat() if identity.birth_date else ""),
        Line(say("address"), identity.current_address, "address" in identity.manual_check),
        Line(say("issuer"), identity.issuer),
        Line(say("valid_until"), until or (say("valid_forever") if by_card else "")),
    ]
    return Section(
        say("identity"),
        tuple(line for line in lines if line.value),
        say(_ESTABLISHED[identity.assurance]),
    )


def _sections(case: OpenedCase, faulty: set[str], say: Say) -> tuple[Section, ...]:
    answers = dict(case.opened.form.answers)
    on_card = _on_card(case.opened.form.identity)
    sections = []
    for group in case.item.form.groups if case.item else ():
        asked = [field for field in group.fields if field.type is not FieldType.SIGNATURE]
        if group.visible_when and not any(field.key in answers for field in asked):
            continue
        lines = tuple(
            Line(
                field.label,
                _words(field, answers.get(field.key, ""), say),
                field.key in faulty,
                _compare(field.key, answers.pop(field.key, ""), on_card),
            )
            for field in asked
        )
        if lines:
            sections.append(Section(group.label, lines))
    if answers:
        rest = tuple(Line(key, _text(value), key in faulty) for key, value in answers.items())
        sections.append(Section(say("other_answers"), rest))
    return tuple(sections)


def _on_card(identity: Identity) -> dict[str, str]:
    """What the chip says, by the catalogue's field keys; empty when no card was read."""
    if identity.assurance is not Assurance.CARD:
        return {}
    birth_date = identity.birth_date.isoformat() if identity.birth_date else ""
    return {
        "name": identity.name,
        "id_number": identity.id_number,
        "sex": identity.sex.value,
        "ethnicity": identity.nation_code,
        "birth_date": birth_date,
        "registered_address": identity.current_address,
    }


def _compare(key: str, value: Any, on_card: dict[str, str]) -> CardComparison:
    if not on_card.get(key) or value in ("", []):
        return CardComparison.NOT_ON_CARD
    return CardComparison.SAME if value == on_card[key] else CardComparison.DIFFERS


def _words(field: FormField, value: Any, say: Say) -> str:
    if value in ("", []):
        return say("not_filled")
    if field.type is FieldType.CODE:
        return find_label(field.code_set, str(value)) or str(value)
    if field.type is FieldType.BOOLEAN and value in ("yes", "no"):
        return say(str(value))
    if field.type is FieldType.ID_NUMBER:
        return group_id_number(str(value))
    return f"{_text(value)} {field.unit}".strip()


def _text(value: Any) -> str:
    return "、".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _papers(form: SubmissionForm, say: Say) -> tuple[tuple[Paper, ...], Paper | None]:
    named = {entry.part_number: entry for entry in form.materials if entry.part_number is not None}
    signed = form.signature.part_number if form.signature else None
    papers = []
    for part in form.parts:
        if part.number == signed:
            continue
        entry = named.get(part.number)
        name = entry.name if entry else f"{say('papers')} {part.number}"
        pages = min(max(entry.page_count if entry else 1, 1), MAX_SHOWN_PAGES)
        papers.append(Paper(part.number, name, pages))
    signature = None if signed is None else Paper(signed, say("signature"), 1)
    return tuple(papers), signature
