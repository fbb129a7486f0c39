"""Read cases: lists for the counter, and one case opened with its form."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from yici.contract.case import CaseState
from yici.contract.items import ServiceItem
from yici.contract.problems import FieldProblem, Problem
from yici.contract.sealing import OpenedSubmission
from yici.unified_platform.app import Platform
from yici.unified_platform.intake.completion import FAULTS, REJECTED, STORED, find_submission
from yici.unified_platform.intake.envelopes import open_envelope, open_part, stored_envelope
from yici.unified_platform.items.catalogue import find_item
from yici.unified_platform.storage.tables import case_actions, cases, halls, items, submissions

PAGE_CASES = 50


class Shelf(StrEnum):
    """Submissions by where they stand."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"  # received, but the same person sent it again
    ARRIVING = "arriving"  # the form is here, parts are still to come
    REJECTED = "rejected"  # could not be opened


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of the list; holds nothing of the resident."""

    case_number: str
    shelf: Shelf
    item_code: str
    item_name: str
    hall_name: str
    received_at: datetime
    terminal_id: str
    submission_id: str
    fault_count: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """Newest first; `next_page` is the number of the next page, None on the last."""

    lines: tuple[CaseLine, ...]
    total: int
    next_page: int | None


@dataclass(frozen=True, slots=True)
class CaseAction:
    """One entry of the timeline."""

    state: CaseState
    actor: str
    at: datetime
    note: str


class Replacement(StrEnum):
    """What became of the case that a newer one was sent to replace."""

    REPLACED = "replaced"
    KEPT = "kept"  # decided or replaced before, of another person or item: look at both


@dataclass(frozen=True, slots=True)
class OlderCase:
    """The case that this one was sent to replace."""

    case_number: str
    replacement: Replacement


@dataclass(frozen=True, slots=True, repr=False)
class OpenedCase:
    """A case with its form in the clear; lives as long as the page is made."""

    case_number: str
    state: CaseState
    version: int
    hall_name: str
    terminal_id: str
    received_at: datetime
    closed_at: datetime | None
    item: ServiceItem | None
    opened: OpenedSubmission
    faults: tuple[FieldProblem, ...]
    actions: tuple[CaseAction, ...]
    superseded_by: str | None  # the newer case's number
    older: OlderCase | None

    @property
    def shelf(self) -> Shelf:
        """Where it stands in the lists."""
        return _shelf(self.state.value, self.superseded_by)


def _shelf(state: str, superseded_by: str | None) -> Shelf:
    return Shelf(state) if superseded_by is None else Shelf.SUPERSEDED


@dataclass(frozen=True, slots=True, repr=False)
class OpenedPaper:
    """A part in the clear and what the form says it is."""

    number: int
    media_type: str
    data: bytes


def _item_names(connection: Connection, codes: set[str]) -> dict[str, str]:
    rows = connection.execute(
        select(items.c.code, items.c.body).where(items.c.code.in_(codes)).order_by(items.c.version)
    )
    return {row.code: json.loads(row.body).get("name", row.code) for row in rows}


def count_shelves(connection: Connection) -> dict[Shelf, int]:
    """How many there are of each."""
    counts = dict.fromkeys(Shelf, 0)
    is_superseded = cases.c.superseded_by.is_not(None).label("is_superseded")
    by_case = select(cases.c.state, is_superseded, func.count().label("n")).group_by(
        cases.c.state, is_superseded
    )
    for row in connection.execute(by_case):
        counts[Shelf.SUPERSEDED if row.is_superseded else Shelf(row.state)] += row.n
    open_states = (
        select(submissions.c.state, func.count().label("n"))
        .where(submissions.c.state.in_((STORED, REJECTED)))
        .group_by(submissions.c.state)
    )
    for row in connection.execute(open_states):
        counts[Shelf.ARRIVING if row.state == STORED else Shelf.REJECTED] = row.n
    return counts


def list_cases(
    connection: Connection, shelf: Shelf | None, *, page: int = 1, search: str = ""
) -> CasePage:
    """`shelf` None lists all cases; `search` is a part of a case number."""
    if shelf in (Shelf.ARRIVING, Shelf.REJECTED):
        return _list_open(connection, shelf, page)
    query = select(cases, halls.c.name.label("hall_name")).join(
        halls, halls.c.code == cases.c.hall_code, isouter=True
    )
    if shelf is Shelf.SUPERSEDED:
        query = query.where(cases.c.superseded_by.is_not(None))
    elif shelf is not None:
        query = query.where(cases.c.state == shelf.value, cases.c.superseded_by.is_(None))
    if search:
        query = query.where(cases.c.case_number.contains(search, autoescape=True))
    rows, total, following = _page(connection, query, cases.c.received_at.desc(), page)
    names = _item_names(connection, {row.item_code for row in rows})
    lines = tuple(
        CaseLine(
            row.case_number,
            _shelf(row.state, row.superseded_by),
            row.item_code,
            names.get(row.item_code, row.item_code),
            row.hall_name or row.hall_code,
            row.received_at,
            row.terminal_id,
            row.submission_id,
            len(json.loads(row.faults)),
        )
        for row in rows
    )
    return CasePage(lines, total, following)


def _list_open(connection: Connection, shelf: Shelf, page: int) -> CasePage:
    state = STORED if shelf is Shelf.ARRIVING else REJECTED
    query = select(submissions).where(submissions.c.state == state)
    rows, total, following = _page(connection, query, submissions.c.received_at.desc(), page)
    names = _item_names(connection, {row.item_code for row in rows})
    lines = tuple(
        CaseLine(
            "",
            shelf,
            row.item_code,
            names.get(row.item_code, row.item_code),
            "",
            row.received_at,
            row.terminal_id,
            row.submission_id,
            0,
            Problem.model_validate_json(row.problem).title if row.problem else "",
        )
        for row in rows
    )
    return CasePage(lines, total, following)


def _page(
    connection: Connection, query: Select[Any], order: Any, page: int
) -> tuple[list[Row[Any]], int, int | None]:
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = connection.execute(
        query.order_by(order).limit(PAGE_CASES).offset((page - 1) * PAGE_CASES)
    ).all()
    return list(rows), total, page + 1 if page * PAGE_CASES < total else None


def find_case(platform: Platform, case_number: str) -> OpenedCase | None:
    """The case with its form opened; None for an unknown number or a key that is gone."""
    with platform.database.read() as connection:
        case = connection.execute(
            select(cases, halls.c.name.label("hall_name"))
            .join(halls, halls.c.code == cases.c.hall_code, isouter=True)
            .where(cases.c.case_number == case_number)
        ).one_or_none()
        row = case and find_submission(connection, case.terminal_id, case.submission_id)
        if case is None or row is None:
            return None
        item = find_item(connection, case.item_code, case.item_version)
        actions = _actions(connection, case_number)
        older = _find_older(connection, case)
    opened = open_envelope(platform, stored_envelope(row))
    if isinstance(opened, Problem):
        return None
    return OpenedCase(
        case_number=case_number,
        state=CaseState(case.state),
        version=case.version,
        hall_name=case.hall_name or case.hall_code,
        terminal_id=case.terminal_id,
        received_at=case.received_at,
        closed_at=row.closed_at,
        item=item,
        opened=opened,
        faults=FAULTS.validate_json(case.faults),
        actions=actions,
        superseded_by=case.superseded_by,
        older=older,
    )


def _find_older(connection: Connection, case: Row[tuple[object, ...]]) -> OlderCase | None:
    if case.supersedes is None:
        return None
    row = connection.execute(
        select(cases.c.case_number, cases.c.superseded_by).where(
            cases.c.terminal_id == case.terminal_id, cases.c.submission_id == case.supersedes
        )
    ).one_or_none()
    if row is None:  # still on its way, or never sent
        return None
    is_replaced = row.superseded_by == case.case_number
    return OlderCase(row.case_number, Replacement.REPLACED if is_replaced else Replacement.KEPT)


def _actions(connection: Connection, case_number: str) -> tuple[CaseAction, ...]:
    rows = connection.execute(
        select(case_actions)
        .where(case_actions.c.case_number == case_number)
        .order_by(case_actions.c.version)
    )
    return tuple(CaseAction(CaseState(r.state), r.actor, r.at, r.note) for r in rows)


def find_paper(platform: Platform, case: OpenedCase, number: int) -> OpenedPaper | None:
    """One part of a case in the clear; None when there is none of that number."""
    named = {part.number: part for part in case.opened.form.parts}
    if number not in named:
        return None
    data = open_part(platform, case.opened, number, named[number].digest)
    if isinstance(data, Problem):
        return None
    return OpenedPaper(number, named[number].media_type, data)
