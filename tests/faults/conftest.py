import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
# the desk that seals synthetic submissions, and the platform that misbehaves on command
sys.path[:0] = [str(_TESTS / "offline_cache"), str(_TESTS / "kiosk" / "sync")]

from cut_disk import CutDisk  # noqa: E402 - found by the lines above
from kill_template import Template  # noqa: E402 - found by the lines above
from toy_platform import ToyPlatform  # noqa: E402 - found by the lines above


@pytest.fixture
def template() -> Iterator[Template]:
    """A process with everything imported, whose forks are cheap to kill."""
    made = Template()
    yield made
    made.close()


@pytest.fixture
def platform() -> Iterator[ToyPlatform]:
    toy = ToyPlatform()
    toy.start()
    yield toy
    toy.stop()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[CutDisk]:
    if os.geteuid() or shutil.which("mkfs.ext4") is None:
        pytest.skip("a disk of its own needs root and mkfs.ext4")
    try:
        made = CutDisk(tmp_path)
    except (subprocess.SubprocessError, OSError) as reason:
        pytest.skip(f"no loop device here: {reason}")
    yield made
    subprocess.run(
        ["umount", "--lazy", str(made.path)], check=False, capture_output=True, timeout=60
    )
