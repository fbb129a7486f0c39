"""One thread, whoever asks for it, and none after the end."""

import threading
from collections.abc import Callable

from yici.kiosk.session.background import Background


def _at_once(call: Callable[[], None]) -> None:
    call()


def test_many_threads_share_one_background_thread() -> None:
    background = Background(_at_once)
    served: set[int] = set()
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        background.run(threading.get_ident, served.add, lambda _: None)

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    background.close()
    assert len(served) == 1


def test_nothing_is_begun_after_the_end() -> None:
    background = Background(_at_once)
    background.close()
    background.run(lambda: None, lambda _: None, lambda _: None)
    assert not any(thread.name == "background" for thread in threading.enumerate())
