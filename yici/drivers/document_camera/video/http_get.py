"""One GET request to a camera's web server, with deadlines that a trickle can't stretch.

Redirects are not followed and no proxy is asked; a name and password in the URL become Basic
authentication (RFC 7617).
"""

import base64
import contextlib
import http.client
import socket
import ssl
import time
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

_CHUNK_BYTES: Final = 65536


class HttpFailed(Exception):
    """No answer, or none that can be used; says why in a word."""


class HttpAnswer:
    """The body of a 200, read as it comes. Raises HttpFailed from everything but `close`."""

    def __init__(self, url: str, *, accept: str, deadline_s: float) -> None:
        """Ask; `deadline_s` is monotonic."""
        parts = urlsplit(url)
        self._connection = _connection(parts, deadline_s)
        try:
            self._connection.connect()
            # kept, because http.client lets go of it when the server is going to close
            self._socket: socket.socket = self._connection.sock
            self._response = self._ask(parts, accept)
            if self._response.status != http.client.OK:
                raise HttpFailed(f"http_{self._response.status}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise HttpFailed(type(error).__name__) from None
        except HttpFailed:
            self.close()
            raise

    def _ask(self, parts: SplitResult, accept: str) -> http.client.HTTPResponse:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        self._connection.request("GET", path, headers=_headers(parts, accept))
        return self._connection.getresponse()

    @property
    def content_type(self) -> str:
        return self._response.headers.get("Content-Type", "")

    def read(self, *, deadline_s: float) -> bytes:
        """What has come, as soon as anything has; b"" at the end. `deadline_s` is monotonic."""
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise HttpFailed("too_slow")
        try:
            self._socket.settimeout(left_s)
            return self._response.read1(_CHUNK_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise HttpFailed(type(error).__name__) from None

    def close(self) -> None:
        """Hang up; may be called twice."""
        with contextlib.suppress(OSError):
            if (response := getattr(self, "_response", None)) is not None:
                response.close()
            self._connection.close()


def _connection(parts: SplitResult, deadline_s: float) -> http.client.HTTPConnection:
    timeout_s = max(0.1, deadline_s - time.monotonic())
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)


def _headers(parts: SplitResult, accept: str) -> dict[str, str]:
    headers = {"Accept": accept, "Cache-Control": "no-cache", "Connection": "close"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers
