"""SIGKILL at any moment: what was promised is there, nothing is doubled, every row has its files.

A kill leaves the page cache alone, so these tests show the order of the steps; that each step is
synced before the next is shown by the system calls that `test_every_promise_was_synced_first`
counts.
"""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from kill_template import Template
from terminal_under_test import TerminalUnderTest, wait_until
from toy_platform import ToyPlatform

from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_states import OutboxState

ACCEPT_KILLS = 120
DELIVER_KILLS = 50
STRACE = shutil.which("strace")


def promised(state_dir: Path) -> dict[UUID, int]:
    """What the children said after `accept` had returned; a torn last line was no promise."""
    try:
        text = (state_dir / "promises").read_text()
    except FileNotFoundError:
        return {}
    whole = re.findall(r"^([0-9a-f-]{36}) (\d+)$", text, flags=re.MULTILINE)
    return {UUID(identifier): int(sequence) for identifier, sequence in whole}


def check_promises(state_dir: Path, kills: int, promises_dir: Path | None = None) -> int:
    """Everything promised is there once, whole; at most one more a kill. Returns the rows."""
    said = promised(promises_dir or state_dir)
    with OfflineCache.open(state_dir) as cache:
        cache.store.check()
        rows = {line.submission_id: line.sequence for line in cache.outbox.list_lines()}
        assert said.items() <= rows.items()
        assert len(rows) <= len(said) + kills
        assert sorted(rows.values()) == list(range(1, len(rows) + 1))
        assert all(cache.parts.holds_intact(digest) for digest in cache.outbox.named_digests())
    return len(rows)


