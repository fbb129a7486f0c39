"""Plugs are heard where udev runs, and missed nowhere else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yici.drivers import hotplug
from yici.drivers.device import DeviceKind
from yici.drivers.hotplug import HotplugMonitor, is_announced, kinds_of

SCRIPT = Path(__file__).with_name("announced_plugs.py")
# an idle device is looked at every 10 s: sooner than half of that is by announcement
SOON_S = 5.0


def announced(*arguments: str) -> Any:
    wrapper = shutil.which("umockdev-wrapper")
    assert wrapper, "umockdev-wrapper is missing: install the package umockdev"
    done = subprocess.run(
        [wrapper, sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_an_announcement_wakes_the_kinds_that_it_may_concern() -> None:
    told = announced("kinds")
    assert told["listens"]
    assert told["runs"]
    assert told["tty came"] == told["tty went"]
    assert DeviceKind.ID_CARD_READER in told["tty came"]
    assert DeviceKind.DOCUMENT_CAMERA not in told["tty came"]
    assert told["camera came"] == ["document_camera", "face_camera"]


def test_a_plugged_device_is_back_without_waiting_for_the_next_look(tmp_path: Path) -> None:
    told = announced("back", str(tmp_path))
    assert told["lost_s"] < SOON_S
    assert told["back_s"] < SOON_S


def test_every_kind_is_woken_by_something() -> None:
    subsystems = ("tty", "usb", "usbmisc", "video4linux", "input", "hidraw", "net")
    assert frozenset().union(*(kinds_of(name) for name in subsystems)) == frozenset(DeviceKind)
    assert kinds_of("block") == frozenset()


def test_a_machine_without_udev_is_quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hotplug, "_UDEV_CONTROL", tmp_path / "control")
    assert not hotplug.udev_runs()
    assert not is_announced("/dev/kiosk/id-card-reader")
    (tmp_path / "control").touch()
    assert is_announced("/dev/kiosk/id-card-reader")
    assert is_announced("serial:/dev/ttyUSB0@9600")
    assert not is_announced("tcp://192.0.2.7:9100")


def test_a_machine_without_libudev_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyudev", None)  # importing it raises ImportError
    with HotplugMonitor(lambda _: None) as monitor:
        assert not monitor.is_listening()


def test_its_end_does_not_wait_for_an_announcement() -> None:
    monitor = HotplugMonitor(lambda _: None)
    monitor.close()
    monitor.close()
