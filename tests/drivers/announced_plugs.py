"""Run under `umockdev-wrapper`: plugs are announced; prints as JSON what came of it.

python announced_plugs.py kinds            # whom each announcement concerns
python announced_plugs.py back DIRECTORY   # how soon a reader is back after its plug
"""

import json
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path

from udev_bed import UdevBed

from yici.config.declaration import IdCardReaderSettings, TerminalSettings
from yici.drivers import hotplug
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.hotplug import HotplugMonitor, udev_runs
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.kiosk.devices import open_devices

DEADLINE_S = 30.0


def running_udev() -> UdevBed:
    bed = UdevBed()
    hotplug._UDEV_CONTROL = bed.control
    return bed


def tell_kinds() -> dict[str, object]:
    bed = running_udev()
    told: queue.SimpleQueue[frozenset[DeviceKind]] = queue.SimpleQueue()

    def kinds() -> list[str]:
        return sorted(kind.value for kind in told.get(timeout=DEADLINE_S))

    with HotplugMonitor(told.put) as monitor:
        answer: dict[str, object] = {"listens": monitor.is_listening(), "runs": udev_runs()}
        bed.add("tty", "ttyUSB0", ID_VENDOR_ID="0403")
        answer["tty came"] = kinds()
        bed.announce("ttyUSB0", "remove")
        answer["tty went"] = kinds()
        bed.add("block", "sdb")  # nothing of ours: not told
        bed.add("video4linux", "video0")
        answer["camera came"] = kinds()
    return answer


def tell_back(directory: Path) -> dict[str, object]:
    bed = running_udev()
    bed.add("tty", "ttyUSB0")
    posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    seen: list[DeviceStatus] = []

    def until(state: DeviceState) -> float:
        started_s = time.monotonic()
        while not seen or seen[-1].state is not state:
            assert time.monotonic() < started_s + DEADLINE_S, seen
            try:
                posts.get(timeout=0.05)()
            except queue.Empty:
                continue
        return time.monotonic() - started_s

    def note(status: DeviceStatus) -> None:
        if status.kind is DeviceKind.ID_CARD_READER:
            seen.append(status)

    with SamTwin(directory / "reader", pace=Pace.AT_ONCE) as twin:
        settings = TerminalSettings(id_card_reader=IdCardReaderSettings(port=str(twin.path)))
        devices = open_devices(settings, posts.put)
        devices.watch(note)
        until(DeviceState.READY)
        twin.unplug()
        bed.announce("ttyUSB0", "remove")
        lost_s = until(DeviceState.DISCONNECTED)
        twin.plug_in()
        bed.announce("ttyUSB0", "add")
        back_s = until(DeviceState.READY)
        devices.close()
    return {"lost_s": lost_s, "back_s": back_s}


answer = tell_kinds() if sys.argv[1] == "kinds" else tell_back(Path(sys.argv[2]))
sys.stdout.write(json.dumps(answer))
