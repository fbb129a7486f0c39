"""The gate: sizes before reading, deadlines around everything, problem details for every error."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import ValidationError
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from yici.contract.enrolment import EnrolmentRequest
from yici.contract.problems import Problem, ProblemType, problem
from yici.contract.wire import PROTOCOL_HEADER, PROTOCOL_VERSION
from yici.unified_platform.app import Bell, Platform
from yici.unified_platform.fleet.enrolment import TryLimit, enrol
from yici.unified_platform.storage.errors import StorageError
from yici.unified_platform.storage.tables import changes, releases
from yici.unified_platform.terminal_api import handlers
from yici.unified_platform.terminal_api.endpoints import SIGNED, Endpoint
from yici.unified_platform.terminal_api.exchange import Call, Reply, problem_reply
from yici.unified_platform.terminal_api.openapi import ENROLMENT, openapi_document
from yici.unified_platform.terminal_api.signed_requests import (
    NonceMemory,
    RawRequest,
    authenticate,
)

T = TypeVar("T")
log = logging.getLogger("yici.platform.terminals")
BODY_DEADLINE_S = 60.0
WORK_DEADLINE_S = 60.0
LONGEST_WAIT_S = 50
WATCH_INTERVAL_S = 0.5
_THREADS = 32
_RETRY = {"Retry-After": "5"}


# an oversized body up to here is read and thrown away: a reply sent into a client that is still
# sending ends as a reset connection, and the client never learns that it should halve
DRAIN_BYTES = 32 * 1024 * 1024


class _TooLarge(Exception):
    pass


class TerminalGate:
    """State of one listener: nonces, enrolment tries, the bell of the long polls."""

    def __init__(self, platform: Platform, *, ca_pem: str = "") -> None:
        self._platform, self._ca_pem = platform, ca_pem
        self._nonces, self._tries = NonceMemory(), TryLimit()
        self._bell = Bell()
        self._waiting = 0
        self._threads: CapacityLimiter | None = None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads is None:  # made inside the loop that it serves
            self._threads = CapacityLimiter(_THREADS)
        async with asyncio.timeout(WORK_DEADLINE_S):
            return await to_thread.run_sync(work, limiter=self._threads, abandon_on_cancel=True)

    def signed(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The Starlette endpoint for one line of the table."""

        async def answer(request: Request) -> Response:
            return await self._guarded(request, endpoint.max_body_bytes, self._signed(endpoint))

        return answer

    def _signed(self, endpoint: Endpoint) -> Callable[[Request, bytes], Awaitable[Reply]]:
        async def run(request: Request, body: bytes) -> Reply:
            raw = RawRequest(request.method, _target(request), dict(request.headers), body)
            platform = self._platform
            terminal = await self._in_thread(lambda: authenticate(platform, self._nonces, raw))
            if isinstance(terminal, Problem):
                return problem_reply(terminal)
            call = Call(
                terminal,
                {key: str(value) for key, value in request.path_params.items()},
                dict(request.query_params),
                dict(request.headers),
                body,
            )
            if endpoint.handler is None:
                return await self._changes(call)
            handler = endpoint.handler
            result = await self._in_thread(lambda: handler(platform, call))
            return problem_reply(result) if isinstance(result, Problem) else result

        return run

    async def enrolment(self, request: Request) -> Response:
        """POST /v1/enrolments: not signed, so tries are counted by address."""
        return await self._guarded(request, ENROLMENT.max_body_bytes, self._enrol)

    async def _enrol(self, request: Request, body: bytes) -> Reply:
        address = request.client.host if request.client else ""
        wait_s = self._tries.begin(address)
        if wait_s:
            title = "too many wrong codes from this address; wait"
            return problem_reply(
                problem(ProblemType.TOO_MANY_REQUESTS, title), {"Retry-After": str(wait_s)}
            )
        try:
            asked = EnrolmentRequest.from_bytes(body)
        except ValidationError:
            return problem_reply(problem(ProblemType.BAD_REQUEST, "that is no enrolment request"))
        result = await self._in_thread(lambda: enrol(self._platform, asked, ca_pem=self._ca_pem))
        if isinstance(result, Problem):
            return problem_reply(result)
        self._tries.succeeded(address)
        return Reply(200, result)

    async def _changes(self, call: Call) -> Reply:
        loop = asyncio.get_running_loop()
        until = loop.time() + handlers.wait_s(call, LONGEST_WAIT_S)
        self._waiting += 1
        try:
            while True:
                feed = await self._in_thread(lambda: handlers.changes_now(self._platform, call))
                if isinstance(feed, Problem):
                    return problem_reply(feed)
                left_s = until - loop.time()
                if left_s <= 0 or handlers.is_news(call, feed.page, feed.etag):
                    return handlers.changes_reply(call, feed)
                await self._bell.wait(left_s)
        finally:
            self._waiting -= 1

    async def watch(self) -> None:
        """Rings the bell when any process has added a change or a release. Runs for ever."""
        seen: tuple[int | None, int | None] | None = None
        while True:
            await asyncio.sleep(WATCH_INTERVAL_S)
            if not self._waiting:
                seen = None
                continue
            with suppress(StorageError, TimeoutError):
                now = await self._in_thread(self._newest)
                if now != seen:
                    self._bell.ring()
                seen = now

    def _newest(self) -> tuple[int | None, int | None]:
        with self._platform.database.read() as connection:
            return (
                connection.scalar(select(func.max(changes.c.id))),
                connection.scalar(select(func.max(releases.c.version))),
            )

    async def _guarded(
        self,
        request: Request,
        max_body_bytes: int,
        run: Callable[[Request, bytes], Awaitable[Reply]],
    ) -> Response:
        try:
            async with asyncio.timeout(BODY_DEADLINE_S):
                body = await _read_body(request, max_body_bytes)
            reply = await run(request, body)
        except _TooLarge:
            title = f"the body is larger than {max_body_bytes} bytes"
            reply = problem_reply(problem(ProblemType.TOO_LARGE, title), {"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        except (StorageError, TimeoutError, OSError) as error:
            log.warning("unavailable: %s", type(error).__name__)
            title = "the platform can't store this now; try again"
            reply = problem_reply(problem(ProblemType.UNAVAILABLE, title), _RETRY)
        except Exception as error:  # noqa: BLE001 - the last line: no reply without a problem
            log.error("fault at %s: %s", request.scope.get("path", "")[:40], _where(error))
            reply = problem_reply(problem(ProblemType.INTERNAL, "a fault of the platform"), _RETRY)
        return _response(reply)


def _where(error: BaseException) -> str:
    """Type and place only: messages and values may be a resident's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"


def _target(request: Request) -> str:
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (raw_path + (b"?" + query if query else b"")).decode("latin-1")


async def _read_body(request: Request, max_bytes: int) -> bytes:
    stated = request.headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > DRAIN_BYTES:
        raise _TooLarge
    pieces, size, kept_bytes = [], 0, max_bytes if int(stated) <= max_bytes else 0
    async for piece in request.stream():
        size += len(piece)
        if size > DRAIN_BYTES:
            raise _TooLarge
        if size <= kept_bytes:
            pieces.append(piece)
        else:
            pieces.clear()
    if size > max_bytes:
        raise _TooLarge
    return b"".join(pieces)


def _response(reply: Reply) -> Response:
    headers = {PROTOCOL_HEADER: PROTOCOL_VERSION, **reply.headers}
    headers.setdefault("Cache-Control", "no-store")
    if reply.status == 304:
        return Response(status_code=304, headers=headers)
    return Response(reply.body, reply.status, headers, reply.media_type)


async def _http_exception(request: Request, error: Exception) -> Response:
    """Unknown paths and methods."""
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    kind = ProblemType.NOT_FOUND if status == 404 else ProblemType.BAD_REQUEST
    named = problem(kind, "there is nothing at this address").model_copy(update={"status": status})
    return _response(problem_reply(named, getattr(error, "headers", None) or {}))


def terminal_app(platform: Platform, *, ca_pem: str = "") -> Starlette:
    """The ASGI application of the terminals' listener."""
    gate = TerminalGate(platform, ca_pem=ca_pem)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        watcher = asyncio.create_task(gate.watch())
        yield
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher

    async def openapi(request: Request) -> Response:
        del request
        return _response(Reply(200, openapi_document()))

    routes = [Route(e.path, gate.signed(e), methods=[e.method]) for e in SIGNED]
    routes.append(Route(ENROLMENT.path, gate.enrolment, methods=[ENROLMENT.method]))
    routes.append(Route("/v1/openapi.json", openapi, methods=["GET"]))
    return Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _http_exception}
    )
