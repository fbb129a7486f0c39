"""One thread for what takes longer than a frame: sealing, writing, drawing a slip."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Post = Callable[[Callable[[], None]], None]
Result = TypeVar("Result")


class Background:
    """Tasks run one after the other; results come back through `post`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._guard = threading.Lock()  # device threads have things remembered here, too

    def run(
        self,
        task: Callable[[], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Exception], None],
    ) -> None:
        """`otherwise` gets whatever the task raised, so that no wait is left without an end.

        After `close` nothing is begun any more: a device's late answer may still ask for it.
        """
        with self._guard:
            if self._is_closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="background", daemon=True)
                self._thread.start()
            self._tasks.put(lambda: self._run(task, then, otherwise))

    def close(self) -> None:
        """End after the tasks that are already waiting."""
        with self._guard:
            self._is_closed = True
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join(timeout=20)

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def _run(
        self,
        task: Callable[[], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Exception], None],
    ) -> None:
        try:
            result = task()
        except Exception as error:  # noqa: BLE001 - handed on, whatever it is: the screen waits
            failure = error
            self._post(lambda: otherwise(failure))
        else:
            self._post(lambda: then(result))
