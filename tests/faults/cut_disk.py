"""An ext4 of its own on a loop device, whose power can be cut and which can be filled."""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

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

    def fill(self) -> None:
        """Take the last free block."""
        with (self.path / "filler").open("wb", buffering=0) as filler:
            for size_bytes in (1024 * 1024, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size_bytes)
                except OSError:
                    continue
