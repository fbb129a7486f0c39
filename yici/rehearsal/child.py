"""One child process: its log file, its end within a deadline, and its leftovers."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TAIL_LINES = 8


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """Names a process beyond the reuse of its number: the kernel's start tick belongs to it."""

    pid: int
    started_tick: int


class Child:
    """A process in a session of its own, so that Ctrl-C reaches only the rehearsal."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        inherited: Sequence[int] = (),
    ) -> None:
        """Start it; its output is appended to `log`, `inherited` are file descriptors it keeps.

        Raises OSError when it can't be started.
        """
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                pass_fds=tuple(inherited),
                start_new_session=True,
            )
        self.mark = ProcessMark(self._process.pid, _find_started_tick(self._process.pid) or 0)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def wait(self, timeout_s: float) -> int | None:
        """Its exit code, or None when it still runs after the time."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, timeout_s: float) -> bool:
        """Ask it to end, then end its whole group; whether it ended by itself in time."""
        if self._process.poll() is None:
            self._process.terminate()
        ended_itself = self.wait(timeout_s) is not None
        _kill_group(self._process.pid)
        self._process.wait()
        return ended_itself

    def log_tail(self) -> str:
        """The last lines of its log."""
        return tail(self.log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop(5)


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log file; empty when there is none."""
    try:
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return ""


def stop_leftover(mark: ProcessMark, timeout_s: float) -> bool:
    """End a process group of an earlier run if it still is that process; whether it was there."""
    if mark.started_tick == 0 or _find_started_tick(mark.pid) != mark.started_tick:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(mark.pid, signal.SIGTERM)
    deadline_s = time.monotonic() + timeout_s
    while _find_started_tick(mark.pid) == mark.started_tick and time.monotonic() < deadline_s:
        time.sleep(0.05)
    _kill_group(mark.pid)
    return True


def children_of(pid: int) -> frozenset[int]:
    """The numbers of a process's living children."""
    children = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            fields = _find_stat(int(entry.name))
            if fields is not None and fields[1] == str(pid):
                children.add(int(entry.name))
    return frozenset(children)


def _kill_group(leader_pid: int) -> None:
    # the leader's number names the group; its children may outlive it
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader_pid, signal.SIGKILL)


def _find_started_tick(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat; None when there is no such process, or a zombie."""
    fields = _find_stat(pid)
    return None if fields is None else int(fields[19])


def _find_stat(pid: int) -> list[str] | None:
    """/proc/PID/stat from field 3, the state, on (proc(5)); None for none and for a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2]
    except OSError:
        return None
    fields = after_name.split()
    return None if fields[0] == "Z" else fields
