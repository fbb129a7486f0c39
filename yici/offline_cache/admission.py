"""Room on the disk: refuse early, at the start of a session, and keep a reserve to finish with.

On a full disk a write-ahead log can't even take the row that records a deletion; giving up the
ballast file makes room for exactly that.
"""

import os
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from yici.offline_cache import errors

BALLAST_BYTES = 64 * 1024 * 1024


class Admission(StrEnum):
    """What may start now."""

    OPEN = "open"
    WARN = "warn"  # open, staff should look
    FORMS_ONLY = "forms_only"  # nothing that needs papers captured
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DiskUse:
    """As `df` counts it: what an ordinary user can still fill is what counts."""

    used_bytes: int
    free_bytes: int

    @property
    def used_share(self) -> float:
        """0 to 1."""
        total = self.used_bytes + self.free_bytes
        return self.used_bytes / total if total else 1.0


@dataclass(frozen=True, slots=True)
class DiskMarks:
    """Shares of the disk, and a floor in bytes below which nothing is admitted."""

    warn: float = 0.70
    forms_only: float = 0.85
    closed: float = 0.95
    min_free_bytes: int = 200 * 1024 * 1024


def measure_disk(path: Path) -> DiskUse:
    """Of the file system that holds `path`. Raises StoreUnavailable."""
    try:
        usage = shutil.disk_usage(path)
    except OSError as error:
        raise errors.unavailable(path, error.strerror or str(error)) from error
    return DiskUse(usage.used, usage.free)


def judge_disk(use: DiskUse, marks: DiskMarks | None = None) -> Admission:
    """What the fullness of the disk allows."""
    marks = marks or DiskMarks()
    if use.used_share >= marks.closed or use.free_bytes < marks.min_free_bytes:
        return Admission.CLOSED
    if use.used_share >= marks.forms_only:
        return Admission.FORMS_ONLY
    return Admission.WARN if use.used_share >= marks.warn else Admission.OPEN


class Ballast:
    """A file that holds room until it is needed to erase and acknowledge on a full disk."""

    def __init__(self, path: Path, size_bytes: int = BALLAST_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes

    def is_whole(self) -> bool:
        """Whether the reserve is there."""
        return self._path.exists() and self._path.stat().st_size == self._size_bytes

    def fill(self) -> bool:
        """Take the room; False when the disk has none to give now."""
        if self.is_whole():
            return True
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size_bytes)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room back. Raises StoreUnavailable."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise errors.unavailable(self._path, error.strerror or str(error)) from error
