"""A real power cut: ext4 on a loop device is shut down without flushing its journal.

Unlike a kill, this loses what was not synced. It needs root and a loop device.
"""

import fcntl
import os
import random
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_template import Template
from test_kill_loses_nothing import check_promises, promised

CUTS = 10
# linux/fs/ext4: EXT4_IOC_SHUTDOWN, and EXT4_GOING_FLAGS_NOLOGFLUSH
_SHUTDOWN, _WITHOUT_FLUSH = 0x8004587D, 2


class CutDisk:
    """A disk whose power can be cut."""

    def __init__(self, directory: Path) -> None:
        self._image, self.path = directory / "disk.img", directory / "disk"
        self.path.mkdir()
        with self._image.open("wb") as image:
            image.truncate(96 * 1024 * 1024)
        self._run("mkfs.ext4", "-q", "-F", str(self._image))
        self.plug_in()

    @staticmethod
    def _run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def plug_in(self) -> None:
        self._run("mount", "-o", "loop", str(self._image), str(self.path))

    def cut(self) -> None:
        """Everything that was not synced is gone; later calls fail."""
        root = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(root, _SHUTDOWN, struct.pack("I", _WITHOUT_FLUSH))
        finally:
            os.close(root)

    def unplug(self) -> None:
        self._run("umount", str(self.path))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[CutDisk]:
    if os.geteuid() or shutil.which("mkfs.ext4") is None:
        pytest.skip("power cuts need root and mkfs.ext4")
    try:
        made = CutDisk(tmp_path)
    except (subprocess.SubprocessError, OSError) as reason:
        pytest.skip(f"no loop device here: {reason}")
    yield made
    subprocess.run(["umount", str(made.path)], check=False, capture_output=True, timeout=60)


def test_power_cut_loses_nothing_that_was_promised(
    template: Template, disk: CutDisk, tmp_path: Path
) -> None:
    source = random.Random(11)
    state_dir = disk.path / "state"
    for cut in range(1, CUTS + 1):
        order = {
            "act": "accept",
            "state_dir": str(state_dir),
            "promises_dir": str(tmp_path),
            "seed": source.randrange(2**32),
            "delay_s": 20.0,
            "may_fail": True,
        }
        state_dir.mkdir(exist_ok=True)
        before = len(promised(tmp_path))
        template.order(**order)
        end_s = time.monotonic() + 20
        while len(promised(tmp_path)) < before + 4:  # it is well under way
            assert time.monotonic() < end_s
            time.sleep(0.002)
        time.sleep(source.uniform(0, 0.05))
        disk.cut()
        template.answer()
        disk.unplug()
        disk.plug_in()
        check_promises(state_dir, cut, tmp_path)
    assert len(promised(tmp_path)) >= 4 * CUTS
