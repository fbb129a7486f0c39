"""From the session's state to what its screen shows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from yici.contract.form_rules import choices_of
from yici.contract.forms import FormField, FormGroup
from yici.contract.items import ServiceItem
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.id_card_reader import CardRemoval
from yici.kiosk.devices import NOT_ASKED
from yici.kiosk.forms.prefill import input_kind_of
from yici.kiosk.journeys.application import Application, can_apply_here
from yici.kiosk.journeys.hand_in import Refusal
from yici.kiosk.materials.plan import PROXY_MATERIALS, PlannedMaterial, PlanState
from yici.kiosk.session.resident import ResidentSession
from yici.kiosk.session.table import STEPS, State, step_of
from yici.kiosk.session.view import (
    Category,
    DeviceNotice,
    EndView,
    FieldView,
    FillView,
    FindView,
    GuideMaterial,
    GuideView,
    HomeView,
    ItemCard,
    MaterialRow,
    MaterialsView,
    ReviewRow,
    ReviewSection,
    ReviewView,
    SessionView,
)

POPULAR_COUNT = 6


def view_of(session: ResidentSession) -> SessionView:
    """The snapshot for the screen."""
    hall = session.services.settings.hall
    state = session.state
    name, shown = _SUB_VIEWS[state](session)
    return SessionView(
        screen=state,
        language=session.language,
        hall_name=hall.name,
        hall_phone=hall.phone,
        hall_hours=hall.hours,
        mark=hall.mark,
        step=step_of(state),
        step_count=len(STEPS),
        item_name=session.item.short_name if session.item and step_of(state) else "",
        can_go_back=state in _BACK_STATES,
        can_end=state not in _NO_END_STATES,
        warning_seconds_left=session.warning_seconds_left,
        notices=_notices(session),
        **{name: shown},
    )


_NO_END_STATES = frozenset(
    {State.HOME, State.SEALING, State.SUBMITTED, State.ENDED, State.FAREWELL}
)
_BACK_STATES = frozenset(
    {
        State.FIND,
        State.GUIDE,
        State.IDENTIFY,
        State.FILL,
        State.MATERIALS,
        State.REVIEW,
        State.PROGRESS,
    }
)


# what a resident would miss; the other devices are extras, of which staff are told
_MISSED = (DeviceKind.ID_CARD_READER, DeviceKind.RECEIPT_PRINTER, DeviceKind.DOCUMENT_CAMERA)


def _notices(session: ResidentSession) -> tuple[DeviceNotice, ...]:
    return tuple(
        DeviceNotice(status.kind.value, status.state.value)
        for kind in _MISSED
        if (status := session.statuses.get(kind)) is not None and _is_missed(status)
    )


def _is_missed(status: DeviceStatus) -> bool:
    if status.state is DeviceState.NOT_CONFIGURED:
        return status.kind is DeviceKind.RECEIPT_PRINTER  # the slip's code has to be noted down
    return status.state is not DeviceState.READY and status.code != NOT_ASKED


# --- find and guide


def card_of(item: ServiceItem) -> ItemCard:
    """An item in a list."""
    return ItemCard(
        code=item.code,
        name=item.name,
        unit=item.responsible_unit.name,
        category=item.category_zh,
        limit_days=item.promised_limit.value,
        visits=item.visits,
        ways=item.four_ways,
        can_apply=can_apply_here(item),
        illustrative=item.illustrative,
    )


def _cannot_submit(session: ResidentSession) -> str:
    if not len(session.services.catalogue):
        return "no_catalogue"
    if session.services.counter is None:
        return Refusal.NOT_ENROLLED.value
    return "" if session.services.admission() else Refusal.DISK_FULL.value


def _home(session: ResidentSession) -> tuple[str, HomeView]:
    catalogue = session.services.catalogue
    applicable = [item for item in catalogue.popular(len(catalogue)) if can_apply_here(item)]
    popular = tuple(card_of(item) for item in applicable[:POPULAR_COUNT])
    return "home", HomeView(popular, len(catalogue), _cannot_submit(session))


def _find(session: ResidentSession) -> tuple[str, FindView]:
    catalogue = session.services.catalogue
    if session.category:
        found = catalogue.of_category(session.category)
    else:
        found = catalogue.search(session.query)
    return "find", FindView(
        query=session.query,
        category=session.category,
        categories=tuple(Category(*entry) for entry in catalogue.categories()),
        results=tuple(card_of(item) for item in found),
    )


def _guide(session: ResidentSession) -> tuple[str, GuideView]:
    item = _item(session)
    return "guide", GuideView(
        card=card_of(item),
        conditions=item.accept_conditions,
        steps=item.guide_steps,
        materials=tuple(
            GuideMaterial(m.name, m.necessity.value, m.condition, m.note)
            for m in item.materials
            if m.key not in PROXY_MATERIALS
        ),
        fees=tuple((line.name, f"{line.standard} {line.unit}") for line in item.fee.items),
        notices=item.notices,
        tips=item.tips,
        questions=tuple((entry.q, entry.a) for entry in item.faq),
        where=item.transact_addr,
        when=item.transact_time,
        hotline=item.consult_way,
        cannot_apply=session.cannot_apply(),
    )


def _item(session: ResidentSession) -> ServiceItem:
    assert session.item is not None  # noqa: S101 - the table reaches this screen through an item
    return session.item


def _application(session: ResidentSession) -> Application:
    assert session.application is not None  # noqa: S101 - and this one through an application
    return session.application


# --- identify and form


def _identify(session: ResidentSession) -> tuple[str, Any]:
    return "identify", session.identifying.view()


def _fill(session: ResidentSession) -> tuple[str, FillView]:
    application = _application(session)
    page = application.pages[session.page_index]
    faults = (
        {f.key: f.code.value for f in application.page_faults(page, session.services.today())}
        if session.page_checked
        else {}
    )
    return "fill", FillView(
        page_index=session.page_index,
        page_count=len(application.pages),
        title=page.label,
        fields=tuple(
            _field(application, field, faults.get(field.key, ""))
            for field in application.asked_fields(page)
        ),
    )


def _field(application: Application, field: FormField, fault: str) -> FieldView:
    answer = application.answers.get(field.key, "")
    from_card = application.is_from_card(field.key)
    several = isinstance(answer, list)
    return FieldView(
        key=field.key,
        label=field.label,
        type=field.type.value,
        value="" if isinstance(answer, list) else answer,
        values=tuple(answer) if several else (),
        choices=choices_of(field),
        input_kind=input_kind_of(field),
        required=field.required,
        editable=not from_card,
        source=field.source.value if from_card else "",
        sensitive=field.sensitive,
        help=field.help,
        unit=field.unit,
        max_length=field.max_length or 0,
        fault=fault,
    )


# --- materials and review


def _materials(session: ResidentSession) -> tuple[str, MaterialsView]:
    application = _application(session)
    rows = tuple(_row(planned) for planned in application.materials)
    capture = session.capturing.view()
    fault = session.capturing.fault if capture is None else ""
    return "materials", MaterialsView(
        rows,
        capture,
        application.materials_met,
        fault,
        scan=session.scanning.view(),
        can_scan=session.scanning.possible,
    )


def _row(planned: PlannedMaterial) -> MaterialRow:
    material = planned.material
    if planned.state is PlanState.MET and planned.decision is not None:
        state = planned.decision.value
    else:
        state = planned.state.value
    return MaterialRow(
        key=material.key,
        name=material.name,
        condition=material.condition,
        note=material.note,
        state=state,
        page_count=planned.page_count,
        max_pages=material.max_pages,
        deferrable=material.deferrable,
        optional=planned.state is PlanState.OPTIONAL,
    )


def _review(session: ResidentSession) -> tuple[str, ReviewView]:
    application = _application(session)
    sections = [
        ReviewSection(page.key, page.label, _rows_of_page(application, page))
        for page in application.pages
    ]
    papers = tuple(
        ReviewRow(planned.material.name, _row(planned).state, sensitive=False)
        for planned in application.materials
    )
    sections.append(ReviewSection("materials", "", papers))
    return "review", ReviewView(
        sections=tuple(sections),
        signature_needed=application.signature_needed,
        signed=session.ink.is_signature,
        busy=session.state is State.SEALING,
        fault=session.review_fault,
    )


def _rows_of_page(application: Application, page: FormGroup) -> tuple[ReviewRow, ...]:
    return tuple(
        ReviewRow(field.label, said, field.sensitive)
        for field in application.asked_fields(page)
        if (said := _said(application, field))
    )


def _said(application: Application, field: FormField) -> str:
    answer = application.answers.get(field.key, "")
    if isinstance(answer, list):
        return "、".join(answer)
    label = dict(choices_of(field)).get(answer, answer)
    return f"{label} {field.unit}".strip() if label else ""


# --- the end


def _submitted(session: ResidentSession) -> tuple[str, Any]:
    still_there = session.card_left_behind.seen is CardRemoval.STILL_THERE
    return "submitted", replace(session.slip.view(), card_still_there=still_there)


def _progress(session: ResidentSession) -> tuple[str, Any]:
    ways = tuple(way.value for way in session.slip_scanning.ways)
    return "progress", replace(session.services.progress.view(), scan_ways=ways)


def _ended(session: ResidentSession) -> tuple[str, EndView]:
    kind = session.end_kind.value if session.end_kind else "finished"
    return "end", EndView(kind, session.card_may_lie_there)


_SUB_VIEWS: dict[State, Callable[[ResidentSession], tuple[str, Any]]] = {
    State.HOME: _home,
    State.FIND: _find,
    State.GUIDE: _guide,
    State.IDENTIFY: _identify,
    State.FILL: _fill,
    State.MATERIALS: _materials,
    State.REVIEW: _review,
    State.SEALING: _review,
    State.SUBMITTED: _submitted,
    State.SLIP: _submitted,
    State.PROGRESS: _progress,
    State.ENDED: _ended,
    State.FAREWELL: _ended,
}
