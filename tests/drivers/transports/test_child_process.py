"""A child process around foreign code: whatever it does, the question ends, the next one works."""

import ast
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yici.drivers.transports import child_process
from yici.drivers.transports.child_process import (
    ChildFault,
    ChildLimits,
    ChildLost,
    ChildProcess,
)

WORKER = Path(__file__).parent / "workers" / "odd_worker.py"
PATIENCE_S = 30.0


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    with ChildProcess(WORKER) as child:
        yield child
    assert child.pid is None


def fault_of(child: ChildProcess, question: bytes, timeout_s: float = PATIENCE_S) -> ChildFault:
    with pytest.raises(ChildLost) as lost:
        child.ask(question, timeout_s=timeout_s)
    return lost.value.fault


def ask_when_rested(child: ChildProcess, question: bytes) -> bytes:
    """After a failure the child rests; this waits for it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildLost):
            return child.ask(question, timeout_s=PATIENCE_S)
        time.sleep(0.05)
    raise AssertionError("the child never came back")


def facts(child: ChildProcess) -> Any:
    return ast.literal_eval(child.ask(b"facts", timeout_s=PATIENCE_S).decode())


def is_alive(pid: int) -> bool:
    """A zombie counts as dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_dead(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_child_answers_many_questions(child: ChildProcess) -> None:
    assert child.ask(b"echo one", timeout_s=PATIENCE_S) == b"one"
    pid = child.pid
    assert child.ask(b"echo two", timeout_s=PATIENCE_S) == b"two"
    assert len(child.ask(b"large", timeout_s=PATIENCE_S)) == 900_000
    assert child.pid == pid


def test_hanging_child_is_killed_at_the_deadline(child: ChildProcess) -> None:
    child.ask(b"echo", timeout_s=PATIENCE_S)
    pid = child.pid
    assert pid is not None
    assert fault_of(child, b"hang", timeout_s=0.2) is ChildFault.HUNG
    wait_until_dead(pid)
    assert ask_when_rested(child, b"echo again") == b"again"


@pytest.mark.parametrize("question", [b"crash", b"raise", b"eat"])
def test_crashing_child_costs_one_question(child: ChildProcess, question: bytes) -> None:
    assert fault_of(child, question) is ChildFault.CRASHED
    assert ask_when_rested(child, b"echo again") == b"again"


def test_answer_of_impossible_size_is_not_waited_for(child: ChildProcess) -> None:
    assert fault_of(child, b"babble") is ChildFault.GARBLED
    assert ask_when_rested(child, b"echo again") == b"again"


def test_failures_in_a_row_are_counted_and_rested_after(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "REST_S", (0.0, 1.5))
    assert fault_of(child, b"crash") is ChildFault.CRASHED
    assert fault_of(child, b"crash") is ChildFault.CRASHED  # the first may be chance: no rest
    with pytest.raises(ChildLost) as lost:
        child.ask(b"echo", timeout_s=PATIENCE_S)
    assert (lost.value.fault, lost.value.failures) == (ChildFault.RESTING, 2)
    assert child.pid is None
    assert ask_when_rested(child, b"echo well") == b"well"
    assert fault_of(child, b"crash") is ChildFault.CRASHED
    assert child.ask(b"echo", timeout_s=PATIENCE_S) == b""  # a good answer ended the row


def test_child_sees_nothing_of_ours(child: ChildProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YICI_SECRET", "resident")
    monkeypatch.setenv("LD_PRELOAD", "")
    with Path("/dev/null").open() as ours:
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003 - the function's own signature
        told = facts(child)
    assert set(told["environment"]) <= {
        "LC_ALL",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
    }
    assert told["descriptors"] <= 5  # three standard streams, the line, and the list itself
    assert told["third_party"] == []


def test_child_is_shut_in() -> None:
    with ChildProcess(WORKER, limits=ChildLimits(memory_mb=300, cpu_s=77)) as child:
        told = facts(child)
    assert told["dumpable"] == 0
    assert told["limits"] == {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_AS": 300 << 20,
        "RLIMIT_CPU": 77,
        "RLIMIT_NOFILE": 64,
    }


def test_child_writes_nothing_down(child: ChildProcess, tmp_path: Path) -> None:
    path = tmp_path / "leak"
    assert fault_of(child, b"write " + str(path).encode()) is ChildFault.CRASHED
    assert not path.exists() or path.read_bytes() == b""


def test_child_dies_with_a_parent_that_is_killed() -> None:
    parent = (
        "import sys, time\nfrom pathlib import Path\n"
        "from yici.drivers.transports.child_process import ChildProcess\n"
        f"child = ChildProcess(Path({str(WORKER)!r}))\n"
        "child.ask(b'echo', timeout_s=30)\nprint(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    pid = int(running.stdout.readline())
    assert is_alive(pid)
    running.kill()
    running.wait(PATIENCE_S)
    running.stdout.close()
    wait_until_dead(pid)


def test_child_dies_with_the_thread_that_started_it(child: ChildProcess) -> None:
    asking = threading.Thread(target=child.ask, args=(b"echo",), kwargs={"timeout_s": PATIENCE_S})
    asking.start()
    asking.join()
    assert child.pid is not None
    wait_until_dead(child.pid)
    assert fault_of(child, b"echo") is ChildFault.CRASHED
    assert ask_when_rested(child, b"echo again") == b"again"


def test_worker_that_is_no_program_is_a_crash(tmp_path: Path) -> None:
    with ChildProcess(tmp_path / "nothing.py") as child:
        assert fault_of(child, b"echo") is ChildFault.CRASHED


def test_a_row_of_crashes_leaves_no_descriptor_and_no_process_behind() -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    for _ in range(10):
        with ChildProcess(WORKER) as child:
            assert fault_of(child, b"crash") is ChildFault.CRASHED
    assert len(list(descriptors.iterdir())) == before
