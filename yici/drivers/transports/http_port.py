"""The HTTP side of a twin: a small server on loopback that can be unplugged and misbehave.

port = HttpPort(answer)          # answer: HttpRequest → HttpAnswer
port.plug_in()
port.set_line_fault(LineTrouble.SILENT)
port.unplug()                    # every connection breaks off; the same port number later
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_MAX_HEAD_BYTES = 32 << 10
_MAX_BODY_BYTES = 256 << 20
_IDLE_S = 60.0
_GARBAGE = b"\x00\xff\x16\x03garbage\r\n\xfe" * 20
_PHRASES = {200: "OK", 201: "Created", 404: "Not Found", 409: "Conflict", 503: "Unavailable"}


class LineTrouble(StrEnum):
    """What every device on a network can have."""

    NONE = "none"
    SILENT = "silent"  # takes everything, answers nothing
    GARBAGE = "garbage"  # answers what is no HTTP
    SLOW = "slow"  # answers, but late


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`cut_after`: break the connection off after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


class _Gone(Exception):
    """The other end closed, or talks no HTTP."""


class HttpPort:
    """Orders may come from any thread; `answer` is called from one thread per connection."""

    def __init__(
        self,
        answer: Callable[[HttpRequest], HttpAnswer],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        slow_s: float = 3.0,
    ) -> None:
        self._answer = answer
        self._host, self.port = host, port
        self._slow_s = slow_s
        self._changed = threading.Condition()
        self._trouble = LineTrouble.NONE
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()

    @property
    def host(self) -> str:
        return self._host

    @property
    def is_plugged_in(self) -> bool:
        return self._listener is not None

    def set_line_fault(self, trouble: LineTrouble) -> None:
        """One at a time; NONE ends it, and calls that were held are answered then."""
        with self._changed:
            self._trouble = trouble
            self._changed.notify_all()

    def plug_in(self) -> None:
        """Listen, on the same port as before; raises OSError when somebody else has it."""
        with self._changed:
            if self._listener is not None:
                return
            listener = socket.create_server((self._host, self.port), backlog=16)
            self.port = listener.getsockname()[1]
            self._listener = listener
            self._start(lambda: self._accept(listener), "twin-http-accept")

    def unplug(self) -> None:
        """Reset every connection and end the threads; may be called twice."""
        with self._changed:
            listener, self._listener = self._listener, None
            if listener is None:
                return
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            listener.close()
            for connection in self._connections:
                _reset(connection)
            threads = set(self._threads)
            self._changed.notify_all()
        for thread in threads - {threading.current_thread()}:
            thread.join(timeout=10)

    def wait(self, seconds: float) -> bool:
        """Sleep unless it is unplugged meanwhile; whether it is still plugged in."""
        with self._changed:
            self._changed.wait_for(lambda: self._listener is None, seconds)
            return self._listener is not None

    def _start(self, work: Callable[[], None], name: str) -> None:
        def run() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # unplugged
            with self._changed:
                if self._listener is not listener:
                    connection.close()
                    return
                self._connections.add(connection)
                self._start(lambda c=connection: self._serve(c), "twin-http")  # type: ignore[misc]  # mypy infers no type for a default

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_IDLE_S)
        stream = _Stream(connection)
        try:
            while self._serve_one(stream):
                pass
        except (OSError, _Gone, ValueError):
            pass  # ValueError: a number that is none
        finally:
            with self._changed:
                self._connections.discard(connection)
                connection.close()

    def _serve_one(self, stream: "_Stream") -> bool:
        """Whether the connection stays open for another request."""
        request = stream.read_request()
        trouble = self._pass_trouble()
        if trouble is LineTrouble.GARBAGE:
            stream.connection.sendall(_GARBAGE)
            return False
        if not self.is_plugged_in:
            return False
        return stream.send(self._answer(request))

    def _pass_trouble(self) -> LineTrouble:
        """What holds for this call, after it was held back as long as it has to be."""
        with self._changed:
            trouble = self._trouble

            def over() -> bool:
                return self._trouble is not trouble or self._listener is None

            if trouble is LineTrouble.SILENT:
                self._changed.wait_for(over)
            elif trouble is LineTrouble.SLOW:
                self._changed.wait_for(over, self._slow_s)
            return trouble


class _Stream:
    """One connection, request by request."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._held = bytearray()

    def read_request(self) -> HttpRequest:
        head = self._until(b"\r\n\r\n", _MAX_HEAD_BYTES).decode("latin-1")
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise _Gone
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if "100-continue" in headers.get("expect", "").lower():
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return HttpRequest(words[0], words[1], headers, self._body(headers))

    def send(self, answer: HttpAnswer) -> bool:
        lines = [f"HTTP/1.1 {answer.status} {_PHRASES.get(answer.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines += [f"Content-Length: {len(answer.body)}", "", ""]
        head = "\r\n".join(lines).encode("latin-1")
        if answer.cut_after is not None:
            self.connection.sendall(head + answer.body[: answer.cut_after])
            return False
        self.connection.sendall(head + answer.body)
        return True

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", "").lower():
            return self._exactly(int(headers.get("content-length", "0")))
        body = bytearray()
        while True:
            size = int(self._until(b"\r\n", 64).split(b";")[0], 16)
            body += self._exactly(size)
            self._until(b"\r\n", 64)
            if len(body) > _MAX_BODY_BYTES:
                raise _Gone
            if size == 0:
                return bytes(body)

    def _until(self, end: bytes, limit: int) -> bytes:
        while (place := self._held.find(end)) < 0:
            if len(self._held) > limit:
                raise _Gone
            self._receive()
        line = bytes(self._held[:place])
        del self._held[: place + len(end)]
        return line

    def _exactly(self, size: int) -> bytes:
        if not 0 <= size <= _MAX_BODY_BYTES:
            raise _Gone
        while len(self._held) < size:
            self._receive()
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _receive(self) -> None:
        received = self.connection.recv(64 << 10)
        if not received:
            raise _Gone
        self._held += received


def _reset(connection: socket.socket) -> None:
    """What a pulled cable and a restart look like to the other end; wakes the thread on it."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
