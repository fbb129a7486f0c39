"""A session's process is started → its first frame. The limit: the same for one empty rectangle.

Both read their files from the page cache; after switching on, the disk comes on top.
"""

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Measure, median, worst
from benchmarks.next_resident import on_a_screen
from yici.kiosk.supervising.control import Word, new_line

STARTS = 6
DEADLINE_S = 60.0


def _start_session(settings: Path, environment: Mapping[str, str]) -> float:
    """Seconds until it has said `shown`, told to show itself as soon as it is warm."""
    line, theirs = new_line()
    started_s = time.monotonic()
    with theirs:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "yici", "session", "--settings", str(settings)),
                *("--control-fd", str(theirs.fileno())),
            ],
            pass_fds=(theirs.fileno(),),
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ)
            while time.monotonic() - started_s < DEADLINE_S:
                selector.select(1.0)
                heard = line.hear()
                if heard is None:
                    break
                words = {utterance.word for utterance in heard}
                if Word.WARM in words:
                    line.say(Word.SHOW)
                if Word.SHOWN in words:
                    return time.monotonic() - started_s
        raise RuntimeError("the session showed no frame")
    finally:
        process.kill()
        process.wait()
        line.close()


def _start_bare(environment: Mapping[str, str]) -> float:
    started_s = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare_window", "first"],
        stdout=subprocess.PIPE,
        env=dict(environment),
        text=True,
    )
    try:
        assert process.stdout is not None
        painted_s: float = json.loads(process.stdout.readline())
        return painted_s - started_s
    finally:
        process.kill()
        process.communicate()


def _measure(settings: Path, environment: dict[str, str]) -> list[Measure]:
    _start_session(settings, environment)  # brings the files into the page cache
    bare_ms, session_ms = [], []
    for _ in range(STARTS):
        bare_ms.append(_start_bare(environment) * 1000)
        session_ms.append(_start_session(settings, environment) * 1000)
    return [
        Measure(
            "process started → first frame",
            "ms",
            median(session_ms),
            worst(session_ms),
            STARTS,
            "an empty window's process, to its first frame",
            median(bare_ms),
            "≤ 2000 ms",
            worst(session_ms) <= 2000,
        )
    ]


def measure() -> list[Measure]:
    """One measurement."""
    return on_a_screen(_measure)
