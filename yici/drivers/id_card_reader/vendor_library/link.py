"""The SAM questions as calls of a maker's library in a child process."""

import re
import struct
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.id_card_reader.sam.frames import Command, Reply, SamStatus
from yici.drivers.id_card_reader.sam.link import NoAnswer
from yici.drivers.id_card_reader.sam.questions import Mishap, Question, SamDeadlines
from yici.drivers.id_card_reader.sam.status_words import reader_status
from yici.drivers.id_card_reader.vendor_library import worker
from yici.drivers.id_card_reader.vendor_library.worker import ANSWER, OPEN_PORT, Call, Outcome
from yici.drivers.transports.child_process import ChildFault, ChildLost, ChildProcess

# only the library says these: it has its own port and its own patience
PORT_FAILED, TIMED_OUT = 0x01, 0x02

_OPEN_S = 6.0  # a new process, a library that may be large, a port that may be slow
_HOPELESS = 5  # losses of the same call in a row after which staff are called

_CALLS: Mapping[Command, Call] = {
    Command.RESET: Call.RESET,
    Command.STATUS: Call.STATUS,
    Command.SAM_ID: Call.SAM_ID,
    Command.FIND_CARD: Call.FIND,
    Command.SELECT_CARD: Call.SELECT,
    Command.READ_BASE: Call.READ,
    Command.READ_NEWEST_ADDRESS: Call.NEWEST_ADDRESS,
}

_SAM_ID = re.compile(rb"(\d\d)\.(\d\d)-(\d{8})-(\d{10})-(\d{10})")


class VendorLink:
    """A `SamLink`; the library is loaded anew only after it had to be killed."""

    def __init__(self, library: Path, port: int, deadlines: SamDeadlines) -> None:
        self._child = ChildProcess(Path(worker.__file__), beside=library)
        self._opening = bytes([Call.OPEN]) + OPEN_PORT.pack(port) + str(library).encode()
        self._deadlines = deadlines
        self._is_open = False
        self._losses: Counter[int] = Counter()  # by call, since it last came back

    @property
    def is_open(self) -> bool:
        return self._is_open

    def open(self) -> None:
        """See `SamLink`."""
        if self._is_open:
            return
        reply = self._call(self._opening, _OPEN_S)
        if reply is not None and reply.status is SamStatus.OK:
            self._is_open = True
            return
        raise self._port_failed()

    def ask_once(self, question: Question) -> Reply | Mishap:
        """See `SamLink`."""
        self.open()
        call = _CALLS[question.command]
        reply = self._call(bytes([call]), question.deadline_s(self._deadlines))
        if reply is None:
            return Mishap.DAMAGED
        if reply.status_byte == PORT_FAILED:
            raise self._port_failed()
        if reply.status_byte == TIMED_OUT:
            return Mishap.SILENT
        if call is Call.SAM_ID and reply.status is SamStatus.OK:
            reply = Reply(reply.status, reply.status_byte, b"", _pack_sam_id(reply.data))
        return reply if question.is_answered_by(reply) else Mishap.DAMAGED

    def close(self) -> None:
        """See `SamLink`; the library is not asked, because it may hang."""
        self._child.close()
        self._is_open = False

    def _call(self, question: bytes, timeout_s: float) -> Reply | None:
        """None when the library's lengths can't be. Raises NoAnswer."""
        try:
            answer = self._child.ask(question, timeout_s=timeout_s)
        except ChildLost as lost:
            self._is_open = False
            raise NoAnswer(self._status_of_lost(lost, question[0])) from lost
        if len(answer) < ANSWER.size:  # the library has got at our own code in there
            self.close()
            raise NoAnswer(reader_status(DeviceState.FAULT, "vendor.overrun"))
        self._losses[question[0]] = 0
        outcome, code = ANSWER.unpack_from(answer)
        if outcome == Outcome.BAD_LENGTH:
            return None
        if outcome == Outcome.UNUSABLE:
            self.close()
            raise NoAnswer(reader_status(DeviceState.WRONG_SETTING, "vendor.library_unusable"))
        if outcome == Outcome.OVERRUN:
            self.close()
            raise NoAnswer(reader_status(DeviceState.FAULT, "vendor.overrun"))
        byte = code & 0xFF
        status = SamStatus(byte) if byte in SamStatus.__members__.values() else SamStatus.UNLISTED
        data = answer[ANSWER.size :] if status in (SamStatus.OK, SamStatus.CARD_FOUND) else b""
        return Reply(status, byte, b"", data)

    def _status_of_lost(self, lost: ChildLost, call: int) -> DeviceStatus:
        is_resting = lost.fault is ChildFault.RESTING
        if not is_resting:
            self._losses[call] += 1
        if self._losses[call] >= _HOPELESS:
            return reader_status(DeviceState.FAULT, "vendor.keeps_failing")
        state = DeviceState.BUSY if is_resting else DeviceState.UNKNOWN
        return reader_status(state, f"vendor.{lost.fault}")

    def _port_failed(self) -> NoAnswer:
        """The library stays loaded: a reader that is pulled costs no new process each second."""
        if self._is_open:
            self._is_open = False
            self._call(bytes([Call.CLOSE]), self._deadlines.short_s)
        return NoAnswer(reader_status(DeviceState.DISCONNECTED, "vendor.port_failed"))


def _pack_sam_id(text: bytes) -> bytes:
    """The module's own 16 bytes behind the printed number; empty for anything else."""
    numbers = _SAM_ID.fullmatch(text.strip())
    if numbers is None:
        return b""
    words = [int(number) for number in numbers.groups()]
    return struct.pack("<HHIII", *words) if max(words) < 1 << 32 else b""
