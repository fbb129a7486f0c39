"""The guest's end of the control line, its second serial port; see `host/orders.py`."""

import contextlib
import json
import os
import select
import threading
import time
import tty
from typing import Any, Final

_PORT: Final = "/dev/ttyS1"
_ANSWER_S: Final = 30.0


class HostRefused(Exception):
    """The host could not do what was asked."""


class Host:
    """What a test can have done at the card reader, from any thread."""

    def __init__(self) -> None:
        """Raises OSError where there is no second serial port: outside the guest."""
        self._port = os.open(_PORT, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        tty.setraw(self._port)
        self._guard = threading.Lock()

    def unplug(self, *, after_s: float = 0.0) -> None:
        """Pull the card reader's USB plug; with `after_s` this returns at once."""
        self.do("unplug", after_s=after_s)

    def plug(self) -> None:
        self.do("plug")

    def act(self, name: str, argument: str = "") -> None:
        """One of the reader's twin's acts."""
        self.do("act", name=name, argument=argument)

    def fault(self, name: str) -> None:
        """One of the reader's twin's faults."""
        self.do("fault", name=name)

    def do(self, order: str, **words: Any) -> None:
        """Raises HostRefused, or TimeoutError when the host doesn't answer."""
        with self._guard:
            self._send(json.dumps({"order": order, **words}).encode() + b"\n")
            answer = json.loads(self._line())
        if "error" in answer:
            raise HostRefused(answer["error"])

    def close(self) -> None:
        os.close(self._port)

    def _send(self, data: bytes) -> None:
        while data:
            select.select([], [self._port], [], _ANSWER_S)
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._port, data) :]

    def _line(self) -> bytes:
        line, deadline_s = b"", time.monotonic() + _ANSWER_S
        while not line.endswith(b"\n"):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not select.select([self._port], [], [], left_s)[0]:
                raise TimeoutError("the host does not answer on the control line")
            with contextlib.suppress(BlockingIOError):
                line += os.read(self._port, 1)
        return line
