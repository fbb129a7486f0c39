"""Sealed parts by digest, one directory a terminal; a part under way grows beside the finished.

    <root>/<terminal>/<digest>        finished: digest checked, synced, renamed
    <root>/<terminal>/<digest>.part   what is there so far; its size is the upload's offset, its
                                      time of change when the terminal was last busy with it

A terminal only ever sees its own directory, so asking for a digest tells nothing about others.
Fences live in memory and start from the clock, so that they rise over a restart as well.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from yici.contract.digests import RunningDigest, algorithm_of
from yici.unified_platform.storage.durable_files import sync_directory

_READ_BYTES = 1024 * 1024
_PARTIAL = ".part"


class AppendOutcome(StrEnum):
    """What became of a chunk."""

    STORED = "stored"  # synced; `offset` is the new one
    FINISHED = "finished"  # the part is whole and its digest right
    STALE_FENCE = "stale_fence"  # a newer request has taken over
    WRONG_OFFSET = "wrong_offset"  # ask again with HEAD
    WRONG_DIGEST = "wrong_digest"  # whole, but other bytes: thrown away, start again


@dataclass(frozen=True, slots=True)
class AppendResult:
    """Outcome and how many bytes are durable now."""

    outcome: AppendOutcome
    offset: int


@dataclass(frozen=True, slots=True)
class Swept:
    """How many unfinished parts were thrown away, and how large they were together.

    `failed` could not be: the directory's owner or the disk has to be looked at.
    """

    count: int = 0
    size_bytes: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Upload:
    lock: threading.Lock
    fence: int = 0
    users: int = 0
    is_swept: bool = False


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BlobStore:
    """Local directory store. Every method is safe from any thread of this one process."""

    def __init__(self, root: Path, now: Callable[[], datetime] = _utc_now) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root, self._now = root, now
        self._uploads: dict[tuple[str, str], _Upload] = {}
        self._lock = threading.Lock()
        self._last_fence = time.time_ns() // 1000

    def _path(self, terminal_id: str, digest: str) -> Path:
        return self._root / terminal_id / digest

    def _partial(self, terminal_id: str, digest: str) -> Path:
        return self._root / terminal_id / f"{digest}{_PARTIAL}"

    def offset(self, terminal_id: str, digest: str) -> int:
        """Bytes that are there, 0 when nothing is. Not synced: for hints only."""
        for path in (self._path(terminal_id, digest), self._partial(terminal_id, digest)):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                continue
        return 0

    def is_finished(self, terminal_id: str, digest: str) -> bool:
        """Whether the whole part is here."""
        return self._path(terminal_id, digest).exists()

    def read(self, terminal_id: str, digest: str) -> bytes:
        """The finished part's bytes. Raises FileNotFoundError."""
        return self._path(terminal_id, digest).read_bytes()

    def open_upload(self, terminal_id: str, digest: str, *, length: int) -> tuple[int, int]:
        """(durable offset, new fence); requests with an older fence are refused from now on.

        A part that is all there but was not yet named when the server died is finished here: its
        terminal has nothing left to send that could do it.
        """
        with self._upload(terminal_id, digest) as upload, upload.lock:
            upload.fence, upload.is_swept = self._next_fence(), False
            partial = self._partial(terminal_id, digest)
            if partial.exists():  # a tail that was written but not synced must not be promised
                _stamp(partial, self._now())
                _sync_file(partial)
                if partial.stat().st_size >= length:
                    self._finish(partial, terminal_id, digest, length)
            return self.offset(terminal_id, digest), upload.fence

    def append(
        self, terminal_id: str, digest: str, *, offset: int, length: int, fence: int, chunk: bytes
    ) -> AppendResult:
        """Write a chunk at the upload's end and sync it; the last one checks the digest."""
        with self._upload(terminal_id, digest) as upload, upload.lock:
            there = self.offset(terminal_id, digest)
            if self.is_finished(terminal_id, digest):  # a repeated last chunk, or an empty one
                return AppendResult(AppendOutcome.FINISHED, there)
            if fence != upload.fence:
                return AppendResult(AppendOutcome.STALE_FENCE, there)
            if offset != there or offset + len(chunk) > length:
                return AppendResult(AppendOutcome.WRONG_OFFSET, there)
            partial = self._partial(terminal_id, digest)
            self._write(partial, offset, chunk)
            if offset + len(chunk) < length:
                return AppendResult(AppendOutcome.STORED, offset + len(chunk))
            return self._finish(partial, terminal_id, digest, length)

    def _write(self, partial: Path, offset: int, chunk: bytes) -> None:
        fresh = not partial.exists()
        if fresh and not partial.parent.exists():
            partial.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._root)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0, closefd=True) as file:
            file.seek(offset)
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
            _stamp(file.fileno(), self._now())
            os.fdatasync(file.fileno())
        if fresh:
            sync_directory(partial.parent)

    def _finish(self, partial: Path, terminal_id: str, digest: str, length: int) -> AppendResult:
        if _digest_of_file(partial, algorithm_of(digest)) != digest:
            partial.unlink()
            return AppendResult(AppendOutcome.WRONG_DIGEST, 0)
        partial.replace(self._path(terminal_id, digest))
        sync_directory(partial.parent)
        return AppendResult(AppendOutcome.FINISHED, length)

    def sweep_unfinished(self, before: datetime) -> Swept:
        """Throw away unfinished parts that no terminal was busy with since then.

        One that is being written now is left, whatever its time says; of finished parts none is
        touched. A terminal that comes back is told offset 0.
        """
        sizes: list[int] = []
        failed = 0
        for partial in self._root.glob(f"*/*{_PARTIAL}"):
            try:
                size_bytes = self._sweep_one(partial, before.timestamp())
            except OSError:
                failed += 1  # the others are swept all the same
                continue
            if size_bytes is not None:
                sizes.append(size_bytes)
        return Swept(len(sizes), sum(sizes), failed)

    def _sweep_one(self, partial: Path, before_s: float) -> int | None:
        """The size of what is gone, None when it stays."""
        terminal_id, digest = partial.parent.name, partial.name.removesuffix(_PARTIAL)
        with self._upload(terminal_id, digest) as upload:
            if not upload.lock.acquire(blocking=False):
                return None
            try:
                found = partial.stat()
                if found.st_mtime >= before_s:
                    return None
                partial.unlink()
                # a chunk that is still on its way must ask again
                upload.fence, upload.is_swept = self._next_fence(), True
                return found.st_size
            except FileNotFoundError:  # finished in the meantime
                return None
            finally:
                upload.lock.release()

    def _next_fence(self) -> int:
        with self._lock:
            self._last_fence = max(self._last_fence + 1, time.time_ns() // 1000)
            return self._last_fence

    @contextmanager
    def _upload(self, terminal_id: str, digest: str) -> Iterator[_Upload]:
        key = (terminal_id, digest)
        with self._lock:
            upload = self._uploads.setdefault(key, _Upload(threading.Lock()))
            upload.users += 1
        try:
            yield upload
        finally:
            with self._lock:
                upload.users -= 1
                is_over = upload.is_swept or self.is_finished(terminal_id, digest)
                if upload.users == 0 and is_over:
                    self._uploads.pop(key, None)


def _stamp(file: Path | int, at: datetime) -> None:
    """By the platform's clock, which the sweep goes by as well."""
    os.utime(file, (at.timestamp(), at.timestamp()))


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _digest_of_file(path: Path, algorithm: str) -> str:
    running = RunningDigest(algorithm)
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            running.update(piece)
    return running.text()
