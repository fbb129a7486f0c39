"""The host's end of the control line: what the tests in the guest ask to be done at the reader.

One JSON object a line; each is answered by one: `{"ok": …}` or `{"error": "…"}`.

    {"order": "unplug", "after_s": 0.5}      the answer comes first, the plug later
    {"order": "plug"}
    {"order": "act", "name": "put_card", "argument": "…"}
    {"order": "fault", "name": "silent"}
    {"order": "milestone", "what": "…"}      how far the guest is
    {"order": "result", "test": …, "outcome": …, "seconds": …, "measured": …, "why": …}
    {"order": "end", "exit_code": 0}         of pytest
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from host.machine import Machine

from yici.drivers.id_card_reader.sam.twin import SamTwin


@dataclass(frozen=True, slots=True)
class Result:
    """How one test in the guest ended."""

    test: str
    outcome: str
    seconds: float
    measured: str = ""
    why: str = ""


@dataclass(slots=True)
class Report:
    """What the guest has said so far."""

    results: list[Result] = field(default_factory=list)
    milestones: dict[str, float] = field(default_factory=dict)  # what → seconds since the start
    has_ended: bool = False
    exit_code: int = 1  # of pytest in the guest


class Conversation:
    """Listens to one guest until it has ended."""

    def __init__(self, machine: Machine, twin: SamTwin, show: Callable[[Result], None]) -> None:
        self._machine = machine
        self._twin = twin
        self._show = show
        self._started_s = time.monotonic()
        self._pulls: list[threading.Timer] = []
        self.report = Report()

    def hold(self, *, deadline_s: float) -> Report:
        """Until the guest has ended, or until the monotonic `deadline_s`."""
        control = self._machine.control
        control.settimeout(0.5)
        unread = b""
        while not self.report.has_ended and time.monotonic() < deadline_s:
            try:
                heard = control.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not heard:  # the machine is off
                break
            *lines, unread = (unread + heard).split(b"\n")
            for line in lines:
                control.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        for pull in self._pulls:
            pull.cancel()
            pull.join()
        return self.report

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            order = json.loads(line)
            self._obey(order.pop("order"), order)
        except (OSError, ValueError, KeyError, TypeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {"ok": True}

    def _obey(self, order: str, words: dict[str, Any]) -> None:
        match order:
            case "unplug":
                self._unplug(words["after_s"])
            case "plug":
                self._twin.power_up()
                self._machine.plug_reader()
            case "act":
                self._twin.act(words["name"], words.get("argument", ""))
            case "fault":
                self._twin.set_fault(words["name"])
            case "milestone":
                self.report.milestones[words["what"]] = time.monotonic() - self._started_s
            case "result":
                result = Result(**words)
                self.report.results.append(result)
                self._show(result)
            case "end":
                self.report.has_ended = True
                self.report.exit_code = words["exit_code"]
            case _:
                raise ValueError(f"nobody knows the order {order!r}")

    def _unplug(self, after_s: float) -> None:
        if after_s == 0:
            self._machine.pull_reader()
            return
        pull = threading.Timer(after_s, self._machine.pull_reader)
        self._pulls.append(pull)
        pull.start()
