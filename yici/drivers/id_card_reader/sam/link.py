"""One question and its answer, over whatever carries the bytes."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.id_card_reader.sam.frames import (
    LONGEST_REPLY,
    CodecError,
    Damage,
    FrameParser,
    Reply,
    decode_reply,
    encode_request,
)
from yici.drivers.id_card_reader.sam.questions import Mishap, Question, SamDeadlines
from yici.drivers.id_card_reader.sam.status_words import reader_status
from yici.drivers.transports.serial_line import LineFault, LineLost


class NoAnswer(Exception):
    """Between link and driver only: what to report instead of an answer."""

    def __init__(self, status: DeviceStatus) -> None:
        super().__init__(status.code)
        self.status = status


class SamLink(Protocol):
    """The way to one reader. A link that has failed opens itself anew with the next question."""

    @property
    def is_open(self) -> bool: ...

    def open(self) -> None:
        """No effect when it is open. Raises NoAnswer."""
        ...

    def ask_once(self, question: Question) -> Reply | Mishap:
        """Within the question's deadline. Raises NoAnswer when the way itself is lost."""
        ...

    def close(self) -> None:
        """Give the port back; may be called twice."""
        ...


class Line(Protocol):
    """Bytes out, bytes in; every method but `close` raises LineLost."""

    def read(self, *, timeout_s: float) -> bytes: ...

    def write(self, data: bytes, *, timeout_s: float) -> int: ...

    def discard_input(self) -> None: ...

    def close(self) -> None: ...


_LINE_STATES: Mapping[LineFault, DeviceState] = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
    LineFault.IN_USE: DeviceState.BUSY,
}


class LineLink:
    """A `SamLink` of frames over a line of bytes."""

    def __init__(self, open_line: Callable[[], Line], deadlines: SamDeadlines) -> None:
        self._open_line = open_line
        self._deadlines = deadlines
        self._line: Line | None = None

    @property
    def is_open(self) -> bool:
        return self._line is not None

    def open(self) -> None:
        """See `SamLink`."""
        try:
            self._get_line()
        except LineLost as lost:
            raise self._lost(lost) from lost

    def ask_once(self, question: Question) -> Reply | Mishap:
        """See `SamLink`."""
        try:
            return self._ask(self._get_line(), question)
        except LineLost as lost:
            raise self._lost(lost) from lost

    def close(self) -> None:
        """See `SamLink`."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _get_line(self) -> Line:
        if self._line is None:
            self._line = self._open_line()
        return self._line

    def _lost(self, lost: LineLost) -> NoAnswer:
        self.close()
        return NoAnswer(reader_status(_LINE_STATES[lost.fault], f"line.{lost.fault}"))

    def _ask(self, line: Line, question: Question) -> Reply | Mishap:
        line.discard_input()
        seconds = question.deadline_s(self._deadlines)
        deadline = time.monotonic() + seconds
        request = encode_request(question.command)
        if line.write(request, timeout_s=seconds) < len(request):
            return Mishap.SILENT
        listener = _Listener(question)
        while listener.answer is None:
            patience_s = deadline - time.monotonic()
            if listener.is_broken:
                patience_s = min(patience_s, self._deadlines.gap_s)
            heard = line.read(timeout_s=patience_s) if patience_s > 0 else b""
            if not heard:
                return listener.give_up()
            listener.hear(heard)
        return listener.answer


class _Listener:
    """Waits for the answer to one question in what the line says."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._parser = FrameParser(longest=LONGEST_REPLY)
        self._has_heard = False
        self._is_damaged = False
        self.answer: Reply | None = None

    @property
    def is_broken(self) -> bool:
        """Something began like a frame: from now on the line has no reason to pause."""
        return self._is_damaged or self._parser.is_inside_frame

    def hear(self, data: bytes) -> None:
        self._has_heard = True
        self._take(self._parser.feed(data))

    def give_up(self) -> Reply | Mishap:
        """Nothing more came: the answer if it hid behind a false beginning, or what went wrong."""
        self._take(self._parser.finish())
        if self.answer is not None:
            return self.answer
        if self._is_damaged:
            return Mishap.DAMAGED
        return Mishap.UNREADABLE if self._has_heard else Mishap.SILENT

    def _take(self, items: list[bytes | Damage]) -> None:
        for item in items:
            reply = _find_reply(item)
            if reply is None or not self._question.is_answered_by(reply):
                self._is_damaged = True
            elif self.answer is None:
                self.answer = reply


def _find_reply(item: bytes | Damage) -> Reply | None:
    if isinstance(item, Damage):
        return None
    try:
        return decode_reply(item)
    except CodecError:
        return None
