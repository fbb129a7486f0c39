"""Sealed parts as files, named by the digest of their bytes.

Written to a temporary name, synced, renamed, directory synced: when `put` returns, the part
survives a power cut, long before the resident presses submit. The file's name proves its
content, so two writers of the same part can't disagree.
"""

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from yici.contract.digests import RunningDigest, algorithm_of
from yici.offline_cache import errors

_INCOMING = ".incoming-"
_LIVE = ".live"
_CLAIM_DEADLINE_S = 10.0
_BLOCK_BYTES = 1024 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that is safely on the disk."""

    digest: str
    size_bytes: int


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class PartStore:
    """A directory of sealed parts, shared by sessions (who add) and the sync agent (who removes).

    A process that puts parts holds a shared lock from its first `put` until it ends, so that a
    sweep never takes the parts of a resident who is still there, whatever the clock says.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._live: int | None = None
        try:
            if not directory.exists():
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
                _sync_directory(directory.parent)
        except OSError as error:
            raise errors.unavailable(directory, error.strerror or str(error)) from error

    def close(self) -> None:
        """Give up the claim on parts that no submission names."""
        if self._live is not None:
            os.close(self._live)
            self._live = None

    def path_of(self, digest: str) -> Path:
        """Where the part is, or would be."""
        algorithm, _, name = digest.partition("-")
        if not algorithm.isalnum() or not name.isalnum():
            raise ValueError("not a digest")
        return self.directory / digest

    def put(self, digest: str, ciphertext: bytes) -> StoredPart:
        """Durable when it returns. Raises StoreFull or StoreUnavailable."""
        self._claim()
        stored = StoredPart(digest, len(ciphertext))
        target = self.path_of(digest)
        if target.exists():
            return stored
        incoming = self.directory / f"{_INCOMING}{os.getpid()}-{secrets.token_hex(8)}"
        try:
            self._write_synced(incoming, ciphertext)
            incoming.rename(target)
            _sync_directory(self.directory)
        except OSError as error:
            incoming.unlink(missing_ok=True)
            if error.errno in _NO_ROOM:
                raise errors.full(self.directory) from error
            raise errors.unavailable(self.directory, error.strerror or str(error)) from error
        return stored

    @staticmethod
    def _write_synced(path: Path, data: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _claim(self) -> None:
        if self._live is None:
            self._live = self._open_live()
            deadline_s = time.monotonic() + _CLAIM_DEADLINE_S
            while not _try_lock(self._live, fcntl.LOCK_SH):
                if time.monotonic() > deadline_s:
                    self.close()
                    raise errors.busy(self.directory)
                time.sleep(0.01)  # a sweep takes milliseconds

    def _open_live(self) -> int:
        return os.open(self.directory / _LIVE, os.O_RDWR | os.O_CREAT, 0o600)

    def find_size(self, digest: str) -> int | None:
        """Bytes on the disk, or None when the part is not there."""
        try:
            return self.path_of(digest).stat().st_size
        except FileNotFoundError:
            return None

    def read_piece(self, digest: str, offset: int, size_bytes: int) -> bytes:
        """Some of a part. Raises PartMissing."""
        try:
            with self.path_of(digest).open("rb") as file:
                file.seek(offset)
                return file.read(size_bytes)
        except FileNotFoundError as error:
            raise errors.PartMissing("A sealed part is no longer on the disk.") from error

    def holds_intact(self, digest: str) -> bool:
        """Whether the file is there and its bytes still have this digest."""
        running = RunningDigest(algorithm_of(digest))
        try:
            with self.path_of(digest).open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    running.update(block)
        except OSError:
            return False
        return running.text() == digest

    def remove(self, digests: tuple[str, ...]) -> None:
        """Unlink; what is already gone is fine. Raises StoreUnavailable."""
        try:
            for digest in digests:
                self.path_of(digest).unlink(missing_ok=True)
            if digests:
                _sync_directory(self.directory)
        except OSError as error:
            raise errors.unavailable(self.directory, error.strerror or str(error)) from error

    def list_digests(self) -> Iterator[str]:
        """The finished parts on the disk."""
        for path in self.directory.iterdir():
            if not path.name.startswith("."):
                yield path.name

    def sweep(self, named: Callable[[], frozenset[str]]) -> int | None:
        """Remove what no submission names; `named` is asked under the lock.

        Returns the number of files removed, or None while a session may still need its parts.
        """
        live = self._open_live()
        try:
            if not _try_lock(live, fcntl.LOCK_EX):
                return None
            keep = named()
            orphans = [path for path in self.directory.iterdir() if self._is_orphan(path, keep)]
            for path in orphans:
                path.unlink(missing_ok=True)
            return len(orphans)
        finally:
            os.close(live)

    @staticmethod
    def _is_orphan(path: Path, keep: frozenset[str]) -> bool:
        if path.name.startswith("."):
            return path.name.startswith(_INCOMING)
        return path.name not in keep
