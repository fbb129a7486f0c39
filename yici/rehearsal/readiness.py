"""Signs that a process is healthy, and free ports for it to listen on."""

import secrets
import socket
from collections.abc import Callable, Collection
from pathlib import Path

import requests

from yici.drivers.twin_panel.screen.framebuffer import Framebuffer, UnreadableScreen

_ASK_TIMEOUT_S = 1.0
_FREE_RANGE = range(20_000, 32_000)


def listens(port: int) -> Callable[[], bool]:
    """Something takes connections on this loopback port."""

    def check() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_ASK_TIMEOUT_S):
                return True
        except OSError:
            return False

    return check


def answers(url: str) -> Callable[[], bool]:
    """An HTTP GET of this loopback address succeeds."""

    def check() -> bool:
        try:
            with requests.get(url, timeout=_ASK_TIMEOUT_S) as reply:
                return reply.ok
        except requests.RequestException:
            return False

    return check


def log_says(log: Path, words: str) -> Callable[[], bool]:
    """The process has written these words since this check was made."""
    start = log.stat().st_size if log.exists() else 0

    def check() -> bool:
        try:
            with log.open("rb") as file:
                file.seek(start)
                return words.encode() in file.read()
        except OSError:
            return False

    return check


def shows_something(framebuffer: Path) -> Callable[[], bool]:
    """A virtual screen is no longer of one colour."""

    def check() -> bool:
        try:
            with Framebuffer(framebuffer) as screen:
                pixels = screen.copy()
        except UnreadableScreen:
            return False
        return bool((pixels != pixels[0, 0]).any())

    return check


def get_free_port(wanted: int, taken: Collection[int] = ()) -> int:
    """`wanted` when nobody has it on loopback, else (or for 0) a free one that is not `taken`.

    Free ones lie below the kernel's own range (32768 up): there, any outgoing connection could
    take the port before the server does.
    """
    choices = secrets.SystemRandom().sample(_FREE_RANGE, 200)
    for port in (wanted, *choices):
        if port and port not in taken and _is_free(port):
            return port
    raise OSError("this computer has no free port on loopback")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as servers do, so that a port in TIME_WAIT counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
