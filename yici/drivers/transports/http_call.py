"""One HTTP/1.1 request with one deadline for all of it, over TCP or a Unix socket.

The time limits of the usual clients hold for each read: a device that sends a byte now and then
keeps them for ever. Here every step gets only what is left of the whole.

    reply = call(HttpEndpoint("192.0.2.7", 631), "POST", "/ipp/print", deadline_s=…, body=…)
"""

import errno
import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_SEND_STEP_BYTES = 256 << 10
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """Where to connect; `socket_path` wins over host and port, which then only fill `Host:`."""

    host: str
    port: int
    socket_path: str = ""


class CallFault(StrEnum):
    """Why there is no reply."""

    MISSING = "missing"  # nobody listens there, or no way to it
    NO_PERMISSION = "no_permission"
    SILENT = "silent"  # the deadline passed
    LOST = "lost"  # the connection broke
    NOT_HTTP = "not_http"  # what came is no HTTP, or far too much


class CallFailed(Exception):
    """No reply; with `reached` there was a connection, and something may have worked."""

    def __init__(self, fault: CallFault, *, reached: bool) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.reached = reached


@dataclass(frozen=True, slots=True)
class HttpReply:
    """`headers` have lower-case names."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def call(
    endpoint: HttpEndpoint,
    method: str,
    path: str,
    *,
    deadline_s: float,
    headers: Mapping[str, str] = _NO_HEADERS,
    body: bytes = b"",
    max_reply_bytes: int = 1 << 20,
) -> HttpReply:
    """The reply, whatever its status; `deadline_s` is on the monotonic clock.

    Raises CallFailed, nothing else. Host names are looked up by the system's resolver, whose own
    time limits hold for that step.
    """
    try:
        connected = _connect(endpoint, deadline_s)
    except OSError as error:
        raise CallFailed(_fault_of(error, CallFault.MISSING), reached=False) from error
    with connected:
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port)
        # http.client only ever asks its socket to send, to make a file and to close
        connection.sock = _DeadlineSocket(connected, deadline_s)
        try:
            everything = {**headers, "Connection": "close"}
            connection.request(method, path, body=body or None, headers=everything)
            return _read_reply(connection, max_reply_bytes)
        except OSError as error:
            raise CallFailed(_fault_of(error, CallFault.LOST), reached=True) from error
        except (http.client.HTTPException, ValueError) as error:
            broke_off = isinstance(error, http.client.IncompleteRead)
            fault = CallFault.LOST if broke_off else CallFault.NOT_HTTP
            raise CallFailed(fault, reached=True) from error


def _fault_of(error: OSError, otherwise: CallFault) -> CallFault:
    if isinstance(error, TimeoutError):
        return CallFault.SILENT  # a host that drops packets looks the same
    if error.errno in (errno.EACCES, errno.EPERM):
        return CallFault.NO_PERMISSION
    return otherwise


def _read_reply(connection: http.client.HTTPConnection, max_reply_bytes: int) -> HttpReply:
    with connection.getresponse() as response:
        received = response.read(max_reply_bytes + 1)
        if len(received) > max_reply_bytes:
            raise ValueError("the reply is too long")
        if response.length:  # a bounded read does not complain of a body that breaks off
            raise http.client.IncompleteRead(received)
        named = {name.lower(): value for name, value in response.getheaders()}
        return HttpReply(response.status, received, named)


def _connect(endpoint: HttpEndpoint, deadline_s: float) -> socket.socket:
    if not endpoint.socket_path:
        connected = socket.create_connection(
            (endpoint.host, endpoint.port), timeout=_left_s(deadline_s)
        )
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(_left_s(deadline_s))
        connected.connect(endpoint.socket_path)
    except OSError:
        connected.close()
        raise
    return connected


def _left_s(deadline_s: float) -> float:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


class _DeadlineSocket:
    """What http.client needs of a socket, each step with the time that is left."""

    def __init__(self, connected: socket.socket, deadline_s: float) -> None:
        self._socket = connected
        self._deadline_s = deadline_s

    def sendall(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        while view:
            self._socket.settimeout(_left_s(self._deadline_s))
            view = view[self._socket.send(view[:_SEND_STEP_BYTES]) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"  # noqa: S101 - http.client asks for nothing else
        return io.BufferedReader(_DeadlineReader(self._socket, self._deadline_s), 64 << 10)

    def close(self) -> None:
        """The owner closes it, after the reply was read."""


class _DeadlineReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline_s: float) -> None:
        self._socket = connected
        self._deadline_s = deadline_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left_s(self._deadline_s))
        return self._socket.recv_into(buffer)
