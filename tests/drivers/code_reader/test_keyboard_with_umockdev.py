"""A keyboard reader played by umockdev: its ioctls and its events are somebody else's code.

umockdev (Debian package umockdev) puts /dev/input/event5 before one process, answers EVIOCGVERSION,
EVIOCGBIT and EVIOCGRAB, and plays an evemu recording as `struct input_event`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEVICE = """\
P: /devices/virtual/input/input5/event5
N: input/event5
E: DEVNAME=/dev/input/event5
E: SUBSYSTEM=input
E: ID_INPUT_KEYBOARD=1
A: dev=13:69
"""
KEYS = (*range(1, 84), 96, 98)  # the bits that a keyboard reports as its keys
SHIFT, ENTER = 42, 28
YICI = (21, 23, 46, 23)  # y i c i
TIMES_SHOWN = 25

PROGRAM = """
import sys
from yici.drivers.code_reader.keyboard import connect
reader = connect("/dev/input/event5")
print(reader.status().state.value)
code = reader.find_code(timeout_ms=25_000)
print(code.content.decode() if code else reader.diagnostics())
reader.close()
"""


def _ioctls(keys: tuple[int, ...]) -> str:
    bits = bytearray(96)
    for key in keys:
        bits[key // 8] |= 1 << key % 8
    version = "EVIOCGVERSION 0 01000100"
    return f"@DEV /dev/input/event5\n{version}\nEVIOCGBIT(1) 96 {bits.hex().upper()}\n"


def _recording() -> str:
    """An evemu recording of somebody who shows `Yici1` once a second."""
    strokes = [(SHIFT, 1), (YICI[0], 1), (YICI[0], 0), (SHIFT, 0)]
    for key in (*YICI[1:], 2, ENTER):
        strokes += [(key, 1), (key, 0)]
    lines = []
    for time_s in range(TIMES_SHOWN):
        for number, (key, value) in enumerate(strokes):
            at_s = time_s + number * 0.004
            lines.append(f"E: {at_s:.6f} 0004 0004 {458752 + key}")  # a scan code, as hardware adds
            lines.append(f"E: {at_s:.6f} 0001 {key:04x} {value:04d}")
            lines.append(f"E: {at_s:.6f} 0000 0000 0000")
    return "\n".join(lines) + "\n"


def _run(directory: Path, keys: tuple[int, ...]) -> list[str]:
    if shutil.which("umockdev-run") is None:
        pytest.fail("umockdev-run is missing: install the Debian package umockdev")
    files = {"device": DEVICE, "ioctls": _ioctls(keys), "events": _recording()}
    for name, text in files.items():
        (directory / name).write_text(text)
    ran = subprocess.run(
        [
            "umockdev-run",
            f"--device={directory / 'device'}",
            f"--ioctl=/dev/input/event5={directory / 'ioctls'}",
            f"--evemu-events=/dev/input/event5={directory / 'events'}",
            "--",
            sys.executable,
            "-c",
            PROGRAM,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_recorded_keyboard_is_grabbed_and_its_code_read(tmp_path: Path) -> None:
    assert _run(tmp_path, KEYS) == ["ready", "Yici1"]


def test_event_device_that_is_no_keyboard_is_a_wrong_setting(tmp_path: Path) -> None:
    mouse = (272, 273, 274)
    with pytest.raises(AssertionError, match=r"keyboard\.no_event_device"):
        _run(tmp_path, mouse)
