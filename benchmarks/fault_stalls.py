"""How long the screen stands still while devices fail: the longest gap between two turns of its
event loop, in a real session's window, device by device and fault by fault.

A resident goes to the screen that uses the device; there it fails and comes back, while a timer
that is due every 5 ms notes how late it is. The twins run in a process of their own. The limit is
the same walk without a fault. Run as a module it prints JSON on its last line.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import requests
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication

from benchmarks.measure import Measure, in_a_process, median
from benchmarks.terminal import (
    come_when_warm,
    enrol,
    screen_environment,
    stock_catalogue,
)
from yici.config.device_tables import device_table
from yici.config.writing import write_tables
from yici.drivers.device import DeviceKind
from yici.kiosk.devices import Care
from yici.kiosk.supervising.control import line_from_descriptor, new_line
from yici.ui.session_process import DEAF_S, SessionProcess

FAULTS: Final = ("none", "unplugged", "silent", "garbage", "slow")  # the first is the limit
LASTS_S: Final = 1.6
BACK_FOR_S: Final = 1.4
BEAT_MS: Final = 5
PATIENCE_S: Final = 20.0
MATTER: Final = "TY-001"
FORM: Final = {"vet_kind": "退役军人", "vet_year": "2005", "pickup": "大厅领取"}
WANTED_MS: Final = 50.0

Wait = float | Callable[[], bool]


class Heart:
    """Beats in the event loop; remembers the longest time between two beats."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last_s = time.perf_counter()
        self.longest_ms = 0.0
        self._timer.start()

    def _beat(self) -> None:
        now_s = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now_s - self._last_s) * 1000 - BEAT_MS)
        self._last_s = now_s

    def forget(self) -> None:
        self.longest_ms = 0.0


