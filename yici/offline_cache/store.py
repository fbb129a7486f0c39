"""The terminal's one SQLite file and the one place where connections are made.

Write-ahead log with `synchronous=FULL`: when COMMIT has returned, a power cut can't take the
rows back. `secure_delete` overwrites what is erased inside the file.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from yici.offline_cache import errors

SCHEMA_VERSION = 1
BUSY_TIMEOUT_MS = 15_000
JOURNAL_SIZE_LIMIT_BYTES = 8 * 1024 * 1024
# a short log is soon written over in place, which costs a commit less than growing the file
CHECKPOINT_AFTER_PAGES = 256
_APPLICATION_ID = 0x59494349  # "YICI"

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT_BYTES}",
    f"PRAGMA wal_autocheckpoint = {CHECKPOINT_AFTER_PAGES}",
    "PRAGMA temp_store = MEMORY",
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the settings on which the promises rest. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _store_error(path: Path, error: sqlite3.Error) -> errors.StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return errors.full(path)
    if code in _LOCKS:
        return errors.busy(path)
    if code in _DAMAGE:
        return errors.damaged(path, str(error))
    return errors.unavailable(path, str(error))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a broken rule of ours, not a fault of the disk
    except sqlite3.Error as error:
        raise _store_error(path, error) from error


@contextmanager
def _migration_lock(path: Path) -> Iterator[None]:
    descriptor = os.open(
        path.with_name(path.name + ".migration-lock"), os.O_RDWR | os.O_CREAT, 0o600
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise errors.newer_schema(path, version, SCHEMA_VERSION)
    if version == SCHEMA_VERSION:
        return
    from yici.offline_cache.migrations import migrate  # sqlite-utils is slow to import

    with _migration_lock(path):
        migrate(connection)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")


class Store:
    """One open database; safe to share between the threads of a process."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open, create or migrate. Raises StoreUnavailable, StoreDamaged or NewerSchema."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # the log inherits the mode
            with _translated(path):
                connection = connect(path)
                try:
                    _bring_up_to_date(connection, path)
                except BaseException:
                    connection.close()
                    raise
        except OSError as error:
            raise errors.unavailable(path, error.strerror or str(error)) from error
        return cls(path, connection)

    def close(self) -> None:
        """Close the connection; the file stays complete."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One `BEGIN IMMEDIATE` … `COMMIT`: all of it or nothing, and durable on leaving.

        Raises StoreError; anything raised inside rolls back and passes through.
        """
        with self._lock, _translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single SELECTs. Raises StoreError."""
        with self._lock, _translated(self.path):
            yield self._connection

    def data_version(self) -> int:
        """Changes whenever another process has committed."""
        with self.reading() as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and cut it; False while a reader holds it."""
        with self.reading() as connection:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def check(self) -> None:
        """Raises StoreDamaged when the file contradicts itself."""
        with self.reading() as connection:
            (word,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if word != "ok":
            raise errors.damaged(self.path, str(word))
