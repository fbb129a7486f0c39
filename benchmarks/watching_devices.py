"""A process that watches devices as a session on the first screen does, and reckons its time.

    python -m benchmarks.watching_devices SETTINGS SECONDS

Prints as JSON what of one processor it and its children took, in thousandths.
"""

import json
import os
import queue
import sys
import time
from collections.abc import Callable
from pathlib import Path

from yici.config.load import load_settings
from yici.kiosk.devices import open_devices

SETTLE_S = 4.0  # drivers are imported, ports opened
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def _of_living_children() -> float:
    """Processor seconds of all that descend from this process and still live."""
    parents: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    family, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, (parent, _) in parents.items() if parent in family}
        grown = not more <= family
        family |= more
    return sum(parents[pid][1] for pid in family - {os.getpid()} if pid in parents) / TICKS_PER_S


def _taken_s() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system + _of_living_children()


def main() -> None:
    """See the module."""
    settings_path, seconds = Path(sys.argv[1]), float(sys.argv[2])
    posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    seen: dict[str, str] = {}
    devices = open_devices(load_settings(settings_path), posts.put)
    devices.watch(lambda status: seen.update({status.kind.value: status.state.value}))

    def work_for(duration_s: float) -> None:
        until_s = time.monotonic() + duration_s
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                posts.get(timeout=left_s)()
            except queue.Empty:
                return

    work_for(SETTLE_S)
    began_s, taken_s = time.monotonic(), _taken_s()
    work_for(seconds)
    per_mille = 1000 * (_taken_s() - taken_s) / (time.monotonic() - began_s)
    devices.close()
    sys.stdout.write(json.dumps({"per_mille": per_mille, "seen": seen}) + "\n")


if __name__ == "__main__":
    main()
