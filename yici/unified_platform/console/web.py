"""What every page shares: session, language, origin and token checks, headers, deadlines."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from yici.unified_platform.accounts.staff import StaffSession, Touch, csrf_matches, find_session
from yici.unified_platform.app import Platform
from yici.unified_platform.console.cookies import Transport, cookie_name
from yici.unified_platform.console.language import Language, find_language, say
from yici.unified_platform.fleet.enrolment import TryLimit
from yici.unified_platform.intake.case_number import CHINA
from yici.unified_platform.storage.errors import StorageError

log = logging.getLogger("yici.platform.console")
LANGUAGE_COOKIE = "yici-language"
MAX_FORM_BYTES = 32 * 1024
DEADLINE_S = 30.0
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages stand on."""

    platform: Platform
    transport: Transport
    tries: TryLimit = field(default_factory=TryLimit)


@dataclass(frozen=True, slots=True, repr=False)
class Visit:
    """One request by somebody who may make it. `form` is empty unless it is a POST."""

    console: Console
    language: Language
    session: StaffSession | None
    token: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    url: str
    address: str

    @property
    def platform(self) -> Platform:
        return self.console.platform

    @property
    def actor(self) -> str:
        """The signed-in person's name."""
        return self.session.name if self.session else ""

    def say(self, key: str, **values: object) -> str:
        """A text in the visitor's language."""
        return say(self.language, key, **values)


Page = Callable[[Visit], Response]


def _local_time(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


_templates = Environment(
    loader=PackageLoader("yici.unified_platform.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["when"] = _local_time


def render(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page; every value is escaped."""
    other = Language.ENGLISH if visit.language is Language.CHINESE else Language.CHINESE
    text = _templates.get_template(template).render(
        t=visit.say,
        language=visit.language,
        other_language=other,
        url=visit.url,
        session=visit.session,
        **values,
    )
    return HTMLResponse(text, status)


def redirect(address: str) -> Response:
    """After a POST: the browser fetches the page anew."""
    return RedirectResponse(address, 303)


def message_page(visit: Visit, kind: str, status: int) -> Response:
    """`kind` names the title and text: not_found, forbidden, unavailable."""
    return render(visit, "message.html", status=status, kind=kind)


class _Access(StrEnum):
    ANYBODY = "anybody"
    STAFF = "staff"
    WATCHING = "watching"


def open_page(console: Console, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """For visitors who are not signed in."""
    return _guarded(console, page, _Access.ANYBODY)


def staff_page(console: Console, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """For signed-in staff; others are sent to sign in."""
    return _guarded(console, page, _Access.STAFF)


def watching_page(console: Console, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """For what a page asks by itself: does not keep the session alive."""
    return _guarded(console, page, _Access.WATCHING)


def _guarded(
    console: Console, page: Page, access: _Access
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visit = _visit(console, request, None, {})
        try:
            async with asyncio.timeout(DEADLINE_S):
                form = await _read_form(request)
                response = await to_thread.run_sync(
                    lambda: _answer(console, request, page, access=access, form=form),
                    abandon_on_cancel=True,
                )
        except ClientDisconnect:
            return Response(status_code=400)
        except (StorageError, TimeoutError) as error:
            log.warning("unavailable: %s", type(error).__name__)
            response = message_page(visit, "unavailable", 503)
        _put_headers(console, response, visit)
        return response

    return answer


def _answer(
    console: Console,
    request: Request,
    page: Page,
    *,
    access: _Access,
    form: Mapping[str, str] | None,
) -> Response:
    token = request.cookies.get(cookie_name(console.transport), "")
    touch = Touch.LOOK if access == _Access.WATCHING else Touch.USE
    session = find_session(console.platform, token, touch) if token else None
    visit = _visit(console, request, session, form or {})
    if request.method == "POST" and not _is_ours(request, form):
        return message_page(visit, "forbidden", 403)
    if access != _Access.ANYBODY:
        if session is None:
            return redirect("/sign-in?ended=1" if token else "/sign-in")
        if request.method == "POST" and not csrf_matches(session, (form or {}).get("csrf", "")):
            return message_page(visit, "forbidden", 403)
    return page(visit)


def _is_ours(request: Request, form: Mapping[str, str] | None) -> bool:
    """Every browser names the origin of a POST; anything else is not from our pages."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", "")
    return form is not None and origin == f"{request.url.scheme}://{host}"


async def _read_form(request: Request) -> dict[str, str] | None:
    """None for a body that is none of our forms."""
    if request.method != "POST":
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0]
    length = request.headers.get("content-length", "")
    known = length.isdecimal() and int(length) <= MAX_FORM_BYTES
    if kind != "application/x-www-form-urlencoded" or not known:
        return None
    body = await request.body()
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    return dict(pairs)


def _visit(
    console: Console,
    request: Request,
    session: StaffSession | None,
    form: Mapping[str, str],
) -> Visit:
    asked = find_language(request.query_params.get("language"))
    kept = find_language(request.cookies.get(LANGUAGE_COOKIE))
    return Visit(
        console=console,
        language=asked or kept or Language.CHINESE,
        session=session,
        token=request.cookies.get(cookie_name(console.transport), ""),
        path={key: str(value) for key, value in request.path_params.items()},
        query=dict(request.query_params),
        form=form,
        url=_without_language(request),
        address=request.client.host if request.client else "",
    )


def _without_language(request: Request) -> str:
    """This page's own address, ready for `language=…` to be added."""
    if request.method != "GET":
        return "/cases?"
    query = request.url.remove_query_params("language").query
    return f"{request.url.path}?{query}&" if query else f"{request.url.path}?"


def _put_headers(console: Console, response: Response, visit: Visit) -> None:
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    if console.transport is Transport.TLS:
        response.headers.update(_HSTS)
    if find_language(visit.query.get("language")) is not None:
        response.set_cookie(
            LANGUAGE_COOKIE,
            visit.language.value,
            max_age=31536000,
            httponly=True,
            samesite="strict",
            secure=console.transport is Transport.TLS,
        )
