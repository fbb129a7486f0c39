"""What the processes of a terminal hold in memory: proportional set size (PSS), in MB.

The limit of a session is a process with one empty window; that of the others a bare interpreter.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.next_resident import Terminal, on_a_screen

INTERPRETER = "import time; print(flush=True); time.sleep(600)"


def pss_mb(pid: int) -> float:
    """Of one process. Raises PermissionError for a hardened one unless root asks."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(pid)


def _of_started(command: list[str], environment: Mapping[str, str]) -> float:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(environment), text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        return pss_mb(process.pid)
    finally:
        process.kill()
        process.communicate()


def _of_sync(settings: Path) -> float:
    """The agent once it looks for a platform that is not there."""
    agent = subprocess.Popen(
        [
            *(sys.executable, "-m", "yici", "sync", "--state-dir", str(settings.parent / "state")),
            *("--platform", "http://127.0.0.1:9"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        agent.wait(6)
    except subprocess.TimeoutExpired:
        return pss_mb(agent.pid)
    finally:
        agent.kill()
        agent.wait()
    raise RuntimeError(f"the sync agent ended with {agent.returncode}")


def _measure(settings: Path, environment: dict[str, str]) -> list[Measure]:
    window = [sys.executable, "-m", "benchmarks.bare_window", "first"]
    bare_window_mb = _of_started(window, environment)
    interpreter_mb = _of_started([sys.executable, "-c", INTERPRETER], environment)
    with Terminal(settings, environment) as terminal:
        held = {
            "session on the screen": (pss_mb(terminal.active_pid), bare_window_mb, 200),
            "session that waits warm": (pss_mb(terminal.spare_pid), bare_window_mb, 200),
            "supervisor": (pss_mb(terminal.process.pid), interpreter_mb, 40),
        }
    held["sync agent"] = (_of_sync(settings), interpreter_mb, 100)
    return [
        Measure(
            f"memory of the {name}",
            "MB",
            ours_mb,
            None,
            1,
            "an empty window's process" if limit_mb == bare_window_mb else "a bare interpreter",
            limit_mb,
            f"≤ {wanted_mb} MB",
            ours_mb <= wanted_mb,
        )
        for name, (ours_mb, limit_mb, wanted_mb) in held.items()
    ]


def measure() -> list[Measure]:
    """Four measurements."""
    return on_a_screen(_measure)
