"""`yici run` as a person uses it: all of the product's processes, then Ctrl-C."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from yici.rehearsal.child import children_of

PORTS = [f"--{name}-port=0" for name in ("panel", "console", "terminals")]


def run_in(directory: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "yici", "run", "--directory", str(directory)]
    return subprocess.Popen(
        [*command, "--screen=virtual", *PORTS, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def started_from(directory: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(directory) in command and "pytest" not in command:
            found.append(command)
    return found


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Debian's xvfb")
def test_everything_comes_up_healthy_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with run_in(tmp_path) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C ends everything" in line:
                break
        panel = re.search(r"panel +(http://\S+)", said)
        console = re.search(r"console +(http://\S+)", said)
        assert panel is not None, said
        assert console is not None, said
        with requests.get(panel[1] + "api/state", timeout=60) as reply:
            assert reply.json()["screen"] == {"width_px": 1080, "height_px": 1920}
        with requests.get(console[1], timeout=60) as reply:
            assert reply.ok
        assert len(children_of(process.pid)) == 5  # screen, platform, twins, sync, terminal
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        assert process.wait(60) == 0, said
        assert "everything has ended" in said
    assert started_from(tmp_path) == []
    assert not (tmp_path / "processes.json").exists()


def test_start_that_fails_ends_what_was_started_and_names_the_log(tmp_path: Path) -> None:
    (tmp_path / "platform").write_text("a file where the data directory should be")
    with run_in(tmp_path) as process:
        said, _ = process.communicate(timeout=100)
        assert process.returncode == 1
    assert "platform ended by itself" in said
    assert str(tmp_path / "platform.log") in said
    assert started_from(tmp_path) == []
