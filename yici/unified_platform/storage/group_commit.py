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
from sqlalchemy.exc import SQLAlchemyError

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
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], BaseException]] = []
        try:
            with self._engine.begin() as connection:
                for work, future in group:
                    try:
                        with connection.begin_nested():
                            done.append((future, work(connection)))
                    except Exception as error:  # noqa: BLE001 - it belongs to the one who waits
                        failed.append((future, error))
        except SQLAlchemyError as error:
            failed += [(future, error) for future, _ in done]
            answered = {id(future) for future, _ in failed}
            failed += [(f, error) for _, f in group if id(f) not in answered]
            done = []
        for future, result in done:
            future.set_result(result)
        for future, raised in failed:
            future.set_exception(raised)
