import os
import sys
import time
from pathlib import Path

import pytest

from yici.rehearsal.child import ProcessMark, stop_leftover
from yici.rehearsal.process_table import ProcessTable, RehearsalFailed, Service, Step
from yici.rehearsal.readiness import get_free_port, listens, log_says


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-u", "-c", code)


def service(table: ProcessTable, name: str, code: str, **more: float) -> Service:
    return Service(name, python(code), log_says(table.log_of(name), "ready"), **more)


STAYS = "print('ready'); import time; time.sleep(600)"


def is_alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_services_end_in_the_opposite_order(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        f"    open({str(ends)!r}, 'a').write(sys.argv[1]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('ready'); time.sleep(600)"
    )
    with ProcessTable(tmp_path / "run") as table:
        for name in "abc":
            made = Service(name, (*python(code), name), log_says(table.log_of(name), "ready"))
            table.start(made)
        assert table.find_ended() is None
    assert ends.read_text() == "cba"


def test_command_that_fails_names_its_log_and_its_last_words(tmp_path: Path) -> None:
    with ProcessTable(tmp_path) as table:
        broken = service(table, "platform", "import sys; sys.exit('the disk is full')")
        with pytest.raises(RehearsalFailed) as caught:
            table.start(broken)
    sentence = str(caught.value)
    assert "platform ended by itself (exit code 1)" in sentence
    assert str(tmp_path / "platform.log") in sentence
    assert "the disk is full" in sentence


def test_command_that_does_not_exist(tmp_path: Path) -> None:
    with ProcessTable(tmp_path) as table:
        missing = Service("sync", (str(tmp_path / "no-such-program"),), lambda: True)
        with pytest.raises(RehearsalFailed, match="sync can't be started"):
            table.start(missing)


def test_service_that_never_gets_ready_is_given_up_and_ended(tmp_path: Path) -> None:
    with ProcessTable(tmp_path) as table:
        slow = service(table, "twins", "import time; time.sleep(600)", ready_within_s=0.3)
        with pytest.raises(RehearsalFailed, match="not ready within"):
            table.start(slow)
    assert not (tmp_path / "processes.json").exists()


def test_service_that_ends_later_is_noticed(tmp_path: Path) -> None:
    with ProcessTable(tmp_path) as table:
        table.start(service(table, "sync", "print('ready'); import time; time.sleep(0.5)"))
        deadline_s = time.monotonic() + 30
        while table.find_ended() is None and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert "sync ended by itself (exit code 0)" in (table.find_ended() or "")


def test_service_that_ignores_the_request_to_end_is_killed_with_its_children(
    tmp_path: Path,
) -> None:
    code = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(str(child.pid))\n"
        "print('ready'); child.wait()"
    )
    with ProcessTable(tmp_path / "run") as table:
        table.start(service(table, "deaf", code, stop_within_s=0.3))
        grandchild = int((tmp_path / "pids").read_text())
        assert is_alive(grandchild)
        assert table.stop("deaf") is False
    deadline_s = time.monotonic() + 20
    while is_alive(grandchild) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not is_alive(grandchild)


def test_second_rehearsal_in_the_same_place_is_refused(tmp_path: Path) -> None:
    with ProcessTable(tmp_path), pytest.raises(RehearsalFailed, match="Another rehearsal"):
        ProcessTable(tmp_path)


def test_leftovers_of_a_killed_run_are_ended_by_the_next(tmp_path: Path) -> None:
    killed_run = (
        "import os, sys, pathlib\n"
        "from yici.rehearsal.process_table import ProcessTable, Service\n"
        "from yici.rehearsal.readiness import log_says\n"
        f"table = ProcessTable(pathlib.Path({str(tmp_path)!r}))\n"
        "check = log_says(table.log_of('left'), 'ready')\n"
        f"table.start(Service('left', {python(STAYS)!r}, check))\n"
        "print(table._running['left'][1].pid, flush=True)\n"
        "os._exit(9)"
    )
    with ProcessTable(tmp_path / "outer") as outer, pytest.raises(RehearsalFailed):
        outer.run(Step("killed", python(killed_run)))
    with ProcessTable(tmp_path) as table:
        assert table.ended_leftovers == ["left"]


def test_reused_process_number_is_not_ended() -> None:
    assert stop_leftover(ProcessMark(os.getpid(), started_tick=1), timeout_s=0.1) is False


def test_cut_off_state_file_of_a_crashed_run_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('{"platform": {"pid": 1')
    with ProcessTable(tmp_path) as table:
        assert table.ended_leftovers == []


def test_step_gives_its_output_and_a_failing_step_its_log(tmp_path: Path) -> None:
    with ProcessTable(tmp_path) as table:
        echo = Step("echo", python("print(input()[::-1])"), input_text="abc\n")
        assert table.run(echo) == "cba\n"
        with pytest.raises(RehearsalFailed, match=r"(?s)enrol failed.*enrol\.log.*no such code"):
            table.run(Step("enrol", python("import sys; sys.exit('no such code')")))
        with pytest.raises(RehearsalFailed, match="did not finish within"):
            table.run(Step("slow", python("import time; time.sleep(600)"), within_s=0.3))


def test_taken_port_gives_way_to_a_free_one() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert listens(port)()
        other = get_free_port(port)
        assert other != port
    assert get_free_port(other) == other
    assert get_free_port(other, taken=[other]) != other
    assert 0 < get_free_port(0) < 32768
    assert not listens(other)()
