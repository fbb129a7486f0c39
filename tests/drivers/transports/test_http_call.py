"""HTTP calls to devices: one deadline for all of it, whatever the other end does."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yici.drivers.transports.http_call import CallFailed, CallFault, HttpEndpoint, call
from yici.drivers.transports.http_port import HttpAnswer, HttpPort, HttpRequest, LineTrouble

Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def server(serve: Serve, family: int = socket.AF_INET, path: str = "") -> Iterator[HttpEndpoint]:
    """One connection, answered by `serve`."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(path or ("127.0.0.1", 0))
    listener.listen()

    def run() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65536)
            serve(connection)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        port = 0 if path else listener.getsockname()[1]
        yield HttpEndpoint("127.0.0.1", port, path)
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)


def fault_of(endpoint: HttpEndpoint, *, limit_s: float = 10.0, max_bytes: int = 1000) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        call(
            endpoint,
            "GET",
            "/",
            deadline_s=time.monotonic() + limit_s,
            max_reply_bytes=max_bytes,
        )
    return failed.value


def drip(connection: socket.socket) -> None:
    """A byte every tenth of a second: each read is in time, the whole never ends."""
    for _ in range(600):
        connection.sendall(b"H")
        time.sleep(0.1)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
    drip(connection)


@pytest.mark.parametrize("serve", [drip, drip_body, lambda _: time.sleep(3)])
def test_server_that_never_ends_is_left_at_the_deadline(serve: Serve) -> None:
    started_s = time.monotonic()
    with server(serve) as endpoint:
        failed = fault_of(endpoint, limit_s=0.5)
        took_s = time.monotonic() - started_s
    assert (failed.fault, failed.reached) == (CallFault.SILENT, True)
    assert took_s < 20  # the drip alone lasts a minute


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (b"", CallFault.LOST),
        (b"\x00\xff\x16 what is this\r\n\r\n", CallFault.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", CallFault.LOST),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"a" * 5000, CallFault.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", CallFault.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CallFault.LOST),
    ],
)
def test_server_that_breaks_off_or_talks_nonsense_is_told(said: bytes, fault: CallFault) -> None:
    with server(lambda connection: connection.sendall(said)) as endpoint:
        failed = fault_of(endpoint)
    assert (failed.fault, failed.reached) == (fault, True)


def test_nobody_there_is_missing_and_certainly_without_effect(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for endpoint in (
        HttpEndpoint("127.0.0.1", port),
        HttpEndpoint("localhost", 631, str(tmp_path / "none.sock")),
    ):
        failed = fault_of(endpoint)
        assert (failed.fault, failed.reached) == (CallFault.MISSING, False)


def test_reply_over_a_unix_socket_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "cups.sock")
    with server(
        lambda connection: connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"),
        socket.AF_UNIX,
        path,
    ) as endpoint:
        reply = call(endpoint, "GET", "/", deadline_s=time.monotonic() + 10)
    assert (reply.status, reply.body) == (404, b"no")


def test_twins_port_answers_and_holds_calls_until_the_fault_is_over() -> None:
    def answer(request: HttpRequest) -> HttpAnswer:
        return HttpAnswer(200, request.body[::-1], {"X-Path": request.path})

    port = HttpPort(answer)
    port.plug_in()
    endpoint = HttpEndpoint("127.0.0.1", port.port)
    reply = call(endpoint, "POST", "/x", deadline_s=time.monotonic() + 10, body=b"abc")
    assert (reply.body, reply.headers["x-path"]) == (b"cba", "/x")
    port.set_line_fault(LineTrouble.SILENT)
    threading.Timer(0.2, port.set_line_fault, [LineTrouble.NONE]).start()
    assert call(endpoint, "GET", "/", deadline_s=time.monotonic() + 20).status == 200
    port.set_line_fault(LineTrouble.GARBAGE)
    assert fault_of(endpoint).fault is CallFault.NOT_HTTP
    port.unplug()
    assert fault_of(endpoint).fault is CallFault.MISSING
