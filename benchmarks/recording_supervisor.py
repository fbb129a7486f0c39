"""The real supervisor, telling on its standard output what it hears and starts, and when.

One JSON array a line: monotonic seconds, the process's id, the word (`spawned` for a new one).
"""

import json
import sys
import time

from yici.kiosk.supervising.control import Utterance, Word
from yici.kiosk.supervising.loop import Supervisor


def _tell(pid: int, word: str) -> None:
    print(json.dumps([time.monotonic(), pid, word]), flush=True)


class RecordingSupervisor(Supervisor):
    """See the module's docstring."""

    def _spawn(self, key: int) -> None:
        super()._spawn(key)
        if key in self._children:
            _tell(self._children[key].process.pid, "spawned")

    def _take(self, key: int, utterance: Utterance) -> None:
        if utterance.word is not Word.BEAT:
            _tell(self._children[key].process.pid, utterance.word.value)
        super()._take(key, utterance)


if __name__ == "__main__":
    RecordingSupervisor(sys.argv[1:]).run()
