"""Back after the plug, per device; and what it costs to know how all of them are.

Each default driver stands before its twin. "Screen cares" is the pause of a screen that shows the
device; "idle" is the first screen, on a machine where no udev announces a plug. The limit is the
same question asked of the driver in a loop, without the terminal's pauses.
The last measurement is another process that watches all devices as the first screen does; the
limit is that process without any device.
"""

import queue
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, in_a_process, median, worst
from yici.config.declaration import TerminalSettings
from yici.config.load import load_settings
from yici.drivers.device import DeviceKind, DeviceStatus
from yici.drivers.registry import get_driver, load_connect, load_twin
from yici.drivers.twin import Twin
from yici.kiosk.devices import open_devices

ROUNDS = 5
AWAY_S = (20.0, 26.0)  # long enough to be given up and looked for with long pauses
DEADLINE_S = 40.0
WATCH_S = 40.0
WHILE_A_SCREEN_CARES_S = 2.0
CAMERA_S = 5.0  # its driver rests between two tries, and a camera takes a moment to its picture
IDLE_S = 10.0
CAMERAS = (DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA)  # idle ones are not opened to look
KINDS = tuple(DeviceKind)


class Bench:
    """All twins, the settings that name them, and the statuses that come in."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.twins: dict[DeviceKind, Twin] = {}
        defaults = TerminalSettings()
        tables = []
        for kind in KINDS:
            table = getattr(defaults, kind.value)
            own = folder / kind.value
            own.mkdir()
            twin: Twin = load_twin(get_driver(kind, table.driver))(own)
            stack.callback(twin.close)
            self.twins[kind] = twin
            names = {field.name for field in fields(table)}
            (name,) = names & {"port", "source", "address"}
            tables.append(f'[{kind.value}]\n{name} = "{twin.address}"\n')
        self.settings_path = folder / "terminal.toml"
        self.settings_path.write_text("".join(tables), encoding="utf-8")
        self.statuses: dict[DeviceKind, DeviceStatus] = {}
        self.since_s: dict[DeviceKind, float] = {}
        self.posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.devices = open_devices(load_settings(self.settings_path), self.posts.put)
        stack.callback(self.devices.close)
        self.devices.watch(self._note)

    def _note(self, status: DeviceStatus) -> None:
        self.statuses[status.kind] = status
        self.since_s[status.kind] = time.perf_counter()

    def work_until(self, holds: Callable[[], bool]) -> None:
        until_s = time.perf_counter() + DEADLINE_S
        while not holds():
            assert time.perf_counter() < until_s, self.statuses
            with suppress(queue.Empty):
                self.posts.get(timeout=0.02)()

    def works(self, kind: DeviceKind) -> bool:
        return kind in self.statuses and self.statuses[kind].works

    def replug(self, kinds: tuple[DeviceKind, ...], away_s: float = 0.0) -> dict[DeviceKind, float]:
        """Seconds from each plug to the status that says so; all at the same time."""
        self.work_until(lambda: all(self.works(kind) for kind in kinds))
        for kind in kinds:
            self.twins[kind].unplug()
        self.devices.look()  # how soon a loss is known is not measured here
        self.work_until(lambda: not any(self.works(kind) for kind in kinds))
        until_s = time.perf_counter() + away_s
        self.work_until(lambda: time.perf_counter() >= until_s)
        plugged_s = {}
        for kind in kinds:
            self.twins[kind].plug_in()
            plugged_s[kind] = time.perf_counter()
        self.work_until(lambda: all(self.works(kind) for kind in kinds))
        return {kind: self.since_s[kind] - plugged_s[kind] for kind in kinds}


def _limit_s(bench: Bench, kind: DeviceKind) -> float:
    """The driver alone, asked over and over."""
    settings: Any = load_settings(bench.settings_path)
    twin = bench.twins[kind]
    driver = get_driver(kind, getattr(settings, kind.value).driver)
    device = load_connect(driver)(twin.address)
    try:
        _ask_until(device, works=True)
        twin.unplug()
        _ask_until(device, works=False)
        twin.plug_in()
        return _ask_until(device, works=True)
    finally:
        device.close()


def _ask_until(device: Any, *, works: bool) -> float:
    began_s = time.perf_counter()
    while device.status().works is not works:
        assert time.perf_counter() < began_s + DEADLINE_S
        time.sleep(0.01)
    return time.perf_counter() - began_s


def _back(
    kind: DeviceKind, when: str, seconds: list[float], limit_s: float, aim_s: float
) -> Measure:
    return Measure(
        f"{kind.value} plugged in → known, {when}",
        "s",
        median(seconds),
        worst(seconds),
        len(seconds),
        "the driver alone, asked in a loop",
        round(limit_s, 2),
        f"p99 ≤ {aim_s:g} s",
        worst(seconds) <= aim_s,
    )


def _cost(settings_path: Path, folder: Path) -> Measure:
    empty = folder / "empty.toml"
    empty.write_text("", encoding="utf-8")
    nobody = in_a_process("watching_devices", str(empty), str(WATCH_S))["per_mille"]
    watched = in_a_process("watching_devices", str(settings_path), str(WATCH_S))
    everybody, seen = watched["per_mille"], watched["seen"]
    assert all(seen[kind.value] == "ready" for kind in KINDS if kind not in CAMERAS), seen
    return Measure(
        "all eight devices watched on the first screen",
        "‰ of one processor",
        round(everybody, 2),
        None,
        1,
        "the same process without a device",
        round(nobody, 2),
        "≤ 20 ‰",
        everybody <= 20,
    )


def measure() -> list[Measure]:
    """Two per device, and the cost."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as in_use:
        folder = Path(made)
        bench = Bench(folder, in_use)
        bench.devices.care_for(frozenset(KINDS))
        close = [bench.replug(KINDS) for _ in range(ROUNDS)]
        bench.devices.care_for(frozenset())
        quiet = tuple(kind for kind in KINDS if kind not in CAMERAS)
        idle = [bench.replug(quiet, away_s) for away_s in AWAY_S]
        bench.devices.close()
        limits_s = {kind: _limit_s(bench, kind) for kind in KINDS}
        cost = _cost(bench.settings_path, folder)
    measures = []
    for kind in KINDS:
        seconds = [taken[kind] for taken in close]
        aim_s = CAMERA_S if kind in CAMERAS else WHILE_A_SCREEN_CARES_S
        measures.append(_back(kind, "screen cares", seconds, limits_s[kind], aim_s))
        if kind not in CAMERAS:
            seconds = [taken[kind] for taken in idle]
            measures.append(_back(kind, "idle", seconds, limits_s[kind], IDLE_S))
    return [*measures, cost]
