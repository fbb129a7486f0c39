"""Scanners to scan with: the eSCL twin, and SANE's own `test` backend with its errors."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from yici.drivers.scanner.escl_twin import EsclTwin

_TEST_CONF = """number_of_devices {devices}
mode Color
depth 8
resolution 50.0
resolution_min 1.0
resolution_max 1200.0
resolution_quant 1.0
test-picture "Color pattern"
read-limit {slow}
read-limit-size 4096
read-delay {slow}
read-delay-duration 200000
read-status-code "{status}"
geometry_min 0.0
geometry_max 300.0
geometry_quant 1.0
br_x 210.0
br_y 297.0
"""


class SaneTestBackend:
    """SANE's own virtual scanner, with a configuration directory of its own.

    `status` is what each sane_read returns, such as SANE_STATUS_JAMMED.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        (directory / "dll.conf").write_text("test\n")
        self.write()

    def write(self, *, status: str = "Default", slow: bool = False, devices: int = 2) -> None:
        text = _TEST_CONF.format(devices=devices, status=status, slow=str(slow).lower())
        (self.directory / "test.conf").write_text(text)

    def remove(self) -> None:
        """The second scanner is not there any more."""
        self.write(devices=1)

    def make_crash(self) -> None:
        """The backend of SANE 1.2 dies of a wrong memory access when it shall have no device."""
        self.write(devices=0)


@pytest.fixture(autouse=True, scope="session")
def _scanimage_is_installed() -> None:
    if shutil.which("scanimage") is None:
        pytest.fail("scanimage is missing: install the Debian package sane-utils")
    if not list(Path("/usr/lib").glob("*/sane/libsane-airscan.so*")):
        pytest.fail("sane-airscan is missing: install the Debian package sane-airscan")


@pytest.fixture
def twin() -> Iterator[EsclTwin]:
    with EsclTwin(slow_s=0.8) as twin:
        yield twin


@pytest.fixture
def backend(tmp_path: Path) -> SaneTestBackend:
    return SaneTestBackend(tmp_path / "sane.d")