def test_session_killed_at_random_moments(template: Template, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    source = random.Random(seed)
    unit_s = _time_of_one_child(template, tmp_path / "timed")
    state_dir = tmp_path / "state"
    state_dir.mkdir()
    for round_number in range(1, ACCEPT_KILLS + 1):
        ended_by = template.kill_round(
            "accept",
            state_dir,
            seed=source.randrange(2**32),
            delay_s=source.uniform(0.1, 1.5) * unit_s,
        )
        assert ended_by == signal.SIGKILL
        if round_number % 40 == 0:
            check_promises(state_dir, round_number)
    assert check_promises(state_dir, ACCEPT_KILLS) > ACCEPT_KILLS / 4
    with OfflineCache.open(state_dir) as cache:  # the dead sessions' pages are swept, no others
        named = cache.outbox.named_digests()
        assert cache.parts.sweep(cache.outbox.named_digests) is not None
        assert set(cache.parts.list_digests()) == named


def _time_of_one_child(template: Template, state_dir: Path) -> float:
    """Seconds that a child needs here for a few submissions: kills must fall inside its work."""
    state_dir.mkdir()
    times_s = []
    for _ in range(3):
        started_s = time.monotonic()
        assert template.kill_round("accept", state_dir, seed=1, delay_s=60, count=4) == 0
        times_s.append(time.monotonic() - started_s)
    return min(times_s)


def test_agent_killed_at_random_moments(
    template: Template, platform: ToyPlatform, tmp_path: Path
) -> None:
    terminal = TerminalUnderTest(platform, tmp_path / "state")
    source = random.Random(5)
    papers: dict[UUID, tuple[bytes, ...]] = {}
    for round_number in range(DELIVER_KILLS):
        while terminal.cache.outbox.backlog().pending < 6:
            sizes = [source.choice((10, 30_000, 300_000)) for _ in range(source.randrange(3))]
            content = tuple(source.randbytes(size) for size in sizes)
            papers[terminal.submit(*content).submission_id] = content
        ended_by = template.kill_round(
            "deliver",
            terminal.state_dir,
            seed=round_number,
            delay_s=source.uniform(0.02, 0.25),
            url=platform.url,
        )
        assert ended_by == signal.SIGKILL
    _release_the_wrongly_suspected(terminal)
    terminal.deliver_all()
    acknowledged = platform.acknowledged_ids()
    assert sorted(acknowledged) == sorted(papers)
    for submission_id, content in papers.items():
        assert platform.opened(submission_id)[1] == content
    lines = terminal.cache.outbox.list_lines()
    assert {line.state for line in lines} == {OutboxState.ERASED}
    assert "chain_broken" not in terminal.events()
    assert terminal.cache.events.find_break() is None
    terminal.cache.store.check()
    terminal.cache.parts.close()
    with terminal.delivering():
        wait_until(lambda: not list(terminal.cache.parts.list_digests()))
    terminal.close()


def _release_the_wrongly_suspected(terminal: TerminalUnderTest) -> None:
    """Three kills inside the narrow marked window set a submission apart; staff release it."""
    for line in terminal.cache.outbox.list_lines():
        if line.state is OutboxState.QUARANTINED:
            assert line.reason == "crashed_three_times"
            terminal.cache.outbox.release(line.submission_id)


# --- at chosen system calls

CALLS = ("pwrite64", "fdatasync", "write", "fsync", "rename")
MOST_POINTS = 80


class CannotTrace(Exception):
    """This machine does not let strace attach."""


def _strace(pid: int, *options: str) -> subprocess.Popen[str]:
    assert STRACE is not None
    tracer = subprocess.Popen(
        [STRACE, "-f", "-p", str(pid), *options], stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    ready, _, _ = select.select([tracer.stderr], [], [], 30)
    said = tracer.stderr.readline() if ready else ""
    if "attached" not in said:
        tracer.kill()
        tracer.communicate()
        raise CannotTrace(said.strip() or "no answer")
    return tracer


def traced_round(
    template: Template, state_dir: Path, *options: str, count: int = 2, **more: Any
) -> int:
    """A child under strace, by default one that accepts; the signal that ended it."""
    order = {"act": "accept", "state_dir": str(state_dir), "seed": 1, "count": count, **more}
    pid = int(template.ask(**order, stopped=True)["pid"])
    wait_until_stopped(pid)
    try:
        tracer = _strace(pid, *options)
    except CannotTrace:
        os.kill(pid, signal.SIGKILL)
        template.answer()
        raise
    os.kill(pid, signal.SIGCONT)
    ended = template.answer()
    tracer.communicate(timeout=30)
    assert ended["status"] == 0
    return int(ended["signal"])


def wait_until_stopped(pid: int) -> None:
    end_s = time.monotonic() + 30
    while " (" not in (stat := Path(f"/proc/{pid}/stat").read_text()) or ") T" not in stat:
        assert time.monotonic() < end_s
        time.sleep(0.001)


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: no kills at chosen calls")
@pytest.mark.parametrize("call", CALLS)
def test_session_killed_at_a_chosen_system_call(
    template: Template, tmp_path: Path, call: str
) -> None:
    killed, ended_by = 0, int(signal.SIGKILL)
    for point in range(1, MOST_POINTS + 1):
        state_dir = tmp_path / str(point)
        OfflineCache.open(state_dir).close()
        inject = f"inject={call}:signal=SIGKILL:when={point}"
        try:
            ended_by = traced_round(
                template, state_dir, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject
            )
        except CannotTrace as reason:
            pytest.skip(f"strace can't attach here: {reason}")
        check_promises(state_dir, 1)
        if not ended_by:
            break  # fewer calls than that: the sweep is complete
        killed += 1
    assert ended_by == 0
    assert killed > 1


AGENT_CALLS = ("fdatasync", "fsync", "unlink", "pwrite64", "sendto")


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: no kills at chosen calls")
@pytest.mark.parametrize("call", AGENT_CALLS)
def test_agent_killed_at_a_chosen_system_call(
    template: Template, platform: ToyPlatform, tmp_path: Path, call: str
) -> None:
    """One queue, one agent after the other, each killed a little later than the last."""
    terminal = TerminalUnderTest(platform, tmp_path / "state")
    papers: dict[UUID, tuple[bytes, ...]] = {}
    killed = 0
    for point in (1, 2, 3, 4, 5, 7, 9, 12, 16, 20):
        content = (b"paper" * point,)
        papers[terminal.submit(*content).submission_id] = content
        inject = f"inject={call}:signal=SIGKILL:when={point}"
        order = {"act": "deliver_once", "url": platform.url}
        options = ("-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        try:
            ended_by = traced_round(template, terminal.state_dir, *options, **order)
        except CannotTrace as reason:
            pytest.skip(f"strace can't attach here: {reason}")
        killed += ended_by == signal.SIGKILL
        terminal.cache.store.check()
        assert terminal.cache.outbox.named_digests() <= set(terminal.cache.parts.list_digests())
    assert killed > 0
    _release_the_wrongly_suspected(terminal)
    terminal.deliver_all()
    assert sorted(platform.acknowledged_ids()) == sorted(papers)
    assert all(platform.opened(each)[1] == content for each, content in papers.items())
    terminal.close()


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: system calls can't be seen")
def test_every_promise_was_synced_first(template: Template, tmp_path: Path) -> None:
    """Files synced, renamed, their directory synced, the log synced; only then the promise."""
    state_dir = tmp_path / "state"
    OfflineCache.open(state_dir).close()
    trace = tmp_path / "trace"
    names = "trace=openat,write,pwrite64,fsync,fdatasync,rename"
    try:
        traced_round(template, state_dir, "-y", "-o", str(trace), "-e", names, count=3, seed=4)
    except CannotTrace as reason:
        pytest.skip(f"strace can't attach here: {reason}")
    unsynced: set[str] = set()
    renamed_since_directory_sync = False
    promises = 0
    for line in trace.read_text().splitlines():
        target = re.search(r"(?:fsync|fdatasync|write|pwrite64)\(\d+<([^>]*)>", line)
        path = target.group(1) if target else ""
        if "rename(" in line:
            assert not any(".incoming" in each for each in unsynced)
            renamed_since_directory_sync = True
        elif "promises" in path:
            assert not unsynced
            assert not renamed_since_directory_sync
            promises += 1
        elif "sync(" in line:
            unsynced.discard(path)
            renamed_since_directory_sync &= not path.endswith("parts")
        elif ".incoming" in path or path.endswith("-wal"):
            unsynced.add(path)
    assert promises == 3
