"""The suites that drivers have to pass can fail: each of these bad drivers is caught."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

# what is wrong with the driver → the body of its class, and a test that has to notice
BAD_DRIVERS = {
    "always ready": (
        "def status(self): return DeviceStatus(DeviceKind.CODE_READER, DeviceState.READY)",
        "test_silent_device_is_never_called_ready",
    ),
    "lets the operating system's errors through": (
        "def status(self):\n"
        "        status = super().status()\n"
        "        if status.state is DeviceState.DISCONNECTED: raise OSError(5, 'I/O error')\n"
        "        return status",
        "test_unplugged_between_calls_and_back_without_a_restart",
    ),
    "stays away once it was lost": (
        "def _ask(self, *question):\n"
        "        if self._last_failure: raise self._fail(DeviceState.DISCONNECTED, 'line.lost')\n"
        "        return super()._ask(*question)",
        "test_terminal_starts_without_the_device",
    ),
    "waits without end": (
        "def _ask(self, question, body, timeout_s):\n"
        "        return super()._ask(question, body, 4.0)",
        "test_silent_device_is_never_called_ready",
    ),
    "keeps what it has seen": (
        "def find_code(self, timeout_ms):\n"
        "        self.last = super().find_code(timeout_ms)\n"
        "        return self.last",
        "test_what_a_code_said_is_in_no_diagnostics",
    ),
    "takes any address": (
        "pass\ndef connect(address): return BadReader(address)",
        "test_address_that_cannot_be_one_is_refused_at_once",
    ),
    "gives a code without its end": (
        "def find_code(self, timeout_ms):\n"
        "        seen = super().find_code(timeout_ms)\n"
        "        return seen and SeenCode(seen.content[:-1], seen.symbology)",
        "test_shown_code_is_read_as_it_was_made",
    ),
}

SUITE = """
from dataclasses import replace

from acme_reader.descriptor import DRIVER
from acme_reader.driver import AcmeReader
from acme_reader.driver import connect as good_connect
from yici.drivers.code_reader import SeenCode
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.proving.code_reader import CodeReaderSuite


def connect(address):
    good_connect(address)
    return BadReader(address)


class BadReader(AcmeReader):
    {body}


class TestBad(CodeReaderSuite):
    driver = replace(DRIVER, connect="bad_reader:connect")
    longest_recovery_s = 2.0
    longest_call_s = 2.5
"""


@pytest.mark.parametrize("fault", list(BAD_DRIVERS))
def test_bad_driver_is_caught(fault: str, tmp_path: Path) -> None:
    body, test = BAD_DRIVERS[fault]
    (tmp_path / "bad_reader.py").write_text(SUITE.format(body=body))
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = bad_reader.py\n")
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider",
         f"bad_reader.py::TestBad::{test}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{PROJECT / 'examples' / 'acme-reader'}:{tmp_path}"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )  # fmt: skip
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "1 failed" in answer.stdout, answer.stdout
