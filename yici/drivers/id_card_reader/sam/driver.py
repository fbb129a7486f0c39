"""The reader on a serial line: find, select, read, ask for the newest address.

The port is never believed to be good: a call that finds it gone says DISCONNECTED, and the next
call opens it anew. After a reading the reader doesn't find the same card again until it has been
lifted, so ABSENT after an Identity means "take your card" as well as "no card".
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yici.contract.people import Identity
from yici.drivers.device import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    answers,
    failure,
)
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.sam.card_text import (
    NEWEST_ADDRESS_SIZE,
    TEXT_SIZE,
    decode_card_text,
    decode_newest_address,
    needs_manual_check,
)
from yici.drivers.id_card_reader.sam.frames import (
    LONGEST_REPLY,
    CodecError,
    Command,
    Damage,
    FrameParser,
    Reply,
    SamStatus,
    decode_reply,
    decode_sam_id,
    encode_request,
    split_card_blocks,
)
from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine, check_settings

BAUD_RATE = 115200


@dataclass(frozen=True, slots=True)
class SamDeadlines:
    """How long one question may take, in seconds; a spoiled answer is asked for once more."""

    short_s: float = 1.0  # status, SAM id, find, select
    read_s: float = 3.0  # text and photo: radio and decryption beside the line
    address_s: float = 1.5
    gap_s: float = 0.5  # silence inside a frame after which the rest will not come


class _Mishap(StrEnum):
    """Why a question got no answer."""

    SILENT = "silent"
    UNREADABLE = "unreadable"  # bytes, but nothing that begins like a frame
    DAMAGED = "damaged"  # a frame that broke on the way, or an answer to another question


class _NoAnswer(Exception):
    """Inside this module only: ends a reading, carries what to report."""

    def __init__(self, status: DeviceStatus) -> None:
        super().__init__(status.code)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Question:
    """What to send, how long to wait, and what a successful answer looks like."""

    command: Command
    deadline_s: Callable[[SamDeadlines], float]
    success: SamStatus
    fits: Callable[[int], bool]  # the size of a successful answer's data, in bytes


_STATUS = _Question(Command.STATUS, lambda d: d.short_s, SamStatus.OK, lambda n: n == 0)
_SAM_ID = _Question(Command.SAM_ID, lambda d: d.short_s, SamStatus.OK, lambda n: n == 16)
_FIND = _Question(Command.FIND_CARD, lambda d: d.short_s, SamStatus.CARD_FOUND, lambda n: n == 4)
_SELECT = _Question(Command.SELECT_CARD, lambda d: d.short_s, SamStatus.OK, lambda n: n == 8)
_READ = _Question(Command.READ_BASE, lambda d: d.read_s, SamStatus.OK, lambda n: n > TEXT_SIZE)
_NEWEST_ADDRESS = _Question(
    Command.READ_NEWEST_ADDRESS,
    lambda d: d.address_s,
    SamStatus.OK,
    lambda n: n == NEWEST_ADDRESS_SIZE,
)

# statuses that carry data only when they answer something: used to tell late answers apart
_WITH_DATA = (SamStatus.OK, SamStatus.CARD_FOUND)

# the request broke on its way to the reader: worth asking again
_HOST_ERRORS = (
    SamStatus.HOST_CHECKSUM_ERROR,
    SamStatus.HOST_LENGTH_ERROR,
    SamStatus.HOST_COMMAND_ERROR,
)

# the reader itself is ill, whatever was asked
_READER_STATES: Mapping[SamStatus, DeviceState] = {
    SamStatus.SELF_TEST_FAILED: DeviceState.FAULT,
    SamStatus.NOT_AUTHORISED: DeviceState.FAULT,
    SamStatus.RANDOM_FAILED: DeviceState.FAULT,
    **dict.fromkeys(_HOST_ERRORS, DeviceState.UNKNOWN),
}

_LINE_STATES: Mapping[LineFault, DeviceState] = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
    LineFault.IN_USE: DeviceState.BUSY,
}

_MISHAP_STATES: Mapping[_Mishap, DeviceState] = {
    _Mishap.SILENT: DeviceState.UNKNOWN,
    _Mishap.UNREADABLE: DeviceState.WRONG_SETTING,
    _Mishap.DAMAGED: DeviceState.UNKNOWN,
}


def connect(
    port: str, baud_rate: int = BAUD_RATE, *, deadlines: SamDeadlines | None = None
) -> "SamReader":
    """A reader at `port` (device path or socket://host:port), which need not be there yet.

    Raises ValueError for settings that no line can have.
    """
    check_settings(port, baud_rate)
    return SamReader(port, baud_rate, deadlines or SamDeadlines())


class SamReader:
    """An `IdCardReader` that speaks the SAM protocol."""

    def __init__(self, port: str, baud_rate: int, deadlines: SamDeadlines) -> None:
        self._port = port
        self._baud_rate = baud_rate
        self._deadlines = deadlines
        self._line: SerialLine | None = None

    def status(self) -> DeviceStatus:
        """Ask the security module; at most two short deadlines."""
        try:
            reply = self._ask(_STATUS)
        except _NoAnswer as no_answer:
            return no_answer.status
        if reply.status is SamStatus.OK:
            return _status(DeviceState.READY)
        return _unexpected(reply)

    def sam_id(self) -> str:
        """The security module's number, as printed on the reader.

        Raises NotReady, NeedsStaff.
        """
        try:
            return decode_sam_id(self._expect(_SAM_ID).data)
        except _NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer

    def read_card(self) -> Identity | CardPresence:
        """One poll; see `IdCardReader`. A card takes find, select, read and newest address.

        At most twice the deadline of each question that it came to ask.
        A newest address that could not be read is named in `manual_check`.
        """
        try:
            found = self._ask(_FIND)
            if found.status is SamStatus.NO_CARD:
                return CardPresence.ABSENT
            if found.status is not SamStatus.CARD_FOUND:
                raise _NoAnswer(_unexpected(found))
            return self._read_found_card()
        except _NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers."""
        return (answers(self.status()),)

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`."""
        return {"driver": "sam", "line_open": int(self._line is not None)}

    def close(self) -> None:
        """Give the port back; the next call would open it again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _read_found_card(self) -> Identity | CardPresence:
        for question in (_SELECT, _READ):
            reply = self._ask(question)
            if reply.status in _READER_STATES:
                raise _NoAnswer(_unexpected(reply))
            if reply.status is not SamStatus.OK:
                return CardPresence.READ_FAILED
        try:
            identity = decode_card_text(split_card_blocks(reply.data).text)
        except CodecError:
            return CardPresence.READ_FAILED
        return self._with_newest_address(identity)

    def _with_newest_address(self, identity: Identity) -> Identity:
        """The person is known already: a card lifted too early costs no second reading."""
        try:
            reply = self._ask(_NEWEST_ADDRESS)
        except _NoAnswer:
            return _flagged(identity, newest_address="")
        if reply.status is SamStatus.NO_SUCH_ITEM:
            return identity
        if reply.status is not SamStatus.OK:
            return _flagged(identity, newest_address="")
        newest_address = decode_newest_address(reply.data)
        if needs_manual_check(newest_address):
            return _flagged(identity, newest_address=newest_address)
        return identity.model_copy(update={"newest_address": newest_address})

    def _expect(self, question: _Question) -> Reply:
        reply = self._ask(question)
        if reply.status is not question.success:
            raise _NoAnswer(_unexpected(reply))
        return reply

    def _ask(self, question: _Question) -> Reply:
        """The reply, asked for a second time when the first was spoiled. Raises _NoAnswer."""
        try:
            answer = self._ask_once(question)
            if answer in (_Mishap.DAMAGED, _Mishap.UNREADABLE) or (
                isinstance(answer, Reply) and answer.status in _HOST_ERRORS
            ):
                answer = self._ask_once(question)
        except LineLost as lost:
            self.close()
            raise _NoAnswer(_status(_LINE_STATES[lost.fault], f"line.{lost.fault}")) from lost
        if isinstance(answer, _Mishap):
            raise _NoAnswer(_status(_MISHAP_STATES[answer], f"sam.{answer}"))
        return answer

    def _ask_once(self, question: _Question) -> Reply | _Mishap:
        line = self._open_line()
        line.discard_input()
        seconds = question.deadline_s(self._deadlines)
        deadline = time.monotonic() + seconds
        request = encode_request(question.command)
        if line.write(request, timeout_s=seconds) < len(request):
            return _Mishap.SILENT
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

    def _open_line(self) -> SerialLine:
        if self._line is None:
            self._line = SerialLine(self._port, baud_rate=self._baud_rate)
        return self._line


class _Listener:
    """Waits for the answer to one question in what the line says."""

    def __init__(self, question: _Question) -> None:
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

    def give_up(self) -> Reply | _Mishap:
        """Nothing more came: the answer if it hid behind a false beginning, or what went wrong."""
        self._take(self._parser.finish())
        if self.answer is not None:
            return self.answer
        if self._is_damaged:
            return _Mishap.DAMAGED
        return _Mishap.UNREADABLE if self._has_heard else _Mishap.SILENT

    def _take(self, items: list[bytes | Damage]) -> None:
        for item in items:
            reply = _find_reply(item)
            if reply is None or not self._answers(reply):
                self._is_damaged = True
            elif self.answer is None:
                self.answer = reply

    def _answers(self, reply: Reply) -> bool:
        """Replies don't name their question: a success of another shape answers an older one."""
        if reply.status not in _WITH_DATA:
            return True
        return reply.status is self._question.success and self._question.fits(len(reply.data))


def _find_reply(item: bytes | Damage) -> Reply | None:
    if isinstance(item, Damage):
        return None
    try:
        return decode_reply(item)
    except CodecError:
        return None


def _flagged(identity: Identity, *, newest_address: str) -> Identity:
    return identity.model_copy(
        update={
            "newest_address": newest_address,
            "manual_check": identity.manual_check | {"newest_address"},
        }
    )


def _unexpected(reply: Reply) -> DeviceStatus:
    """The status behind an answer that says "no"."""
    code = reply.status.name.lower()
    if reply.status is SamStatus.UNLISTED:
        code = f"status_{reply.status_byte:02x}"
    return _status(_READER_STATES.get(reply.status, DeviceState.UNKNOWN), f"sam.{code}")


def _status(state: DeviceState, code: str = "") -> DeviceStatus:
    return DeviceStatus(DeviceKind.ID_CARD_READER, state, code)
