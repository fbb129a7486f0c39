"""Requests with a deadline around the whole exchange, signed by the terminal's key.

A timeout per read never fires while a server sends a byte now and then, so every exchange runs
in a thread of its own; at the deadline its sockets are shut down under it.
"""

import queue
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from yici.contract.envelope.suites import get_suite
from yici.contract.request_signature import sign_request
from yici.kiosk.identity import TerminalIdentity
from yici.kiosk.sync.clock import PlatformClock
from yici.kiosk.sync.core import Result
from yici.kiosk.sync.reply import Reply, judge_reply

DEADLINE_S = 30.0
MAX_REPLY_BYTES = 16 * 1024 * 1024
_CONNECT_TIMEOUT_S = 10.0
_LINGER_S = 2.0
_PIECE_BYTES = 64 * 1024


class BadPlatformAddress(ValueError):
    """The platform's address is no http(s) URL."""


class TlsCheck(StrEnum):
    """How the other end's certificate is checked."""

    FULL = "full"
    # for a terminal whose own clock is dead: every date would be wrong; the pinned authority and
    # the host name still count, and the signed welcome then brings the time
    WITHOUT_DATES = "without_dates"
    NONE = "none"  # enrolment only: the answer's authentication code takes its place


_NO_CHECK_TIME = 0x200000  # OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python does not name


class _Lines:
    """Duplicates of the open sockets, to shut them down from another thread."""

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.RLock()  # a signal handler may cut while we close

    def add(self, duplicate: socket.socket) -> None:
        with self._lock:
            self._open.add(duplicate)

    def drop(self, duplicate: socket.socket) -> None:
        with self._lock:
            self._open.discard(duplicate)
        duplicate.close()

    def shut_down(self) -> None:
        with self._lock:
            for duplicate in tuple(self._open):
                try:
                    duplicate.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # already gone


class _Tracked:
    """Mixed into urllib3's connections: the duplicate also covers the TLS handshake."""

    lines: ClassVar[_Lines]
    _duplicate: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]  # urllib3's half
        self._duplicate = made.dup()
        self.lines.add(self._duplicate)
        return made

    def close(self) -> None:
        super().close()  # type: ignore[misc]  # urllib3's half
        if self._duplicate is not None:
            self.lines.drop(self._duplicate)
            self._duplicate = None


class _TrackingAdapter(HTTPAdapter):
    """One connection at a time, each known to `lines`."""

    def __init__(self, lines: _Lines, check: TlsCheck) -> None:
        self._lines, self._check = lines, check
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._check is TlsCheck.WITHOUT_DATES:
            context = create_urllib3_context()
            context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
            kwargs["ssl_context"] = context
        super().init_poolmanager(*args, **kwargs)
        plain = type("PlainLine", (_Tracked, HTTPConnection), {"lines": self._lines})
        tls = type("TlsLine", (_Tracked, HTTPSConnection), {"lines": self._lines})
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """Unsigned exchanges with one address. Not for two threads at once."""

    def __init__(
        self, platform_url: str, *, ca_path: Path | None, check: TlsCheck = TlsCheck.FULL
    ) -> None:
        address = urlsplit(platform_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise BadPlatformAddress(
                f"{platform_url!r} is not the address of a platform: "
                "give it as https://host or https://host:port."
            )
        self._url = platform_url.rstrip("/")
        self._check = check
        checked = check is not TlsCheck.NONE
        self._verify: bool | str = str(ca_path) if ca_path and checked else checked
        self._lines = _Lines()
        self._session = self._new_session()

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxy and no password from the environment
        session.mount("http://", _TrackingAdapter(self._lines, self._check))
        session.mount("https://", _TrackingAdapter(self._lines, self._check))
        return session

    def exchange(
        self,
        method: str,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        deadline_s: float,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> _Raw | None:
        """The reply as it came, or None when none came whole before the deadline."""
        answers: queue.SimpleQueue[_Raw | None] = queue.SimpleQueue()

        def carry() -> None:
            answers.put(self._carry(method, target, body, headers, max_reply_bytes))

        thread = threading.Thread(target=carry, name="sync-exchange", daemon=True)
        thread.start()
        try:
            answer = answers.get(timeout=deadline_s)
        except queue.Empty:
            self.abort()
            thread.join(_LINGER_S)
            self._session.close()
            self._session = self._new_session()
            return None
        thread.join(_LINGER_S)
        return answer

    def _carry(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], limit: int
    ) -> _Raw | None:
        try:
            with self._session.request(
                method,
                self._url + target,
                data=body or None,
                headers=dict(headers),
                timeout=(_CONNECT_TIMEOUT_S, DEADLINE_S),
                allow_redirects=False,
                stream=True,
                verify=self._verify,
            ) as response:
                pieces, size = [], 0
                for piece in response.iter_content(_PIECE_BYTES):
                    size += len(piece)
                    if size > limit:
                        return None
                    pieces.append(piece)
                return _Raw(response.status_code, dict(response.headers), b"".join(pieces))
        except (requests.RequestException, OSError, ValueError):
            return None

    def abort(self) -> None:
        """Cut every open connection; safe from another thread or a signal handler's flag."""
        self._lines.shut_down()

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


class Wire:
    """Signed exchanges of one enrolled terminal."""

    def __init__(
        self,
        line: Line,
        identity: TerminalIdentity,
        clock: PlatformClock,
    ) -> None:
        self._line = line
        self.identity = identity
        self.clock = clock

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> Reply:
        """`target` is path and query. Never raises for what the network does."""
        signed = sign_request(
            method,
            target,
            body,
            suite=get_suite(self.identity.suite_id),
            terminal_id=self.identity.terminal_id,
            private_key=self.identity.private_key,
            nonce=secrets.token_hex(16),
            created=self.clock.now(),
            headers=headers,
        )
        raw = self._line.exchange(
            method, target, body, signed, deadline_s=deadline_s, max_reply_bytes=max_reply_bytes
        )
        if raw is None:
            return Reply(Result.TRANSPORT)
        return judge_reply(raw.status, raw.headers, raw.body, self.identity)

    def abort(self) -> None:
        """Cut the exchange that is under way."""
        self._line.abort()

    def close(self) -> None:
        """Close idle connections."""
        self._line.close()
