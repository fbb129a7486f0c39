"""One way to read and one way to write, the same over SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from yici.unified_platform.storage.errors import StorageUnavailable
from yici.unified_platform.storage.group_commit import GroupCommitWriter
from yici.unified_platform.storage.schema import upgrade_schema

T = TypeVar("T")
WRITE_TIMEOUT_S = 30.0
_BUSY_TIMEOUT_MS = 10_000
_ATTEMPTS = 5
# serialization_failure, deadlock_detected: the transaction may simply be run again
_RETRY_STATES = frozenset({"40001", "40P01"})


class Database:
    """`read()` gives a connection in a read transaction; `write(work)` commits durably.

    `work` may run more than once (PostgreSQL, after a deadlock), so it has no other effects.
    """

    def __init__(self, reader: Engine, writer: Engine) -> None:
        self._reader, self._writer = reader, writer
        self._group = GroupCommitWriter(writer) if writer.dialect.name == "sqlite" else None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Raises StorageUnavailable."""
        try:
            with self._reader.connect() as connection:
                yield connection
        except OperationalError as error:
            raise StorageUnavailable(_sentence(error)) from error

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returned, after COMMIT. Raises StorageUnavailable, or what `work` raised."""
        try:
            if self._group is not None:
                result: T = self._group.submit(work).result(WRITE_TIMEOUT_S)
                return result
            return self._write_with_retry(work)
        except FutureTimeout as error:
            raise StorageUnavailable("the database did not commit in time; try again") from error
        except OperationalError as error:
            raise StorageUnavailable(_sentence(error)) from error

    def _write_with_retry(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with self._writer.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in _RETRY_STATES or attempt == _ATTEMPTS - 1:
                    raise
        raise StorageUnavailable("the database is too busy; try again")

    def close(self) -> None:
        """Waits for writes under way."""
        if self._group is not None:
            self._group.close()
        self._reader.dispose()
        self._writer.dispose()


def open_database(url: str) -> Database:
    """Open and bring the schema up to date.

    `url` is `sqlite:///path` or `postgresql://…` (psycopg 3). Raises NewerSchema or
    StorageUnavailable.
    """
    engine = _sqlite(url, "BEGIN IMMEDIATE") if url.startswith("sqlite") else _postgresql(url)
    try:
        upgrade_schema(engine)
    except DBAPIError as error:
        engine.dispose()
        raise StorageUnavailable(_sentence(error)) from error
    except BaseException:
        engine.dispose()
        raise
    reader = _sqlite(url, "BEGIN") if url.startswith("sqlite") else engine
    return Database(reader, engine)


def _sentence(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    first_line = str(cause).strip().splitlines()[0] if str(cause).strip() else "no reason given"
    return f"the database can't be used: {first_line}"


def _postgresql(url: str) -> Engine:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    return create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": "-c statement_timeout=30000"},
    )


def _sqlite(url: str, begin: str) -> Engine:
    """The driver's own transactions are switched off, so that BEGIN is ours."""
    engine = create_engine(url, poolclass=NullPool if begin == "BEGIN" else None)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
