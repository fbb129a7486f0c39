"""Every codec against noise, damaged messages and hostile lengths; `make fuzz` goes on for longer.

The table of targets is `targets.py`.
"""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Finding, Target, check, hostile_inputs, mutations
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from targets import CONNECTS, TARGETS

from yici.drivers.registry import drivers

EXAMPLES = 60
RUNNER = Path(__file__).with_name("run.py")

each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@each_target
def test_any_bytes_give_a_value_or_an_allowed_error(target: Target) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(data=mutations(target))
    def holds(data: bytes) -> None:
        check(target, data)

    holds()


@each_target
def test_good_messages_are_taken(target: Target) -> None:
    """A target whose seeds are all refused would fuzz nothing but its first line."""
    check(target, b"")
    taken = 0
    for seed in target.seeds:
        check(target, seed)
        try:
            target.run(seed)
        except target.allowed:
            continue
        taken += 1
    assert taken


@each_target
def test_hostile_lengths_cost_neither_time_nor_memory(target: Target, traced: None) -> None:
    for data in hostile_inputs(target):
        check(target, data)


def test_names_are_unique() -> None:
    assert len({target.name for target in TARGETS}) == len(TARGETS)


def test_every_driver_is_connected_to_any_address_but_cameras() -> None:
    ours = {f"{driver.kind}.{driver.name}" for driver in drivers()}
    assert ours - set(CONNECTS) == {
        "document_camera.video",
        "face_camera.video",
        "code_reader.camera",
    }
    assert set(CONNECTS) <= ours


# --- the harness itself: each of these faults has to be found


def _raises_on_some_values(data: bytes) -> None:
    if data[:1] > b"\xf0":
        raise IndexError("beyond the end")


def _takes_long(data: bytes) -> None:
    sum(range(300_000 if len(data) > 3 else 0))


def _takes_much(data: bytes) -> bytes:
    return bytes(data[0] << 16) if data else b""


PLANTED = (
    Target("raises", _raises_on_some_values, (ValueError,)),
    Target("takes_long", _takes_long, max_cpu_s=0.001),
    Target("takes_much", _takes_much, max_peak_bytes=1 << 20),
)


@pytest.mark.parametrize("target", PLANTED, ids=lambda target: target.name)
def test_planted_fault_is_found(target: Target, traced: None) -> None:
    @settings(max_examples=300, phases=[Phase.generate], database=None, derandomize=True)
    @given(data=st.binary(max_size=8))
    def holds(data: bytes) -> None:
        check(target, data)

    with pytest.raises((Finding, BaseExceptionGroup)):
        holds()


def test_atheris_finds_what_is_hidden_behind_a_magic_word(tmp_path: Path) -> None:
    """Coverage leads it there; noise alone would need 2**32 tries. The input is kept."""
    (tmp_path / "planted.py").write_text(
        "from harness import Target\n"
        "def run(data):\n"
        "    from planted_codec import decode\n"
        "    return decode(data)\n"
        "TARGETS = (Target('planted', run, (ValueError,)),)\n"
    )
    (tmp_path / "planted_codec.py").write_text(
        "def decode(data):\n"
        "    if len(data) >= 4 and data[0] == 0x59:\n"
        "        if data[1] == 0x49:\n"
        "            if data[2] == 0x43:\n"
        "                if data[3] == 0x49:\n"
        "                    raise KeyError('beyond')\n"
        "    raise ValueError('no message')\n"
    )
    answer = subprocess.run(
        [sys.executable, str(RUNNER), "--seconds", "60", "--table", "planted",
         "--instrument", "planted_codec", "--out", str(tmp_path / "out")],
        env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )  # fmt: skip
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "planted" in answer.stdout
    assert "KeyError" in answer.stdout
    (kept,) = (tmp_path / "out" / "planted").glob("crash-*")
    assert kept.read_bytes()[:4] == b"YICI"
