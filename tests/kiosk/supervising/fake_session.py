"""A session without a screen: says the words, and does what it is told by files.

    fake_session.py FOLDER --control-fd N

FOLDER/<pid> holds its newest word; FOLDER/<pid>.do may hold `done KIND` or `hang`. It dies at
once while FOLDER/trouble exists.
"""

import os
import select
import sys
import time
from pathlib import Path

from yici.kiosk.supervising.control import ControlLine, Word, line_from_descriptor
from yici.kiosk.supervising.hardening import harden_session

BEAT_S = 0.1


class FakeSession:
    def __init__(self, folder: Path, line: ControlLine) -> None:
        self._mark = folder / str(os.getpid())
        self._orders = folder / f"{os.getpid()}.do"
        self._line = line

    def tell(self, word: str) -> None:
        written = self._mark.with_suffix(".new")
        written.write_text(word)
        written.rename(self._mark)

    def run(self) -> None:
        self.tell("warm")
        self._line.say(Word.WARM)
        while True:
            ready, _, _ = select.select([self._line], [], [], BEAT_S)
            heard = self._line.hear() if ready else ()
            if heard is None:
                return
            for utterance in heard:
                self.tell(f"shown {utterance.argument}".strip())
                self._line.say(Word.SHOWN)
            self._line.say(Word.BEAT)
            self._obey()

    def _obey(self) -> None:
        if not self._orders.exists():
            return
        order, _, kind = self._orders.read_text().partition(" ")
        self._orders.unlink()
        if order == "done":
            self._line.say(Word.DONE, kind)
        while order == "hang":
            time.sleep(1)


def main() -> None:
    folder, control_fd = Path(sys.argv[1]), int(sys.argv[-1])
    harden_session(os.getppid())
    if (folder / "trouble").exists():
        sys.exit(3)
    FakeSession(folder, line_from_descriptor(control_fd)).run()


main()
