"""The processes of a rehearsal as a table: each with its command, its sign of health, its log.

A *service* runs until it is stopped and is ready when its check says so; a *step* runs to its
end. Nothing here restarts a process: that is the product's own task.
"""

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from yici.rehearsal.child import Child, ProcessMark, stop_leftover, tail

_POLL_S = 0.1


class RehearsalFailed(Exception):
    """The message is a sentence for the person at the keyboard and names the log file."""


@dataclass(frozen=True, slots=True)
class Service:
    """A process that stays; `is_ready` is asked until it says yes or the time is over."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_within_s: float = 60.0
    stop_within_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """A process that ends; its standard output is the step's result."""

    name: str
    command: tuple[str, ...]
    input_text: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    within_s: float = 60.0


class ProcessTable:
    """Starts services in order and ends them in the opposite one.

    `directory` keeps one log per process, and the marks by which the next run finds what a run
    that was killed has left behind. One table at a time may use a directory.
    """

    def __init__(self, directory: Path) -> None:
        """End an earlier run's leftovers. Raises RehearsalFailed while another run is going."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._marks_path = directory / "processes.json"
        self._running: dict[str, tuple[Service, Child]] = {}
        self._further_marks: dict[str, ProcessMark] = {}
        self._lock = _lock(directory / "lock")
        self.ended_leftovers = _stop_leftovers(self._marks_path)

    @property
    def directory(self) -> Path:
        return self._directory

    def log_of(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def pid_of(self, name: str) -> int:
        """The process number of a running service."""
        return self._running[name][1].pid

    def remember(self, name: str, mark: ProcessMark) -> None:
        """Let the next run end this process too, should this run be killed."""
        self._further_marks[name] = mark
        self._write_marks()

    def start(self, service: Service) -> None:
        """Start it and wait until it is healthy. Raises RehearsalFailed."""
        log = self.log_of(service.name)
        try:
            child = Child(
                service.name,
                service.command,
                log=log,
                environment=os.environ | dict(service.environment),
            )
        except OSError as error:
            raise RehearsalFailed(f"{service.name} can't be started: {error}.") from error
        self._running[service.name] = (service, child)
        self._write_marks()
        deadline_s = time.monotonic() + service.ready_within_s
        while not service.is_ready():
            if child.exit_code is not None:
                raise RehearsalFailed(_ended_sentence(child))
            if time.monotonic() > deadline_s:
                raise RehearsalFailed(_late_sentence(service, log))
            time.sleep(_POLL_S)

    def run(self, step: Step) -> str:
        """Run it to its end; its standard output. Raises RehearsalFailed."""
        log = self.log_of(step.name)
        try:
            with log.open("ab") as errors:
                done = subprocess.run(
                    list(step.command),
                    input=step.input_text.encode(),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=os.environ | dict(step.environment),
                    timeout=step.within_s,
                    check=False,
                )
        except OSError as error:
            raise RehearsalFailed(f"{step.name} can't be started: {error}.") from error
        except subprocess.TimeoutExpired as error:
            raise RehearsalFailed(
                f"{step.name} did not finish within {step.within_s:.0f} s; see {log}.\n{tail(log)}"
            ) from error
        if done.returncode != 0:
            raise RehearsalFailed(
                f"{step.name} failed (exit code {done.returncode}); see {log}.\n{tail(log)}"
            )
        return done.stdout.decode("utf-8", "replace")

    def stop(self, name: str) -> bool:
        """Ask a service to end; whether it did so by itself, in its time."""
        service, child = self._running.pop(name)
        ended_itself = child.stop(service.stop_within_s)
        self._write_marks()
        return ended_itself

    def find_ended(self) -> str | None:
        """A sentence about a service that ended without being asked, if there is one."""
        for _, child in self._running.values():
            if child.exit_code is not None:
                return _ended_sentence(child)
        return None

    def close(self) -> list[str]:
        """End everything, last started first; the names of those that had to be killed."""
        killed = [name for name in reversed(list(self._running)) if not self.stop(name)]
        self._marks_path.unlink(missing_ok=True)
        os.close(self._lock)
        return killed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _write_marks(self) -> None:
        marks = {name: asdict(child.mark) for name, (_, child) in self._running.items()}
        marks |= {name: asdict(mark) for name, mark in self._further_marks.items()}
        self._marks_path.write_text(json.dumps(marks), "utf-8")


def _late_sentence(service: Service, log: Path) -> str:
    return (
        f"{service.name} runs, but was not ready within {service.ready_within_s:.0f} s; "
        f"see {log}.\n{tail(log)}"
    )


def _ended_sentence(child: Child) -> str:
    return (
        f"{child.name} ended by itself (exit code {child.exit_code}); see {child.log}.\n"
        f"{child.log_tail()}"
    )


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise RehearsalFailed(
            f"Another rehearsal is running from {path.parent}; end it with Ctrl-C, or choose "
            "another directory with --directory."
        ) from error
    return descriptor


def _stop_leftovers(marks_path: Path) -> list[str]:
    try:
        marks = json.loads(marks_path.read_text("utf-8"))
        found = {name: ProcessMark(**mark) for name, mark in marks.items()}
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, AttributeError):
        found = {}  # cut off by a crash: there is nothing to go by
    ended = [name for name, mark in reversed(found.items()) if stop_leftover(mark, timeout_s=5)]
    marks_path.unlink(missing_ok=True)
    return ended
