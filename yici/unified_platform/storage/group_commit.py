"""The one writer of an SQLite database: many waiting writes, one COMMIT.

A commit with `synchronous=FULL` costs a disk flush; writes that wait for one are committed
together by the next. Each write runs in its own savepoint, so that one that fails takes
nobody with it.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Connection, Engine

MAX_GROUP = 256
_Work = tuple[Callable[[Connection], Any], "Future[Any]"]


class GroupCommitWriter:
    """Owns the writing connection and its thread; `close` ends both."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], Any]) -> "Future[Any]":
        """The future resolves after COMMIT, or with what `work` raised."""
        future: Future[Any] = Future()
        self._waiting.put((work, future))
        return future

    def close(self, timeout_s: float = 10.0) -> None:
        """Commits what waits, then ends."""
        self._waiting.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        going = True
        while going:
            first = self._waiting.get()
            if first is None:
                return
            group, going = self._gather(first)
            self._commit(group)

    def _gather(self, first: _Work) -> tuple[list[_Work], bool]:
        group = [first]
        while len(group) < MAX_GROUP:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return group, False
            group.append(following)
        return group, True

    def _commit(self, group: list[_Work]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                for work, future in group:
                    outcomes.append((future, *_run_one(connection, work)))
        except _TransactionLost as lost:
            outcomes = [(future, None, lost.cause) for _, future in group]
        except Exception as error:  # noqa: BLE001 - the thread must live; the callers are told
            outcomes = [(future, None, error) for _, future in group]
        for future, result, raised in outcomes:
            if raised is None:
                future.set_result(result)
            else:
                future.set_exception(raised)


class _TransactionLost(Exception):
    """SQLite itself has rolled everything back (disk full, I/O error)."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _run_one(
    connection: Connection, work: Callable[[Connection], Any]
) -> tuple[Any, Exception | None]:
    """(result, None) or (None, what it raised). Raises _TransactionLost."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except Exception as error:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            raise _TransactionLost(error) from error
        savepoint.rollback()
        return None, error
    savepoint.commit()
    return result, None
