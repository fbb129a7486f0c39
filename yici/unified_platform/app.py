"""The platform put together: database, parts, keys, clock. Everything else is given one."""

import asyncio
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from yici.contract.terminal import Limits
from yici.unified_platform.storage.blobs import BlobStore
from yici.unified_platform.storage.database import Database, open_database
from yici.unified_platform.storage.errors import AlreadyRunning, StorageUnavailable
from yici.unified_platform.trust.keys import PlatformKeys, load_or_make_keys


class Bell:
    """Wakes the requests that wait for a change; a missed ring only costs them a look."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits now. Only from the event loop's thread."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Until the next ring, or the time is over."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout_s)
        except TimeoutError:
            return


def utc_now() -> datetime:
    """The platform's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Platform:
    """One data directory, opened. `close` it."""

    data_dir: Path
    database: Database
    blobs: BlobStore
    keys: PlatformKeys
    limits: Limits = field(default_factory=Limits)
    now: Callable[[], datetime] = utc_now

    @property
    def packs_dir(self) -> Path:
        """Where catalogue packs lie, by digest."""
        return self.data_dir / "packs"

    def close(self) -> None:
        """Waits for writes under way."""
        self.database.close()


def open_platform(
    data_dir: Path, database_url: str | None = None, *, now: Callable[[], datetime] = utc_now
) -> Platform:
    """Open a data directory; an empty one gets keys and a schema.

    Raises StorageError or BadKeyFile, each with a sentence for the operator.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data_dir / "packs").mkdir(exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(
            f"the data directory {data_dir} can't be used: {error.strerror}"
        ) from error
    keys = load_or_make_keys(data_dir)
    url = database_url or f"sqlite:///{(data_dir / 'platform.sqlite3').absolute()}"
    database = open_database(url)
    return Platform(data_dir, database, BlobStore(data_dir / "parts", now), keys, now=now)


class ServerLock:
    """Held while a server runs on a data directory. Raises AlreadyRunning."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._handle = os.open(data_dir / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._handle)
            raise AlreadyRunning(
                f"another server runs on {data_dir}; stop it, or give another --data-dir"
            ) from error

    def release(self) -> None:
        """Also happens when the process ends, however it ends."""
        os.close(self._handle)