class Twins:
    """The panel's API, asked on a thread: the screen's own must not wait for it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = ThreadPoolExecutor(1)

    def devices(self) -> dict[str, dict[str, Any]]:
        with requests.get(f"{self._url}api/state", timeout=30) as reply:
            found: dict[str, dict[str, Any]] = reply.json()["devices"]
            return found

    def order(self, path: str, **body: object) -> Future[int]:
        def send() -> int:
            with requests.post(f"{self._url}api/{path}", json=body, timeout=30) as reply:
                reply.raise_for_status()
                return reply.status_code

        return self._thread.submit(send)

    def put_fault(self, kind: DeviceKind, fault: str) -> Future[int]:
        if fault == "unplugged":
            return self.order("cable", device=kind.value, is_plugged_in=False)
        return self.order("fault", device=kind.value, fault=fault)

    def mend(self, kind: DeviceKind, fault: str) -> Future[int]:
        if fault == "unplugged":
            return self.order("cable", device=kind.value, is_plugged_in=True)
        return self.order("fault", device=kind.value, fault="none")

    def close(self) -> None:
        self._thread.shutdown()


class Walk:
    """The resident, a step at a time; each step says how long to wait, or for what."""

    def __init__(self, process: SessionProcess, twins: Twins, kinds: frozenset[str]) -> None:
        self.longest_ms: dict[str, dict[str, float]] = {}
        self._process = process
        self._twins = twins
        self._kinds = kinds
        self._steps = self._walk()
        self._wait: Wait = 0.0
        self._since_s = time.monotonic()
        self._clock = QTimer(interval=10)
        self._clock.timeout.connect(self._turn)

    def begin(self) -> None:
        """Once the window listens."""
        self._heart = Heart()
        self._wait, self._since_s = DEAF_S + 1.0, time.monotonic()
        self._clock.start()

    def _turn(self) -> None:
        waited_s = time.monotonic() - self._since_s
        if callable(self._wait):
            if not self._wait():
                assert waited_s < PATIENCE_S, f"nothing followed on {self.session.state}"
                return
        elif waited_s < self._wait:
            return
        try:
            self._wait, self._since_s = next(self._steps), time.monotonic()
        except StopIteration:
            self._clock.stop()
            QGuiApplication.exit(0)

    @property
    def session(self) -> Any:
        assert self._process._bridge is not None
        return self._process._bridge.session

    def _post(self, event: str, **payload: object) -> None:
        self._process._model.post(event, payload)

    def _walk(self) -> Iterator[Wait]:
        self._post("leave_now")
        yield 2.0
        for kind in (
            DeviceKind.RECEIPT_PRINTER,
            DeviceKind.DOCUMENT_PRINTER,
            DeviceKind.FACE_CAMERA,
        ):
            yield from self._fail(kind)
        self._post("ask_progress")
        yield 1.0
        yield from self._fail(DeviceKind.CODE_READER)
        self._post("back")
        yield 0.5
        self._post("start_search")
        self._post("choose_item", id=MATTER)
        self._post("apply")
        yield 1.0
        for kind in (DeviceKind.ID_CARD_READER, DeviceKind.SOCIAL_SECURITY_CARD_READER):
            yield from self._fail(kind)
        yield from self._to_the_papers()
        self._twins.order("paper", sample="statement")
        self._post("start_capture", key="photo")
        yield lambda: bool(self.session.capturing.view().phase == "live")
        yield from self._fail(DeviceKind.DOCUMENT_CAMERA)
        self._post("back")
        yield 0.3
        self._post("start_scan", key="photo")
        yield 1.0
        yield from self._fail(DeviceKind.SCANNER)

    def _to_the_papers(self) -> Iterator[Wait]:
        self._twins.order("card", persona="P01")
        yield lambda: self.session.identifying.identity is not None
        self._post("confirm_identity")
        yield 0.3
        self._post("next_page")
        yield 0.3
        for key, value in FORM.items():
            self._post("answer", key=key, value=value)
        self._post("next_page")
        yield lambda: bool(self.session.state.value == "materials")

    def _fail(self, kind: DeviceKind) -> Iterator[Wait]:
        if kind.value not in self._kinds:
            return
        worker = getattr(self.session.services.devices, kind.value)
        worker.care(Care.CLOSE)
        for fault in FAULTS:
            self._heart.forget()
            yield self._twins.put_fault(kind, fault).done
            yield LASTS_S
            yield self._twins.mend(kind, fault).done
            yield BACK_FOR_S
            longest_ms = self.longest_ms.setdefault(kind.value, {})
            longest_ms[fault] = round(self._heart.longest_ms, 1)


@contextmanager
def _running_twins(folder: Path) -> Iterator[Twins]:
    command = [sys.executable, "-m", "yici", "twins", "--directory", str(folder), "--page-port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                found = re.match(r"panel ready +(\S+)", line)
                if found is not None:
                    twins = Twins(found[1])
                    yield twins
                    twins.close()
                    return
            raise RuntimeError("the twins did not start")
        finally:
            process.terminate()


def stalls() -> dict[str, dict[str, float]]:
    """Device → fault → the longest gap in milliseconds, in a process of its own."""
    environment = screen_environment(QT_QPA_PLATFORM="offscreen")
    found: dict[str, dict[str, float]] = in_a_process(
        "fault_stalls", environment=environment, timeout_s=300
    )
    return found


def measure() -> list[Measure]:
    """One row: the worst of all."""
    found = stalls()
    failing = [ms for of_kind in found.values() for fault, ms in of_kind.items() if fault != "none"]
    calm = [of_kind["none"] for of_kind in found.values()]
    return [
        Measure(
            "longest stall of the screen while a device fails and comes back",
            "ms",
            median(failing),
            max(failing),
            len(failing),
            "the same screens without a fault",
            median(calm),
            f"every one ≤ {WANTED_MS:g} ms",
            max(failing) <= WANTED_MS,
        )
    ]


def main() -> int:
    """Prints one JSON object."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        twins = stack.enter_context(_running_twins(folder / "twins"))
        devices = twins.devices()
        enrol(folder / "state")
        stock_catalogue(folder / "state", MATTER)
        settings = folder / "terminal.toml"
        tables = {
            kind: device_table(kind, each["driver"], each["address"])
            for kind, each in devices.items()
        }
        storage = {"storage": {"state_dir": str(folder / "state")}}
        settings.write_text(write_tables({**storage, **tables}), "utf-8")
        ours, theirs = new_line()
        stack.callback(ours.close)
        process = SessionProcess(settings, line_from_descriptor(theirs.detach()))
        walk = Walk(process, twins, frozenset(devices))
        coming = come_when_warm(process, ours, walk.begin)
        stack.callback(coming.stop)
        code = process.run()
    print(json.dumps(walk.longest_ms))
    return code


if __name__ == "__main__":
    sys.exit(main())
