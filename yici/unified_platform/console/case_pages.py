"""Lists of cases, one case, its papers, and the decision."""

from urllib.parse import quote

from starlette.responses import Response

from yici.unified_platform.cases.audit import AuditAction, list_audit, record
from yici.unified_platform.cases.decisions import Decision, DecisionFault, decide
from yici.unified_platform.cases.reading import (
    OpenedCase,
    Shelf,
    count_shelves,
    find_case,
    find_paper,
    list_cases,
)
from yici.unified_platform.console.case_view import view_case
from yici.unified_platform.console.papers import PaperShelf
from yici.unified_platform.console.picture_size import kind_of
from yici.unified_platform.console.web import PAGE_HEADERS, Visit, message_page, redirect, render
from yici.unified_platform.intake.case_number import normalise_case_number

_FILE_HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
_LONGEST_SEARCH = 40


def show_list(visit: Visit) -> Response:
    """GET /cases?shelf=…&q=…&page=…."""
    search = visit.query.get("q", "").strip()[:_LONGEST_SEARCH]
    named = visit.query.get("shelf", "" if search else Shelf.RECEIVED.value)
    shelf = next((s for s in Shelf if s.value == named), None)
    text = visit.query.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 else 1
    wanted = normalise_case_number(search) or search
    with visit.platform.database.read() as connection:
        counts = count_shelves(connection)
        found = list_cases(connection, shelf, page=max(page, 1), search=wanted)
    return render(
        visit,
        "cases.html",
        shelf=shelf,
        shelves=list(Shelf),
        counts=counts,
        search=search,
        found=found,
        page=max(page, 1),
        here=f"/cases?shelf={shelf.value if shelf else 'all'}&q={quote(search)}&page=",
    )


def show_case(visit: Visit) -> Response:
    """GET /cases/{number}; the reading is recorded."""
    return _show(visit)


def _show(
    visit: Visit, *, fault: DecisionFault | None = None, reason: str = "", status: int = 200
) -> Response:
    case = find_case(visit.platform, visit.path["number"])
    if case is None:
        return message_page(visit, "not_found", 404)
    _record(visit, AuditAction.CASE_READ, case)
    with visit.platform.database.read() as connection:
        readings = list_audit(connection, case.case_number, limit=20)
    done = visit.query.get("done", "")
    return render(
        visit,
        "case.html",
        status=status,
        case=case,
        view=view_case(case, visit.say),
        form=case.opened.form,
        readings=readings,
        fault=fault,
        reason=reason,
        done=done if done == case.state.value else "",
    )


def _record(visit: Visit, action: AuditAction, case: OpenedCase, detail: str = "") -> None:
    visit.platform.database.write(
        lambda connection: record(
            connection,
            action,
            actor=visit.actor,
            subject=case.case_number,
            detail=detail,
            at=visit.platform.now(),
        )
    )


def do_decide(visit: Visit) -> Response:
    """POST /cases/{number}/decision."""
    number, wanted = visit.path["number"], visit.form.get("decision", "")
    if wanted not in {d.value for d in Decision}:
        return message_page(visit, "forbidden", 400)
    decision = Decision(wanted)
    reason = visit.form.get("reason" if decision is Decision.REFUSE else "note", "")
    result = decide(visit.platform, number, decision, reason=reason, actor=visit.actor)
    if isinstance(result, DecisionFault):
        return _show(visit, fault=result, reason=reason, status=422)
    return redirect(f"/cases/{number}?done={result.state.value}")


def _part_number(visit: Visit) -> int:
    text = visit.path["part"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else -1


def download_part(visit: Visit) -> Response:
    """GET /cases/{number}/parts/{part}: as a file, never shown by the browser."""
    case = find_case(visit.platform, visit.path["number"])
    paper = find_paper(visit.platform, case, _part_number(visit)) if case else None
    if case is None or paper is None:
        return message_page(visit, "not_found", 404)
    _record(visit, AuditAction.PART_READ, case, str(paper.number))
    kind = kind_of(paper.data)
    name = f"{case.case_number}-{paper.number}.{kind.ending}"
    headers = {**_FILE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(paper.data, 200, headers, kind.media_type)


def picture_page(shelf: PaperShelf, visit: Visit) -> Response:
    """GET /cases/{number}/parts/{part}/pages/{page}: one page as a picture."""
    case = find_case(visit.platform, visit.path["number"])
    part, text = _part_number(visit), visit.path["page"]
    paper = find_paper(visit.platform, case, part) if case else None
    if case is None or paper is None or not (text.isascii() and text.isdecimal()):
        return Response(status_code=404)
    digest = next(p.digest for p in case.opened.form.parts if p.number == part)
    page = int(text[:4])
    picture = shelf.find_page((case.terminal_id, digest), paper.data, page)
    if picture is None:
        return Response(status_code=404)
    if page == 1:
        _record(visit, AuditAction.PART_READ, case, str(part))
    headers = {**_FILE_HEADERS, "Content-Disposition": "inline"}
    return Response(picture, 200, headers, kind_of(picture).media_type)
