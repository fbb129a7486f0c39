"""One resident leaves, or the screen's process is killed → the next session's first frame.

Real supervisor, real sessions, on Xvfb. The limit is a window with one rectangle, shown by a
process that is already running.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from benchmarks.measure import Measure, in_a_process, median, worst
from benchmarks.terminal import make_terminal, screen_environment
from yici.rehearsal.virtual_screen import VirtualScreen

CHANGES = 20
DEADLINE_S = 60.0
LIMIT = "an empty window of a running process, to its first frame"
Told = tuple[float, int, str]


class Terminal:
    """A supervisor with its sessions, and what it tells."""

    def __init__(self, settings: Path, environment: Mapping[str, str]) -> None:
        session = [sys.executable, "-m", "benchmarks.leaving_session", "--settings", str(settings)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.recording_supervisor", *session],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            text=True,
        )
        self._told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.active_pid = self.await_word("shown")[1]
        self.spare_pid = self.await_word("warm")[1]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            moment_s, pid, word = json.loads(line)
            self._told.put((moment_s, pid, word))

    def await_word(self, word: str) -> Told:
        """The next one that says this. Raises queue.Empty after a minute."""
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            told = self._told.get(timeout=max(0.01, deadline_s - time.monotonic()))
            if told[2] == word:
                return told

    def change(self, signal_number: int) -> tuple[float, Told, Told | None]:
        """When the signal was sent, the next `shown`, and `done` where one was said."""
        started_s = time.monotonic()
        os.kill(self.active_pid, signal_number)
        done = self.await_word("done") if signal_number == signal.SIGUSR1 else None
        shown = self.await_word("shown")
        self.active_pid = shown[1]
        self.spare_pid = self.await_word("warm")[1]
        return started_s, shown, done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)


def on_a_screen(work: Callable[[Path, dict[str, str]], list[Measure]]) -> list[Measure]:
    """Run with a fresh terminal's settings and the environment of a virtual screen."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with VirtualScreen(folder / "screen") as screen:
            environment = screen_environment(QT_QPA_PLATFORM="xcb", **screen.environment)
            return work(make_terminal(folder), environment)


def _measure(settings: Path, environment: dict[str, str]) -> list[Measure]:
    limit_ms = median(in_a_process("bare_window", "repeat", environment=environment))
    left_ms: list[float] = []
    killed_ms: list[float] = []
    with Terminal(settings, environment) as terminal:
        for _ in range(CHANGES):
            _, shown, done = terminal.change(signal.SIGUSR1)
            assert done is not None
            left_ms.append((shown[0] - done[0]) * 1000)
            started_s, shown, _ = terminal.change(signal.SIGKILL)
            killed_ms.append((shown[0] - started_s) * 1000)
    return [
        _row("resident leaves → next session's first frame", left_ms, limit_ms),
        _row("session killed → next session's first frame", killed_ms, limit_ms),
    ]


def _row(name: str, times_ms: list[float], limit_ms: float) -> Measure:
    return Measure(
        name,
        "ms",
        median(times_ms),
        worst(times_ms),
        len(times_ms),
        LIMIT,
        limit_ms,
        "p99 ≤ 50 ms",
        worst(times_ms) <= 50,
    )


def measure() -> list[Measure]:
    """Two measurements."""
    return on_a_screen(_measure)
