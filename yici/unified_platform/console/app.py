"""The console's pages, put together. It listens on an address of its own, never the terminals'."""

from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from yici.unified_platform.app import Platform
from yici.unified_platform.console import case_pages, sign_in_pages, terminal_pages
from yici.unified_platform.console.assets import ASSETS
from yici.unified_platform.console.cookies import Transport
from yici.unified_platform.console.papers import PaperShelf
from yici.unified_platform.console.web import (
    PAGE_HEADERS,
    Console,
    Page,
    Visit,
    message_page,
    open_page,
    redirect,
    staff_page,
    watching_page,
)

_GET, _POST = ["GET"], ["POST"]


def _home(visit: Visit) -> Response:
    del visit
    return redirect("/cases")


def _not_found(visit: Visit) -> Response:
    return message_page(visit, "not_found", 404)


async def _asset(request: Request) -> Response:
    found = ASSETS.get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    headers = {**PAGE_HEADERS, "Cache-Control": "public, max-age=300"}
    return FileResponse(found.path, media_type=found.media_type, headers=headers)


def console_app(platform: Platform, transport: Transport) -> Starlette:
    """The ASGI application of the staff's listener."""
    console = Console(platform, transport)
    pictures = partial(case_pages.picture_page, PaperShelf())

    def staff(path: str, page: Page, methods: list[str] = _GET) -> Route:
        return Route(path, staff_page(console, page), methods=methods)

    missing = open_page(console, _not_found)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        del error
        return await missing(request)

    return Starlette(
        routes=[
            Route("/assets/{name}", _asset, methods=_GET),
            Route("/sign-in", open_page(console, sign_in_pages.show_sign_in), methods=_GET),
            Route("/sign-in", open_page(console, sign_in_pages.do_sign_in), methods=_POST),
            staff("/sign-out", sign_in_pages.do_sign_out, _POST),
            staff("/", _home),
            staff("/cases", case_pages.show_list),
            staff("/cases/{number}", case_pages.show_case),
            staff("/cases/{number}/decision", case_pages.do_decide, _POST),
            staff("/cases/{number}/parts/{part}", case_pages.download_part),
            staff("/cases/{number}/parts/{part}/pages/{page}", pictures),
            staff("/terminals", terminal_pages.show_terminals),
            Route(
                "/terminals/codes",
                watching_page(console, terminal_pages.show_codes),
                methods=_GET,
            ),
            staff("/terminals/codes", terminal_pages.do_make_code, _POST),
            staff("/terminals/{terminal}/state", terminal_pages.do_set_state, _POST),
        ],
        exception_handlers={HTTPException: on_http_exception},
    )
