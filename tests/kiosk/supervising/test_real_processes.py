"""The supervisor with real processes: crash, hang, end, and what is left when it dies itself."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

DEADLINE_S = 40.0
SUPERVISE = Path(__file__).with_name("supervise.py")


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Terminal:
    """A supervisor and the sessions that it started."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.supervisor = subprocess.Popen(
            [sys.executable, str(SUPERVISE), str(folder)], env={**os.environ, **environment}
        )

    def sessions(self) -> dict[int, str]:
        """The newest word of every session that lives."""
        words = {}
        for mark in self.folder.iterdir():
            if mark.name.isdigit() and is_running(int(mark.name)):
                words[int(mark.name)] = mark.read_text()
        return words

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline_s, f"never {what}: {self.sessions()}"
            time.sleep(0.02)

    def on_screen(self) -> int:
        """The one that is shown, once there are exactly that one and a warm spare."""
        self.until(
            lambda: sorted(w.split()[0] for w in self.sessions().values()) == ["shown", "warm"],
            "one on the screen and a spare",
        )
        return next(pid for pid, word in self.sessions().items() if word.startswith("shown"))

    def order(self, pid: int, order: str) -> None:
        written = self.folder / f"{pid}.order"
        written.write_text(order)
        written.rename(self.folder / f"{pid}.do")

    def end(self) -> None:
        pids = list(self.sessions())
        if self.supervisor.poll() is None:
            self.supervisor.kill()
        self.supervisor.wait(DEADLINE_S)
        self.until(lambda: not any(is_running(pid) for pid in pids), "all gone")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    made.end()


def test_next_resident_gets_another_process_and_hears_how_the_last_one_ended(
    terminal: Terminal,
) -> None:
    first = terminal.on_screen()
    assert terminal.sessions()[first] == "shown", "the first of the day says no farewell"
    (spare,) = set(terminal.sessions()) - {first}
    terminal.order(first, "done finished+card")
    terminal.until(lambda: not is_running(first), "the first one gone")
    assert terminal.on_screen() == spare
    assert terminal.sessions()[spare] == "shown finished+card"


def test_killed_session_is_covered_by_the_spare(terminal: Terminal) -> None:
    for _ in range(3):
        active = terminal.on_screen()
        (spare,) = set(terminal.sessions()) - {active}
        os.kill(active, signal.SIGKILL)
        terminal.until(
            lambda spare=spare: terminal.sessions().get(spare, "").startswith("shown"),
            "the spare on the screen",
        )
        assert terminal.sessions()[spare] == "shown crashed"


def test_killed_spare_is_replaced_and_nobody_notices(terminal: Terminal) -> None:
    active = terminal.on_screen()
    (spare,) = set(terminal.sessions()) - {active}
    os.kill(spare, signal.SIGKILL)
    terminal.until(lambda: not is_running(spare), "the spare gone")
    assert terminal.on_screen() == active


def test_session_that_hangs_is_covered_and_ended(terminal: Terminal) -> None:
    hung = terminal.on_screen()
    terminal.order(hung, "hang")
    terminal.until(lambda: not is_running(hung), "the hung one gone")
    following = terminal.on_screen()
    assert terminal.sessions()[following] == "shown crashed"


def test_stopped_session_is_covered_too(terminal: Terminal) -> None:
    stopped = terminal.on_screen()
    os.kill(stopped, signal.SIGSTOP)
    terminal.until(lambda: not is_running(stopped), "the stopped one gone")
    assert terminal.on_screen() != stopped


def test_sessions_that_die_at_start_do_not_end_the_supervisor(terminal: Terminal) -> None:
    active = terminal.on_screen()
    (terminal.folder / "trouble").touch()
    (spare,) = set(terminal.sessions()) - {active}
    os.kill(spare, signal.SIGKILL)
    terminal.until(lambda: list(terminal.sessions()) == [active], "no spare")
    time.sleep(1.2)  # long enough for two tries that fail
    assert terminal.supervisor.poll() is None
    assert list(terminal.sessions()) == [active], "who is on the screen stays"
    (terminal.folder / "trouble").unlink()
    assert terminal.on_screen() == active


def test_sigterm_leaves_no_child(terminal: Terminal) -> None:
    terminal.on_screen()
    pids = list(terminal.sessions())
    terminal.supervisor.send_signal(signal.SIGTERM)
    assert terminal.supervisor.wait(DEADLINE_S) == 0
    assert not any(is_running(pid) for pid in pids)


def test_supervisor_that_is_killed_takes_its_sessions_along(terminal: Terminal) -> None:
    terminal.on_screen()
    pids = list(terminal.sessions())
    terminal.supervisor.kill()
    terminal.supervisor.wait(DEADLINE_S)
    terminal.until(lambda: not any(is_running(pid) for pid in pids), "the children gone")


def test_children_inherit_nothing_but_their_line(terminal: Terminal) -> None:
    active = terminal.on_screen()
    sockets = [
        entry
        for entry in Path(f"/proc/{active}/fd").iterdir()
        if str(entry.readlink()).startswith("socket:")
    ]
    assert len(sockets) == 1


def test_hardened_process_leaves_no_core_and_shows_its_memory_to_nobody() -> None:
    asked = (
        "import ctypes, os, resource;"
        "from yici.kiosk.supervising.hardening import harden_session;"
        "harden_session(os.getppid());"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    answer = subprocess.check_output([sys.executable, "-c", asked], text=True)
    assert answer.strip() == "(0, 0) 0"


def test_session_started_by_a_supervisor_that_is_gone_does_not_begin() -> None:
    asked = "from yici.kiosk.supervising.hardening import harden_session; harden_session(1 << 22)"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False)
    assert ended.returncode != 0


def test_systemd_is_told_when_ready_and_fed_while_somebody_is_on_the_screen(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(DEADLINE_S)
        folder = tmp_path / "sessions"
        folder.mkdir()
        terminal = Terminal(folder, NOTIFY_SOCKET=str(tmp_path / "notify"))
        try:
            assert systemd.recv(100) == b"READY=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            active = terminal.on_screen()
            assert active
        finally:
            terminal.end()
