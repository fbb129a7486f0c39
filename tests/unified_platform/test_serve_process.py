"""The server as a process: the command line, HTTPS, signals, and kill -9 in the middle."""

import json
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner, Result
from wire_terminal import CHUNK_BYTES, WireTerminal, enrol

from yici.contract.delivery import Outcome
from yici.unified_platform.cli import platform

COMMAND = [sys.executable, "-c", "from yici.unified_platform.cli import platform; platform()"]
DEADLINE_S = 60


@dataclass
class Served:
    """A server process and its two URLs."""

    process: "subprocess.Popen[str]"
    terminals_url: str
    console_url: str


@contextmanager
def served(data_dir: Path, *options: str) -> Iterator[Served]:
    """Killed at the end, unless the test has ended it."""
    anywhere = ["--terminals", "127.0.0.1:0", "--console", "127.0.0.1:0", "--json"]
    with (data_dir.parent / "stderr").open("a") as errors:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--data-dir", str(data_dir), *anywhere, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Served(process, ready["terminals"], ready["console"])
    finally:
        process.kill()
        process.wait(DEADLINE_S)
        if process.stdout is not None:
            process.stdout.close()


def run(*arguments: str, stdin: str = "") -> Result:
    """A command in this process: starting Python anew for each would cost seconds."""
    return CliRunner().invoke(platform, arguments, input=stdin)


def run_json(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_https_enrol_deliver_show_and_decide_by_command_line(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    place = ("--data-dir", str(data_dir))
    with served(data_dir) as server, requests.Session() as session:
        session.trust_env = False
        assert server.terminals_url.startswith("https://")
        code = run_json("new-code", *place)["code"]
        session.verify = False
        terminal = _enrol_without_trust(server.terminals_url, code, session)
        (tmp_path / "ca.pem").write_text(terminal.answer.ca_pem)
        session.verify = str(tmp_path / "ca.pem")
        paper = b"%PDF-1.4 test"
        sealed = terminal.seal((paper, "application/pdf"))
        assert terminal.deliver(sealed).outcome is Outcome.COMPLETE
        (line,) = run_json("submissions", "list", *place)
        number, out = line["case_number"], tmp_path / "out.pdf"
        shown = run_json("submissions", "show", number, *place, "--part", "1", "--out", str(out))
        assert shown["form"]["answers"]["name"] == "张示例"
        assert out.read_bytes() == paper
        refused = run("submissions", "decide", number, *place, "--refuse")
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
        decided = run_json("submissions", "decide", number, *place, "--accept")
        assert decided["state"] == "accepted"
        second = run("serve", *place)
        assert second.exit_code == 2
        assert "another server" in second.stderr
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(DEADLINE_S) == 0
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def _enrol_without_trust(url: str, code: str, session: requests.Session) -> WireTerminal:
    """The first connection trusts nobody: the answer's MAC is what counts."""
    import warnings

    from urllib3.exceptions import InsecureRequestWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureRequestWarning)
        return enrol(url, code, session)


def test_plain_http_is_refused_beyond_loopback(tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path / "data"), "--terminals", "0.0.0.0:0")
    done = run("serve", *place, "--plain-http")
    assert done.exit_code == 2
    assert "loopback" in done.stderr


def test_add_staff_takes_the_password_from_a_pipe_and_refuses_short_ones(tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path / "data"), "--name", "周敏")
    assert run("add-staff", *place, stdin="short\n").exit_code == 2
    assert run("add-staff", *place, stdin="long enough to take\n").exit_code == 0


def test_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Promised offsets are there after kill -9; every submission is acknowledged exactly once."""
    data_dir = tmp_path / "data"
    place = ("--data-dir", str(data_dir))
    chance = random.Random(20261125)
    promised: dict[str, int] = {}
    with requests.Session() as session:
        session.trust_env = False
        with served(data_dir, "--plain-http") as server:
            code = run_json("new-code", *place)["code"]
            terminal = enrol(server.terminals_url, code, session)
        submissions = [
            terminal.seal((secrets.token_bytes(CHUNK_BYTES * 6), "application/pdf"))
            for _ in range(5)
        ]
        for _ in range(4):
            with served(data_dir, "--plain-http") as server:
                terminal.url = server.terminals_url
                killer = threading.Thread(
                    target=_kill_after, args=(server.process, chance.uniform(0.05, 0.5))
                )
                killer.start()
                with suppress(requests.RequestException):
                    _deliver_all(terminal, submissions, promised)
                killer.join(DEADLINE_S)
        with served(data_dir, "--plain-http") as server:
            terminal.url = server.terminals_url
            _deliver_all(terminal, submissions, promised)
            verdicts = terminal.batch(*submissions)
        sequences = [terminal.acknowledgement(verdict).sequence for verdict in verdicts]
        assert sorted(sequences) == [1, 2, 3, 4, 5]
        numbers = [terminal.acknowledgement(verdict).case_number for verdict in verdicts]
        listed = run_json("submissions", "list", *place)
        assert sorted(numbers) == sorted(line["case_number"] for line in listed)


def _kill_after(process: "subprocess.Popen[str]", delay_s: float) -> None:
    time.sleep(delay_s)
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def _deliver_all(terminal: WireTerminal, submissions: list[Any], promised: dict[str, int]) -> None:
    for sealed in submissions:
        (verdict,) = terminal.batch(sealed)
        if verdict.outcome is Outcome.COMPLETE:
            continue
        (part,) = sealed.parts
        offset, length, fence = terminal.head(part.digest)
        assert offset >= promised.get(part.digest, 0), "a promised offset was lost"
        while offset < length:
            chunk = part.ciphertext[offset : offset + CHUNK_BYTES]
            reply = terminal.patch(part.digest, chunk, offset=offset, length=length, fence=fence)
            assert reply.status_code == 200, reply.text
            offset = promised[part.digest] = int(reply.json()["offset"])
