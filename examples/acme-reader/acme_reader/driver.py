"""The driver: one question, one answer, each within its deadline.

The reader itself reports a code that is held before it only once. Nothing of a code is kept.
"""

import time
from collections.abc import Mapping
from typing import Final

from acme_reader.frames import (
    CodecError,
    Frame,
    FrameParser,
    FrameType,
    ReaderState,
    decode_code,
    decode_state,
    encode_frame,
)
from yici.drivers.code_reader import SeenCode
from yici.drivers.device import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
    failure,
)
from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine, check_settings

BAUD_RATE: Final = 115200
ANSWER_S: Final = 0.5
LONGEST_LOOK_MS: Final = 60_000

_LINE_STATES: Final[Mapping[LineFault, DeviceState]] = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
    LineFault.IN_USE: DeviceState.BUSY,
}


class _NoAnswer(Exception):
    """Inside this module only: carries what to report."""

    def __init__(self, state: DeviceState, code: str) -> None:
        super().__init__(code)
        self.status = DeviceStatus(DeviceKind.CODE_READER, state, code)


def connect(address: str, *, decoder: str = "") -> "AcmeReader":
    """A reader at a device path or socket://host:port, which need not be there yet.

    `decoder` is a setting of code readers that look through a camera; this one decodes by itself.
    Raises ValueError for an address that can't be one.
    """
    del decoder
    check_settings(address, BAUD_RATE)
    return AcmeReader(address)


class AcmeReader:
    """A `CodeReader`; calls come from one thread."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._line: SerialLine | None = None
        self._number = 0
        self._model = ""
        self._last_failure = ""

    def status(self) -> DeviceStatus:
        """See `Device`; takes at most ANSWER_S."""
        try:
            state = self._ask_state()
        except _NoAnswer as no_answer:
            return no_answer.status
        if state.lamp_failed:
            return DeviceStatus(DeviceKind.CODE_READER, DeviceState.FAULT, "acme.lamp_failed")
        return DeviceStatus(DeviceKind.CODE_READER, DeviceState.READY)

    def find_code(self, timeout_ms: int) -> SeenCode | None:
        """See `CodeReader`; ends at most ANSWER_S after `timeout_ms`."""
        look_ms = max(0, min(timeout_ms, LONGEST_LOOK_MS))
        try:
            question = look_ms.to_bytes(2, "big")
            answer = self._ask(FrameType.ARM, question, look_ms / 1000 + ANSWER_S)
            if answer.type is FrameType.NOTHING:
                return None
            symbology, content = decode_code(_body(answer, FrameType.CODE))
        except CodecError:
            raise failure(self._unreadable().status) from None
        except _NoAnswer as no_answer:
            raise failure(no_answer.status) from None
        return SeenCode(content, symbology)

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers, and its lamp."""
        try:
            lamp_failed = self._ask_state().lamp_failed
        except _NoAnswer as no_answer:
            lamp = SelfTestStep("acme.lamp", StepOutcome.NOT_DONE)
            return answers(no_answer.status), lamp
        outcome = StepOutcome.FAILED if lamp_failed else StepOutcome.PASSED
        ready = DeviceStatus(DeviceKind.CODE_READER, DeviceState.READY)
        return answers(ready), SelfTestStep("acme.lamp", outcome)

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`: nothing of a code is in it."""
        return {"driver": "acme", "model": self._model, "last_failure": self._last_failure}

    def close(self) -> None:
        """See `Device`; the next call opens the port again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ask_state(self) -> ReaderState:
        answer = self._ask(FrameType.QUERY, b"", ANSWER_S)
        try:
            state = decode_state(_body(answer, FrameType.STATE))
        except CodecError:
            raise self._unreadable() from None
        self._model = state.model
        return state

    def _ask(self, question: FrameType, body: bytes, timeout_s: float) -> Frame:
        """The answer to one question. Raises _NoAnswer."""
        self._number = (self._number + 1) % 256
        try:
            heard = self._exchange(encode_frame(Frame(self._number, question, body)), timeout_s)
        except LineLost as lost:
            self.close()
            raise self._fail(_LINE_STATES[lost.fault], f"line.{lost.fault}") from None
        if isinstance(heard, Frame):
            return heard
        raise self._unreadable() if heard else self._fail(DeviceState.UNKNOWN, "acme.silent")

    def _exchange(self, request: bytes, timeout_s: float) -> Frame | bool:
        """The answer that bears our number, or whether anything was heard at all."""
        deadline_s = time.monotonic() + timeout_s
        if self._line is None:
            self._line = SerialLine(self._port, baud_rate=BAUD_RATE)
        self._line.discard_input()
        self._line.write(request, timeout_s=timeout_s)
        parser, heard = FrameParser(), False
        while (left_s := deadline_s - time.monotonic()) > 0:
            data = self._line.read(timeout_s=left_s)
            frames = parser.feed(data)
            mine = next((frame for frame in frames if frame.number == self._number), None)
            if mine is not None:
                return mine
            heard = heard or bool(data and not frames)  # a late answer is no garbage
        return heard

    def _unreadable(self) -> _NoAnswer:
        return self._fail(DeviceState.WRONG_SETTING, "acme.unreadable")

    def _fail(self, state: DeviceState, code: str) -> _NoAnswer:
        self._last_failure = code
        return _NoAnswer(state, code)


def _body(answer: Frame, wanted: FrameType) -> bytes:
    if answer.type is not wanted:
        raise CodecError(f"{wanted.name} was wanted, {answer.type.name} came")
    return answer.body
