"""Which answer belongs to which question, when they come at the worst moment."""

import time
from collections import deque

from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer.escpos.commands import FENCE
from yici.drivers.receipt_printer.escpos.conversation import Conversation, Timing

TIMING = Timing(answer_timeout_s=0.2, stall_timeout_s=0.2, job_margin_s=0.2, poll_interval_s=0.05)
NOTHING = b""


class ScriptedLine:
    """Gives one scripted piece per read, and then nothing any more."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = deque(pieces)
        self.written = b""

    def read(self, *, timeout_s: float) -> bytes:
        if self.pieces:
            return self.pieces.popleft()
        time.sleep(min(timeout_s, 0.02))
        return NOTHING

    def write(self, data: bytes, *, timeout_s: float) -> int:
        del timeout_s  # it takes everything at once
        self.written += data
        return len(data)

    def discard_input(self) -> None:
        self.pieces.clear()

    def close(self) -> None:
        pass


def is_confirmed(conversation: Conversation) -> bool:
    deadline_s = time.monotonic() + 0.2
    conversation.send([b"job"], deadline_s)
    return conversation.await_fence(deadline_s)


def test_an_older_fences_answer_does_not_confirm_the_job() -> None:
    # the first answer is left over from somebody else's job; the second is the opening fence's
    conversation = Conversation(ScriptedLine(b"\x00", b"\x00"), TIMING)
    assert conversation.synchronise(b"", 0)
    assert not is_confirmed(conversation)


class LateLine(ScriptedLine):
    """Answers both tries only once the second has been written."""

    def write(self, data: bytes, *, timeout_s: float) -> int:
        if data == b"white":
            self.pieces.extend((b"\x00", b"\x00"))
        return super().write(data, timeout_s=timeout_s)


def test_a_late_answer_to_the_first_try_does_not_confirm_the_job() -> None:
    line = LateLine()
    conversation = Conversation(line, TIMING)
    assert conversation.synchronise(b"white", 0)
    assert line.written == FENCE + b"white" + FENCE
    assert not is_confirmed(conversation)


def test_the_jobs_own_fence_confirms_it() -> None:
    conversation = Conversation(ScriptedLine(b"\x00"), TIMING)
    assert conversation.synchronise(b"", 0)
    assert not is_confirmed(conversation)
    line = ScriptedLine(b"\x00", NOTHING, b"\x03")
    conversation = Conversation(line, TIMING)
    assert conversation.synchronise(b"", 0)
    assert is_confirmed(conversation)


def test_flow_control_bytes_are_no_answers() -> None:
    line = ScriptedLine(NOTHING, b"\x13\x11\x12", *(NOTHING, b"\x12") * 3)
    assert Conversation(line, TIMING).ask_status().state is DeviceState.READY


def test_half_an_answer_is_unknown() -> None:
    line = ScriptedLine(NOTHING, b"\x12", NOTHING, b"\x12")
    status = Conversation(line, TIMING).ask_status()
    assert (status.state, status.code) == (DeviceState.UNKNOWN, "escpos.no_answer_3")


def test_answers_left_over_from_before_are_not_taken() -> None:
    line = ScriptedLine(b"\x1a", b"\x12", *(NOTHING, b"\x12") * 3)
    assert Conversation(line, TIMING).ask_status().state is DeviceState.READY
