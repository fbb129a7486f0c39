"""Who may talk to the panel: this computer's own browser and programs, not other sites' pages."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yici.drivers.twin_panel.wire import Refusal

_LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]"}
_HARMLESS = {"GET", "HEAD"}
_SECURITY_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class LoopbackGuard:
    """ASGI middleware: loopback names only (DNS rebinding), no orders from foreign origins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _find_refusal(scope["method"], headers)
        if refusal is not None:
            response = JSONResponse(refusal.model_dump(), status_code=403)
            await response(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_SECURITY_HEADERS]
            await send(message)

        await self._app(scope, receive, send_guarded)


def _find_refusal(method: str, headers: Headers) -> Refusal | None:
    host = headers.get("host", "")
    if host.rpartition(":")[0] not in _LOOPBACK_NAMES and host not in _LOOPBACK_NAMES:
        return Refusal(
            code="foreign-host",
            message="The panel answers only to this computer: open it as http://127.0.0.1:PORT.",
        )
    origin = headers.get("origin")
    if method not in _HARMLESS and origin is not None and origin != f"http://{host}":
        return Refusal(
            code="foreign-origin",
            message="The panel takes orders only from its own page and from programs here.",
        )
    return None
