"""A4 at 300 dpi in colour through the driver `sane`. The limit: plain `scanimage > /dev/null`.

The scanners are SANE's own test backend, which is as fast as memory (its limit moves the pixels
nowhere, ours takes them through a pipe and into OpenCV's order of colours), and the eSCL twin
behind sane-airscan. A real scanner's lamp takes some seconds on both sides; so the target is what
we may add to them.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Measure, median, worst
from yici.drivers.scanner import PaperSource, ScanEnd
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.drivers.scanner.sane.address import parse_address
from yici.drivers.scanner.sane.driver import SaneScanner, connect

SCANS = 15
DPI = 300
MAY_ADD_MS = 150

_TEST_CONF = """number_of_devices 1
mode Color
depth 8
test-picture "Color pattern"
resolution_max 1200.0
geometry_max 300.0
br_x 210.0
br_y 297.0
"""


def _limit(device: str, config_dir: Path) -> list[float]:
    command = ["scanimage", "-d", device, "--format=pnm", "--source=Flatbed", "--mode=Color"]
    command += [f"--resolution={DPI}", "-x", "210", "-y", "297"]
    environment = {**os.environ, "SANE_CONFIG_DIR": str(config_dir)}

    def scan() -> None:
        subprocess.run(
            command,
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )

    return _milliseconds(scan)


def _ours(scanner: SaneScanner) -> list[float]:
    def scan() -> None:
        end = scanner.scan(PaperSource.FLATBED, lambda _: None, resolution_dpi=DPI)
        assert end is ScanEnd.COMPLETE

    return _milliseconds(scan)


def _milliseconds(scan: Callable[[], None]) -> list[float]:
    scan()  # libraries, fonts and the twin's picture come from the cache from now on
    times_ms = []
    for _ in range(SCANS):
        started_s = time.perf_counter()
        scan()
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return times_ms


def _measure(name: str, ours_ms: list[float], limit_ms: list[float]) -> Measure:
    return Measure(
        f"A4 at {DPI} dpi, {name} → page in memory",
        "ms",
        median(ours_ms),
        worst(ours_ms),
        len(ours_ms),
        "scanimage > /dev/null",
        median(limit_ms),
        f"≤ limit + {MAY_ADD_MS} ms",
        median(ours_ms) <= median(limit_ms) + MAY_ADD_MS,
    )


def measure() -> list[Measure]:
    """Two measurements."""
    with tempfile.TemporaryDirectory() as made, EsclTwin(page_s=0.05) as twin:
        test_dir, escl_dir = Path(made) / "test", Path(made) / "escl"
        for folder in (test_dir, escl_dir):
            folder.mkdir()
        (test_dir / "dll.conf").write_text("test\n")
        (test_dir / "test.conf").write_text(_TEST_CONF)
        address = parse_address(twin.address)
        for name, text in address.config_files:
            (escl_dir / name).write_text(text)
        test = connect("sane:test:0", config_dir=test_dir)
        return [
            _measure("SANE's test backend", _ours(test), _limit("test:0", test_dir)),
            _measure("eSCL", _ours(connect(twin.address)), _limit(address.device, escl_dir)),
        ]
