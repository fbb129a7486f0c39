"""The fleet: terminals, enrolment codes, suspend and revoke."""

from datetime import datetime

from sqlalchemy import Connection, select
from starlette.responses import Response

from yici.contract.terminal import TerminalState
from yici.unified_platform.console.web import Visit, message_page, redirect, render
from yici.unified_platform.fleet.enrolment import (
    CodeStatus,
    NewCode,
    UnknownHall,
    list_codes,
    make_code,
)
from yici.unified_platform.fleet.terminals import list_terminals, set_state
from yici.unified_platform.storage.tables import halls


def show_terminals(visit: Visit) -> Response:
    """GET /terminals."""
    return _show(visit)


def _halls(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(select(halls.c.code, halls.c.name).order_by(halls.c.code))
    return [(row.code, row.name) for row in rows]


def _show(visit: Visit, made: NewCode | None = None) -> Response:
    with visit.platform.database.read() as connection:
        known = _halls(connection)
        terminals, codes = list_terminals(connection), list_codes(connection)
    return render(
        visit,
        "terminals.html",
        halls=known,
        hall_names=dict(known),
        terminals=terminals,
        codes=[(code, code_state(code, visit.platform.now())) for code in codes],
        made=made,
    )


def code_state(code: CodeStatus, now: datetime) -> str:
    """waiting, used or expired."""
    if code.terminal_id is not None:
        return "used"
    return "waiting" if code.expires_at > now else "expired"


def show_codes(visit: Visit) -> Response:
    """GET /terminals/codes: the table alone, which the page asks for by itself."""
    with visit.platform.database.read() as connection:
        known, codes = _halls(connection), list_codes(connection)
    now = visit.platform.now()
    return render(
        visit,
        "codes.html",
        hall_names=dict(known),
        codes=[(code, code_state(code, now)) for code in codes],
    )


def do_make_code(visit: Visit) -> Response:
    """POST /terminals/codes: the code is shown in this answer and never again."""
    try:
        made = make_code(visit.platform, hall_code=visit.form.get("hall", ""), made_by=visit.actor)
    except UnknownHall:
        return message_page(visit, "forbidden", 422)
    return _show(visit, made)


def do_set_state(visit: Visit) -> Response:
    """POST /terminals/{terminal}/state."""
    wanted = visit.form.get("state", "")
    if wanted not in {state.value for state in TerminalState}:
        return message_page(visit, "forbidden", 400)
    if not set_state(
        visit.platform, visit.path["terminal"], TerminalState(wanted), actor=visit.actor
    ):
        return message_page(visit, "not_found", 404)
    return redirect("/terminals")
