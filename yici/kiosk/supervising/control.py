"""The line between supervisor and session: a word a line, with arguments, over a socket pair.

Supervisor → session: `show [farewell]`. Session → supervisor: `warm`, `shown`, `beat`,
`done farewell`. The farewell is how the session before ended (`finished`, `idle`, …), with
`+card` when a card was read: nothing that tells who it was. A closed line means that the other
side is gone.
"""

import socket
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """Everything that is ever said."""

    SHOW = "show"
    WARM = "warm"
    SHOWN = "shown"
    BEAT = "beat"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line."""

    word: Word
    argument: str = ""


class ControlLine:
    """One end of the line."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._end.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._rest = b""

    def fileno(self) -> int:
        """For selectors and socket notifiers."""
        return self._end.fileno()

    def say(self, word: Word, argument: str = "") -> None:
        """Never blocks and never fails: a reader that is gone or full is noticed elsewhere."""
        try:
            self._end.send(f"{word.value} {argument}".strip().encode() + b"\n")
        except OSError:
            return

    def hear(self) -> tuple[Utterance, ...] | None:
        """What has been said since; None when the other side is gone."""
        try:
            data = self._end.recv(4096)
        except BlockingIOError:
            return ()
        except OSError:
            return None
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return tuple(heard for line in lines if (heard := _parse(line)) is not None)

    def close(self) -> None:
        """Hang up."""
        self._end.close()


def _parse(line: bytes) -> Utterance | None:
    word, _, argument = line.decode("ascii", errors="replace").partition(" ")
    return Utterance(Word(word), argument) if word in set(Word) else None


def line_from_descriptor(descriptor: int) -> ControlLine:
    """The session's end, inherited from the supervisor."""
    return ControlLine(socket.socket(fileno=descriptor))


def new_line() -> tuple[ControlLine, socket.socket]:
    """The supervisor's end, and the socket to hand to the session."""
    ours, theirs = socket.socketpair()
    return ControlLine(ours), theirs
