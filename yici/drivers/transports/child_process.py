"""A process of our own around code that may crash, hang or scribble: question in, answer out.

    child = ChildProcess(Path("…/worker.py"))
    answer = child.ask(question, timeout_s=2.0)
    child.close()

The child talks over a socket pair in frames of a length and so many bytes. One that is late, dead
or talks nonsense is killed, and the next question starts another, after a rest that grows with
every failure in a row. It starts without our environment, standard streams and descriptors, limits
itself (see `child_end.py`), and dies with the thread that started it, so its calls come from one
thread that lives as long as the device.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from yici.drivers.transports.child_end import LARGEST_FRAME, LENGTH

REST_S = (0.0, 0.2, 1.0, 3.0, 10.0)  # after so many failures in a row
_REAP_S = 5.0
_SOURCES = Path(__file__).resolve().parents[3]  # where `yici` lies
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(_SOURCES),
    "PYTHONDONTWRITEBYTECODE": "1",
}


class ChildFault(StrEnum):
    """Why there is no answer."""

    HUNG = "hung"  # not in time; it was killed
    CRASHED = "crashed"
    GARBLED = "garbled"  # an answer of impossible size; it was killed
    RESTING = "resting"  # it failed just now, and is not started again yet


class ChildLost(Exception):
    """`failures` counts those in a row, this one included."""

    def __init__(self, fault: ChildFault, failures: int) -> None:
        super().__init__(f"the child process has {fault.value}, {failures} times in a row")
        self.fault = fault
        self.failures = failures


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the child may use of the machine."""

    memory_mb: int = 512  # of address space
    cpu_s: int = 3600  # in its whole life; a hanging loop is ended by the deadline long before


class ChildProcess:
    """One child, started by the first question. Not for several threads at once."""

    def __init__(
        self, worker: Path, *, beside: Path | None = None, limits: ChildLimits | None = None
    ) -> None:
        """`worker` is a Python file that calls `child_end.serve`.

        `beside` is a foreign library: its directory is where the child works and looks for
        further libraries and licences, as the makers' manuals take for granted.
        """
        self._worker = worker
        self._beside = beside
        self._limits = limits or ChildLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._peer: socket.socket | None = None
        self._failures = 0
        self._rests_until_s = 0.0

    @property
    def pid(self) -> int | None:
        """The running child's, or None; a child that has died since may still be named."""
        return None if self._process is None else self._process.pid

    def ask(self, question: bytes, *, timeout_s: float) -> bytes:
        """The child's answer. Raises ChildLost, also for a child that is not there yet."""
        deadline = time.monotonic() + timeout_s
        if self._peer is None:
            self._start()
        try:
            answer = self._exchange(question, deadline)
        except TimeoutError:
            raise self._lost(ChildFault.HUNG) from None
        except OSError:
            raise self._lost(ChildFault.CRASHED) from None
        if answer is None:
            raise self._lost(ChildFault.GARBLED)
        self._failures = 0
        return answer

    def close(self) -> None:
        """End the child; may be called twice."""
        if self._peer is not None:
            self._peer.close()
            self._peer = None
        if self._process is not None:
            with contextlib.suppress(OSError):  # whatever it has started goes with it
                os.killpg(self._process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_REAP_S)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self) -> None:
        if time.monotonic() < self._rests_until_s:
            raise ChildLost(ChildFault.RESTING, self._failures)
        ours, theirs = socket.socketpair()
        arguments = (theirs.fileno(), os.getpid(), self._limits.memory_mb, self._limits.cpu_s)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-s", "-P", self._worker, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=self._environment(),
                cwd=self._directory(),
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise self._lost(ChildFault.CRASHED) from None
        finally:
            theirs.close()
        self._peer = ours

    def _directory(self) -> Path:
        directory = self._beside.parent if self._beside is not None else Path("/")
        return directory if directory.is_dir() else Path("/")

    def _environment(self) -> dict[str, str]:
        if self._beside is None:
            return _ENVIRONMENT
        return {**_ENVIRONMENT, "LD_LIBRARY_PATH": str(self._directory())}

    def _exchange(self, question: bytes, deadline: float) -> bytes | None:
        """None for an answer of impossible size. Raises TimeoutError or another OSError."""
        self._wait_until(deadline).sendall(LENGTH.pack(len(question)) + question)
        size = LENGTH.unpack(self._receive(LENGTH.size, deadline))[0]
        return self._receive(size, deadline) if size <= LARGEST_FRAME else None

    def _receive(self, size: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            part = self._wait_until(deadline).recv(size - len(received))
            if not part:
                raise ConnectionResetError("the child has ended")
            received += part
        return bytes(received)

    def _wait_until(self, deadline: float) -> socket.socket:
        left_s = deadline - time.monotonic()
        if self._peer is None or left_s <= 0:
            raise TimeoutError
        self._peer.settimeout(left_s)
        return self._peer

    def _lost(self, fault: ChildFault) -> ChildLost:
        self.close()
        self._failures += 1
        self._rests_until_s = time.monotonic() + REST_S[min(self._failures, len(REST_S)) - 1]
        return ChildLost(fault, self._failures)
