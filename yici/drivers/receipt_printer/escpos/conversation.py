"""Talking with the printer over one open line: questions, answers and the end-of-job fence.

A picture may by chance contain the bytes of a status query. The printer then answers it although
nobody asked, so an answer counts only after the input was cleared right before the question.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.receipt_printer.escpos.commands import (
    CLEAR_BUFFERS,
    FENCE,
    IDENTIFY_MODEL,
    MODEL_END,
    StatusQuery,
    query_status,
)
from yici.drivers.receipt_printer.escpos.status import (
    QUERIES,
    PrinterBits,
    contradicts_itself,
    is_fence_byte,
    is_status_byte,
    parse_model,
    parse_status,
    printer_status,
    repeats_itself,
)

_QUIET_S = 0.05
_MAX_ANSWER_BYTES = 80  # Epson's longest answer to GS I
_XON_XOFF = frozenset((0x11, 0x13))  # flow control that the line did not take out


class ByteLine(Protocol):
    """An open line, for example SerialLine or TcpLine; raises LineLost when it goes away."""

    def read(self, *, timeout_s: float) -> bytes: ...
    def write(self, data: bytes, *, timeout_s: float) -> int: ...
    def discard_input(self) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class ReportsPort(Protocol):
    """A line whose port knows something of the printer by itself: a USB printer's file."""

    def find_port_status(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the driver waits for the printer, in seconds."""

    answer_timeout_s: float = 0.8  # for one status byte
    stall_timeout_s: float = 5.0  # without the printer taking a single band
    job_margin_s: float = 10.0  # beyond the time of the line and of the paper's way: cut, heat
    poll_interval_s: float = 0.3  # between two looks while the job prints


@dataclass(slots=True)
class Round:
    """One round of the four questions; `surplus` came in beside their answers."""

    answers: dict[StatusQuery, int] = field(default_factory=dict)
    surplus: int = 0

    @property
    def is_garbage(self) -> bool:
        """Whether something came that neither a question nor a fence is answered by.

        A fence's answer may be late: it is then an older job's, and no reason to suspect the line.
        """
        return any(
            not is_status_byte(byte) and not is_fence_byte(byte) for byte in self.answers.values()
        )

    @property
    def is_doubtful(self) -> bool:
        return self.surplus > 0 or repeats_itself(self.answers) or contradicts_itself(self.answers)


class StalledError(Exception):
    """The printer took no more bytes in time."""


class Conversation:
    """One open line. Every method may raise LineLost."""

    def __init__(
        self, line: ByteLine, timing: Timing, *, late_answers_may_come: bool = False
    ) -> None:
        """`late_answers_may_come`: the line before this one was given up with a question open."""
        self._line = line
        self._timing = timing
        self._first_quiet_s = 2 * timing.answer_timeout_s if late_answers_may_come else 0.0
        self._status_bytes: dict[StatusQuery, int] = {}
        self._answers: deque[int] = deque()
        self._fence_expected = False
        self._fence_seen = False
        self._answers_may_be_under_way = False

    def close(self) -> None:
        """Give the line back; unsent bytes are dropped."""
        self._line.close()

    @property
    def status_bytes(self) -> str:
        """The last answers to DLE EOT 1–4 in hexadecimal."""
        return " ".join(f"{byte:02X}" for byte in self._status_bytes.values())

    def ask_status(self) -> DeviceStatus:
        """Ask the four questions; the first that stays without an answer ends it.

        A round in doubt is asked again. Two rounds that contradict themselves in the same way are
        a maker's habit and believed; a peer that repeats itself, or says more than it is asked, is
        no printer. No doubt is ever read as "well": all of it has bits that say otherwise.
        """
        recovering = self._first_quiet_s > 0
        if recovering or self._answers_may_be_under_way:
            self._settle(self._first_quiet_s or _QUIET_S)
            self._first_quiet_s = 0.0
        first = self._ask_all()
        if recovering and self._receive(_QUIET_S):
            first.surplus += 1  # each answer was the one to the question before
        status = parse_status(first.answers)
        # bad news may be an answer that belongs to another question
        unsure = self._answers_may_be_under_way and not status.works
        if not unsure and (first.is_garbage or not first.is_doubtful):
            return status
        self._settle()
        return _judge(first, self._ask_all())

    def find_model(self) -> str:
        """The model's name by GS I 67; "" from a printer that doesn't say it."""
        self._receive(0)
        self._answers.clear()
        self._line.write(IDENTIFY_MODEL, timeout_s=self._timing.answer_timeout_s)
        deadline_s = time.monotonic() + self._timing.answer_timeout_s
        while MODEL_END not in self._answers and len(self._answers) < _MAX_ANSWER_BYTES:
            remaining_s = deadline_s - time.monotonic()
            if remaining_s <= 0:
                self._answers_may_be_under_way = True
                break
            self._receive(remaining_s)
        answer = bytes(self._answers)
        self._answers.clear()
        return parse_model(answer)

    def find_port_status(self) -> int | None:
        """What the port says, where it can; evidence beside the printer's own answers."""
        return self._line.find_port_status() if isinstance(self._line, ReportsPort) else None

    def synchronise(self, filler: bytes, filler_s: float) -> bool:
        """Whether the printer reads commands now, shown by its answer to a fence.

        A printer that was interrupted inside a picture takes the fence for dots. `filler`, which
        takes `filler_s` on the line, is white rows that end any such picture, and nothing to a
        printer that has none under way.
        """
        quiet_s = _QUIET_S
        passed = self._pass_fence(b"", self._timing.answer_timeout_s)
        if not passed:
            passed = self._pass_fence(filler, self._timing.stall_timeout_s + filler_s)
            quiet_s = filler_s + self._timing.answer_timeout_s
        if passed:
            # It may have been the answer to an older fence, left behind by an abandoned job or by
            # our own first try. Then one more is to come, and must not be taken for the job's.
            self._settle(quiet_s)
        return passed

    def send(self, pieces: Iterable[bytes], deadline_s: float) -> None:
        """Send `pieces` and the fence by the monotonic `deadline_s`; raises StalledError."""
        self._fence_seen = False
        for piece in (*pieces, FENCE):
            remaining_s = deadline_s - time.monotonic()
            timeout_s = max(0.0, min(self._timing.stall_timeout_s, remaining_s))
            if self._line.write(piece, timeout_s=timeout_s) < len(piece):
                raise StalledError
        self._fence_expected = True

    def await_fence(self, deadline_s: float) -> bool:
        """Whether the printer came to the end of the job by the monotonic `deadline_s`.

        Ends early when the printer says that it has stopped.
        """
        asked = False
        while True:
            remaining_s = deadline_s - time.monotonic()
            if self._fence_seen or remaining_s <= 0:
                return self._fence_seen
            self._receive(min(self._timing.poll_interval_s, remaining_s))
            if self._answers:
                asked = False
                if self._take_answers() & PrinterBits.OFFLINE and self._has_stopped():
                    return self._fence_seen
            elif not asked and not self._fence_seen:
                # never two questions under way: on a slow line they would pile up
                self._answers_may_be_under_way = asked = True
                self._line.write(query_status(1), timeout_s=self._timing.answer_timeout_s)

    def clear_printer(self) -> None:
        """Ask the printer to forget the rest of an unfinished job.

        Otherwise it would print it by itself once somebody puts paper in.
        """
        self._line.write(CLEAR_BUFFERS, timeout_s=self._timing.answer_timeout_s)
        # the answer differs between makers and is not needed; let the bytes get through
        self._line.read(timeout_s=self._timing.answer_timeout_s)

    def _pass_fence(self, filler: bytes, timeout_s: float) -> bool:
        deadline_s = time.monotonic() + timeout_s
        self.send([filler], deadline_s)
        while not self._fence_seen and (remaining_s := deadline_s - time.monotonic()) > 0:
            self._receive(remaining_s)
        return self._fence_seen

    def _has_stopped(self) -> bool:
        """Asked in full, because the hint may be an answer that a picture provoked."""
        status = self.ask_status()
        return not status.works and status.state is not DeviceState.UNKNOWN

    def _take_answers(self) -> int:
        """All bits of the answers that have come in."""
        self._answers_may_be_under_way = True
        bits = 0
        while self._answers:
            bits |= self._answers.popleft()
        return bits

    def _settle(self, quiet_s: float = _QUIET_S) -> None:
        """Let answers that are under way come in, and drop them, until none came for `quiet_s`."""
        deadline_s = time.monotonic() + quiet_s + self._timing.answer_timeout_s
        while self._receive(quiet_s) and time.monotonic() < deadline_s:
            quiet_s = _QUIET_S

    def _ask_all(self) -> Round:
        asked = Round()
        self._receive(0)
        self._answers.clear()  # what came before the first question answers none
        for query in QUERIES:
            answer = self._ask(query)
            if answer is None:
                break
            asked.answers[query] = answer
            received = (answer, *self._answers)
            asked.surplus += len(self._answers)
            self._answers.clear()
            wrong = next((byte for byte in received if not is_status_byte(byte)), None)
            if wrong is not None:
                asked.answers = dict.fromkeys(QUERIES, wrong)
                break
        self._status_bytes = dict(asked.answers)
        return asked

    def _ask(self, query: StatusQuery) -> int | None:
        question = query_status(query)
        if self._line.write(question, timeout_s=self._timing.answer_timeout_s) < len(question):
            return None
        deadline_s = time.monotonic() + self._timing.answer_timeout_s
        while not self._answers:
            remaining_s = deadline_s - time.monotonic()
            if remaining_s <= 0:
                return None
            self._receive(remaining_s)
        return self._answers.popleft()

    def _receive(self, timeout_s: float) -> bool:
        """Sort what comes in within `timeout_s` into fence and answers; False if nothing does."""
        received = self._line.read(timeout_s=timeout_s)
        for byte in received:
            if self._fence_expected and is_fence_byte(byte):
                self._fence_seen = True
                self._fence_expected = False
            elif byte not in _XON_XOFF:
                self._answers.append(byte)
        return bool(received)


def _judge(first: Round, second: Round) -> DeviceStatus:
    """What two rounds mean of which the first was in doubt."""
    status = parse_status(second.answers)
    if not second.answers and parse_status(first.answers).state is DeviceState.WRONG_SETTING:
        return parse_status(first.answers)  # it had its say before
    if status.state in (DeviceState.UNKNOWN, DeviceState.WRONG_SETTING):
        return status
    if repeats_itself(second.answers):
        return printer_status(DeviceState.WRONG_SETTING, "escpos.repeats_itself")
    if second.surplus:
        return printer_status(DeviceState.UNKNOWN, "escpos.surplus_answers")
    if contradicts_itself(second.answers) and second.answers != first.answers:
        return printer_status(DeviceState.UNKNOWN, "escpos.unsteady")
    return status
