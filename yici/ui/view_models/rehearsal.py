"""What a waiting session shows itself before it is anybody's: every screen, as full as it gets.

A screen that was built, laid out and painted once answers a touch in a fraction of the time. All of
it comes from the catalogue; there is no person in it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TypeVar

from yici.contract.form_rules import choices_of
from yici.contract.forms import FieldSource, FormField
from yici.contract.items import ServiceItem
from yici.kiosk.catalogue.search import Catalogue
from yici.kiosk.forms.prefill import input_kind_of
from yici.kiosk.journeys.application import can_apply_here
from yici.kiosk.session.screens import card_of
from yici.kiosk.session.table import State, step_of
from yici.kiosk.session.view import (
    CaptureView,
    Category,
    FieldView,
    FillView,
    FindView,
    GuideMaterial,
    GuideView,
    IdentifyView,
    MaterialRow,
    MaterialsView,
    ProgressView,
    ReviewRow,
    ReviewSection,
    ReviewView,
    ScanView,
    SessionView,
    SubmittedView,
)
from yici.ui.view_models.snapshot import Furniture, snapshot
from yici.ui.view_models.words import Plain

MOST_ROWS = 24  # of a list; longer ones grow when somebody sees them
FIELDS_A_STEP = 3
CHOICES_A_STEP = 20
Part = TypeVar("Part")


def rehearsal(session_view: SessionView, catalogue: Catalogue) -> Iterator[Callable[[], Plain]]:
    """Makers of snapshots of every screen but the first and the last, in the journey's order.

    What takes long to build grows from one snapshot to the next.
    """
    items = [item for item in catalogue.popular(len(catalogue)) if can_apply_here(item)]
    blank = replace(session_view, home=None, find=None, end=None, notices=())

    def at(
        state: State,
        furniture: Furniture = Furniture(),  # noqa: B008 - frozen
        **parts: object,
    ) -> Callable[[], Plain]:
        return lambda: _at(state, furniture, parts)

    def _at(state: State, furniture: Furniture, parts: Mapping[str, object]) -> Plain:
        name = items[0].short_name if step_of(state) else ""
        view = replace(
            blank,
            screen=state,
            step=step_of(state),
            item_name=name,
            can_go_back=True,
            can_end=True,
            **parts,  # type: ignore[arg-type]  # parts of the view, by name
        )
        return snapshot(view, furniture)

    yield at(State.PROGRESS, progress=ProgressView(code=""))
    yield at(State.PROGRESS, progress=ProgressView(code="", result="accepted"))
    yield at(State.FIND, find=_find(catalogue))
    yield at(State.FIND, find=_found(catalogue))
    if not items:
        return
    yield at(State.GUIDE, guide=_guide(items))
    yield at(State.IDENTIFY, identify=IdentifyView(phase="waiting"))
    yield at(State.IDENTIFY, identify=IdentifyView(phase="typing"))
    yield at(State.IDENTIFY, identify=IdentifyView(phase="known"))
    fill = _fill(items)
    for fields in _growing(fill.fields):
        yield at(State.FILL, fill=replace(fill, fields=fields))
    yield at(State.FILL, fill=replace(fill, fields=_known_fields(items)))
    materials = MaterialsView(_rows(items), None, all_met=False)
    yield at(State.MATERIALS, materials=materials)
    yield at(State.MATERIALS, materials=replace(materials, capture=_CAPTURE))
    yield at(State.MATERIALS, materials=replace(materials, can_scan=True, scan=_SCAN))
    review = _review(items)
    yield at(State.REVIEW, review=replace(review, sections=review.sections[:1]))
    yield at(State.REVIEW, review=review)
    yield at(State.REVIEW, Furniture(signing=True), review=review)
    yield at(State.SEALING)
    yield at(State.SUBMITTED, submitted=_SUBMITTED)
    yield at(State.SLIP, submitted=replace(_SUBMITTED, print_phase="ask"))


_SCAN = ScanView(
    key="",
    name="",
    phase="ready",
    sources=("feeder", "flatbed"),
    kept_pages=0,
    max_pages=1,
    warnings=(),
    scanner_state="",
    picture_serial=0,
)
_CAPTURE = CaptureView(
    key="",
    name="",
    phase="unavailable",
    page_number=1,
    max_pages=1,
    kept_pages=0,
    page_found=False,
    warnings=(),
    camera_state="",
    picture_serial=0,
)
_SUBMITTED = SubmittedView(
    slip_code="",
    item_name="",
    print_phase="printed",
    printer_state="ready",
    delivered=False,
    case_number="",
    copy_number=0,
)


def _longest(parts: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    return max((tuple(part) for part in parts), key=len, default=())


# --- find and guide


def _find(catalogue: Catalogue) -> FindView:
    categories = tuple(Category(*entry) for entry in catalogue.categories())
    return FindView(query="", category="", categories=categories, results=())


def _found(catalogue: Catalogue) -> FindView:
    found = _find(catalogue)
    category = max(found.categories, key=lambda entry: entry.count, default=None)
    if category is None:
        return found
    results = catalogue.of_category(category.key)[:MOST_ROWS]
    return replace(found, category=category.key, results=tuple(card_of(item) for item in results))


def _guide(items: Sequence[ServiceItem]) -> GuideView:
    materials = _longest(item.materials for item in items)
    return GuideView(
        card=card_of(items[0]),
        conditions=_longest(item.accept_conditions for item in items),
        steps=_longest(item.guide_steps for item in items),
        materials=tuple(
            GuideMaterial(entry.name, entry.necessity.value, entry.condition, entry.note)
            for entry in materials
        ),
        fees=(),
        notices=items[0].notices,
        tips=items[0].tips,
        questions=_longest(tuple((entry.q, entry.a) for entry in item.faq) for item in items),
        where=items[0].transact_addr,
        when=items[0].transact_time,
        hotline=items[0].consult_way,
    )


# --- form


def _groups(items: Sequence[ServiceItem]) -> Iterator[tuple[FormField, ...]]:
    for item in items:
        for group in item.form.groups:
            yield tuple(group.fields)
            yield tuple(field for field in group.fields if field.source is not FieldSource.ID_CARD)


def _widest(at_one_place: Iterable[FormField | None]) -> FormField:
    asked = (field for field in at_one_place if field is not None)
    return max(asked, key=lambda field: len(choices_of(field)))


def _field(field: FormField, edited: Callable[[FormField], bool]) -> FieldView:
    return FieldView(
        key=field.key,
        label=field.label,
        type=field.type.value,
        value="",
        values=(),
        choices=choices_of(field),
        input_kind=input_kind_of(field),
        required=field.required,
        editable=edited(field),
        source="",
        sensitive=False,
        help=field.help,
        unit=field.unit,
        max_length=field.max_length or 0,
        fault="missing",
    )


def _fields(items: Sequence[ServiceItem]) -> tuple[FormField, ...]:
    """At every place of a page the question with the most answers."""
    return tuple(_widest(fields) for fields in zip_longest(*_groups(items)))


def _fill(items: Sequence[ServiceItem]) -> FillView:
    fields = tuple(_field(field, lambda _: True) for field in _fields(items))
    return FillView(page_index=0, page_count=2, title=items[0].form.groups[0].label, fields=fields)


def _growing(fields: Sequence[FieldView]) -> Iterator[tuple[FieldView, ...]]:
    """The page with more and more of its questions, and more and more answers to the last one."""
    for count, field in enumerate(fields, start=1):
        for choice_count in range(CHOICES_A_STEP, len(field.choices), CHOICES_A_STEP):
            part = replace(field, choices=field.choices[:choice_count])
            yield (*fields[: count - 1], part)
        if count % FIELDS_A_STEP == 0 or field.choices:
            yield tuple(fields[:count])
    yield tuple(fields)


def _known_fields(items: Sequence[ServiceItem]) -> tuple[FieldView, ...]:
    """The page after a card was read: its answers are told, the others asked, in text."""
    longest = _longest(item.form.groups[0].fields for item in items)
    return tuple(
        _field(field, lambda field: field.source is not FieldSource.ID_CARD) for field in longest
    )


# --- materials and review


def _rows(items: Sequence[ServiceItem]) -> tuple[MaterialRow, ...]:
    materials = _longest(item.materials for item in items)
    return tuple(
        MaterialRow(
            key=entry.key,
            name=entry.name,
            condition=entry.condition,
            note=entry.note,
            state="open",
            page_count=0,
            max_pages=entry.max_pages,
            deferrable=True,
            optional=False,
        )
        for entry in materials
    )


def _review(items: Sequence[ServiceItem]) -> ReviewView:
    pages = zip_longest(*(item.form.groups for item in items))
    longest = [max(filter(None, groups), key=lambda group: len(group.fields)) for groups in pages]
    sections = [
        ReviewSection(
            group.key,
            group.label,
            tuple(ReviewRow(field.label, field.label, sensitive=False) for field in group.fields),
        )
        for group in longest
    ]
    papers = tuple(ReviewRow(row.name, "captured", sensitive=False) for row in _rows(items))
    sections.append(ReviewSection("materials", "", papers))
    return ReviewView(tuple(sections), signature_needed=True, signed=False, busy=False)
