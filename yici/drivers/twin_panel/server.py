"""The panel's web page and its JSON API (Starlette), for loopback only.

    GET  /api/choices                 every card, paper, fault there is
    GET  /api/state?unlike=TAG        the desk; with the tag of a known state it waits for another
    POST /api/card     {persona}      DELETE /api/card
    POST /api/paper    {sample} or an image/jpeg or image/png body      DELETE /api/paper
    POST /api/printer/condition       {condition, is_set, after_rows}
    POST /api/fault    {device, fault}                 this fault alone
    POST /api/act      {device, act, argument}
    POST /api/cable    {device, is_plugged_in}
    GET  /api/slips    newest first   GET /slips/N.png
    GET  /api/screen.jpg?newer_than=N&width_px=W
                                      the virtual screen once it is newer than picture N, whose
                                      number is in X-Picture-Number; 204 when nothing changes
    GET  /api/screen.png              the same at once, in its own size, without loss
    POST /api/screen/events           {events: [{kind, x_px, y_px} | {kind: "key", key}]}

Orders answer with the desk's state, refusals with {code, message}.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.twin_panel.desk import Desk, Refused
from yici.drivers.twin_panel.guard import LoopbackGuard
from yici.drivers.twin_panel.screen.live import LiveScreen
from yici.drivers.twin_panel.screen.touch import UntouchableScreen
from yici.drivers.twin_panel.wire import (
    DoAct,
    LayPaper,
    PutCard,
    Refusal,
    ScreenEvents,
    SetCable,
    SetCondition,
    SetFault,
    SlipPicture,
)

_PAGE = Path(__file__).parent / "page"
_MAX_BODY_BYTES = 20 << 20
_STATE_WAIT_S = 15.0
_STATE_POLL_S = 0.15
_PICTURE_POLL_S = 1 / 30
_PICTURE_WAIT_S = 10.0
_LEAST_WIDTH_PX = 120

Model = TypeVar("Model", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]


class Panel:
    """The endpoints over one desk and, where there is one, one virtual screen."""

    def __init__(self, desk: Desk, screen: LiveScreen | None = None) -> None:
        self._desk = desk
        self._screen = screen
        self.stopping = asyncio.Event()

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/", _page_file("index.html")),
            Route("/api/choices", self._choices),
            Route("/api/state", self._state),
            Route("/api/card", self._put_card, methods=["POST"]),
            Route("/api/card", self._take_card, methods=["DELETE"]),
            Route("/api/paper", self._lay_paper, methods=["POST"]),
            Route("/api/paper", self._take_paper, methods=["DELETE"]),
            Route("/api/printer/condition", self._set_condition, methods=["POST"]),
            Route("/api/fault", self._set_fault, methods=["POST"]),
            Route("/api/act", self._act, methods=["POST"]),
            Route("/api/cable", self._set_cable, methods=["POST"]),
            Route("/api/slips", self._slips),
            Route("/slips/{number:int}.png", self._slip_picture),
            Route("/papers/{sample}.png", self._thumbnail),
            Route("/api/screen.jpg", self._next_picture),
            Route("/api/screen.png", self._screen_picture),
            Route("/api/screen/events", self._screen_events, methods=["POST"]),
            Mount("/page", StaticFiles(directory=_PAGE)),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(LoopbackGuard)],
            exception_handlers={Refused: _refused, UntouchableScreen: _screen_gone},
        )

    async def _choices(self, _: Request) -> Response:
        return _json(self._desk.choices())

    async def _state(self, request: Request) -> Response:
        unlike = request.query_params.get("unlike")
        deadline_s = time.monotonic() + _STATE_WAIT_S
        while True:
            state = await run_in_threadpool(self._desk.state)
            if self._screen is not None:
                state = state.model_copy(update={"screen": self._screen.state})
            body = state.model_dump_json().encode()
            tag = hashlib.sha256(body).hexdigest()[:16]
            if tag != unlike or time.monotonic() > deadline_s or self.stopping.is_set():
                headers = {"X-State-Tag": tag}
                return Response(body, media_type="application/json", headers=headers)
            await asyncio.sleep(_STATE_POLL_S)

    async def _put_card(self, request: Request) -> Response:
        order = await _read(request, PutCard)
        return await self._do(lambda: self._desk.put_card(order.persona))

    async def _take_card(self, _: Request) -> Response:
        return await self._do(self._desk.take_card)

    async def _lay_paper(self, request: Request) -> Response:
        if request.headers.get("content-type", "") in ("image/jpeg", "image/png"):
            picture = await _body(request)
            return await self._do(lambda: self._desk.lay_picture(picture))
        order = await _read(request, LayPaper)
        return await self._do(lambda: self._desk.lay_sample(order.sample))

    async def _take_paper(self, _: Request) -> Response:
        return await self._do(self._desk.take_paper)

    async def _set_condition(self, request: Request) -> Response:
        order = await _read(request, SetCondition)
        return await self._do(
            lambda: self._desk.set_condition(
                order.condition, is_set=order.is_set, after_rows=order.after_rows
            )
        )

    async def _set_fault(self, request: Request) -> Response:
        order = await _read(request, SetFault)
        return await self._do(lambda: self._desk.set_fault(order.device, order.fault))

    async def _act(self, request: Request) -> Response:
        order = await _read(request, DoAct)
        return await self._do(lambda: self._desk.act(order.device, order.act, order.argument))

    async def _set_cable(self, request: Request) -> Response:
        order = await _read(request, SetCable)
        return await self._do(
            lambda: self._desk.set_cable(order.device, is_plugged_in=order.is_plugged_in)
        )

    async def _do(self, order: Callable[[], None]) -> Response:
        await run_in_threadpool(order)
        return _json(await run_in_threadpool(self._desk.state))

    async def _slips(self, _: Request) -> Response:
        pictures = [
            SlipPicture(
                number=number,
                printed_at=slip.printed_at.isoformat(),
                height_px=slip.height_px,
                url=f"/slips/{number}.png",
            ).model_dump()
            for number, slip in enumerate(self._desk.slips, start=1)
        ]
        return JSONResponse(pictures[::-1])

    async def _slip_picture(self, request: Request) -> Response:
        number, slips = request.path_params["number"], self._desk.slips
        if not 1 <= number <= len(slips):
            return _refusal("unknown-slip", "That slip was not printed.", 404)
        return FileResponse(slips[number - 1].path, media_type="image/png")

    async def _thumbnail(self, request: Request) -> Response:
        try:
            sample = SamplePaper(request.path_params["sample"])
        except ValueError:
            return _refusal("unknown-sample", "There is no such sample paper.", 404)
        picture = await run_in_threadpool(self._desk.thumbnail, sample)
        return Response(picture, media_type="image/png")

    async def _next_picture(self, request: Request) -> Response:
        # asked for one by one, so that a slow viewer never lags behind a full pipe
        screen = self._get_screen()
        newer_than = _number(request, "newer_than", 0)
        width_px = max(_number(request, "width_px", screen.mirror.width_px), _LEAST_WIDTH_PX)
        deadline_s = time.monotonic() + _PICTURE_WAIT_S
        while not self.stopping.is_set() and time.monotonic() < deadline_s:
            picture = await run_in_threadpool(
                screen.mirror.find_picture, newer_than, width_px=width_px
            )
            if picture is not None:
                headers = {"X-Picture-Number": str(picture.number)}
                return Response(picture.jpeg, media_type="image/jpeg", headers=headers)
            await asyncio.sleep(_PICTURE_POLL_S)
        return Response(status_code=204)

    async def _screen_picture(self, _: Request) -> Response:
        picture = await run_in_threadpool(self._get_screen().mirror.png)
        return Response(picture, media_type="image/png")

    async def _screen_events(self, request: Request) -> Response:
        screen = self._get_screen()
        order = await _read(request, ScreenEvents)
        await run_in_threadpool(screen.apply, order.events)
        return Response(status_code=204)

    def _get_screen(self) -> LiveScreen:
        if self._screen is None:
            raise Refused("no-screen", "The terminal shows itself on a real screen.")
        return self._screen


def _page_file(name: str) -> Endpoint:
    async def answer(_: Request) -> Response:
        return FileResponse(_PAGE / name)

    return answer


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise Refused("too-large", "That is larger than 20 MB.")
    return body


async def _read(request: Request, model: type[Model]) -> Model:
    # a JSON type keeps other sites' plain forms out
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused("not-json", "Send application/json.")
    try:
        return model.model_validate_json(await _body(request))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Refused("invalid", f"{where}: {first['msg']}.") from error


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")


def _refusal(code: str, message: str, status_code: int) -> Response:
    return JSONResponse(Refusal(code=code, message=message).model_dump(), status_code)


async def _refused(_: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, Refused) else "refused"
    return _refusal(code, str(error), 400)


async def _screen_gone(_: Request, error: Exception) -> Response:
    return _refusal("screen-gone", str(error), 503)
