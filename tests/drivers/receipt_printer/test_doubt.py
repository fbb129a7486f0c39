"""A byte with the right fixed bits is no proof of a printer: what more it takes."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drivers.receipt_printer.test_conversation import TIMING, ScriptedLine
from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer.escpos.commands import IDENTIFY_MODEL
from yici.drivers.receipt_printer.escpos.conversation import Conversation, Timing
from yici.drivers.receipt_printer.escpos.status import (
    contradicts_itself,
    is_status_byte,
    parse_model,
    repeats_itself,
)

QUICK = Timing(answer_timeout_s=0.02, stall_timeout_s=0.02, job_margin_s=0.02, poll_interval_s=0.01)
STATUS_BYTES = [byte for byte in range(256) if is_status_byte(byte)]


class AnsweringLine(ScriptedLine):
    """Answers the n-th question with what `answer` says for (n, the question's number)."""

    def __init__(self, answer: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._answer = answer
        self._asked = 0

    def write(self, data: bytes, *, timeout_s: float) -> int:
        if data.startswith(b"\x10\x04"):
            self.pieces.append(self._answer(self._asked, data[2]))
            self._asked += 1
        return super().write(data, timeout_s=timeout_s)


def ask(answer: Callable[[int, int], bytes]) -> tuple[DeviceState, str]:
    status = Conversation(AnsweringLine(answer), QUICK).ask_status()
    return status.state, status.code


@pytest.mark.parametrize("byte", [byte for byte in STATUS_BYTES if byte != 0x12], ids=chr)
def test_a_peer_that_always_says_the_same_letter_is_no_printer(byte: int) -> None:
    assert ask(lambda _n, _query: bytes([byte])) == (
        DeviceState.WRONG_SETTING,
        "escpos.repeats_itself",
    )


def test_a_service_that_greets_in_digits_is_no_printer() -> None:
    state, _ = ask(lambda _n, _query: b"220 ready\r\n")
    assert state is DeviceState.WRONG_SETTING


def test_more_answers_than_questions_are_never_well() -> None:
    assert ask(lambda _n, _query: b"\x12\x12")[0] is DeviceState.UNKNOWN


def test_cover_opened_between_two_questions_is_asked_again() -> None:
    open_now = {1: 0x1A, 2: 0x16, 3: 0x12, 4: 0x12}
    state, code = ask(lambda n, query: bytes([0x12 if n == 0 else open_now[query]]))
    assert (state, code) == (DeviceState.COVER_OPEN, "escpos.cover_open")


def test_a_maker_who_sets_one_bit_of_a_pair_is_believed_the_second_time() -> None:
    near_end = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x16}
    out = {1: 0x1A, 2: 0x32, 3: 0x12, 4: 0x32}
    assert ask(lambda _n, query: bytes([near_end[query]]))[0] is DeviceState.PAPER_NEAR_END
    assert ask(lambda _n, query: bytes([out[query]]))[0] is DeviceState.PAPER_OUT


def test_a_printer_that_contradicts_itself_otherwise_each_time_is_unknown() -> None:
    rounds = [{1: 0x12, 2: 0x16, 3: 0x12, 4: 0x12}, {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x32}]
    assert ask(lambda n, query: bytes([rounds[n // 4][query]])) == (
        DeviceState.UNKNOWN,
        "escpos.unsteady",
    )


@given(st.tuples(*[st.sampled_from(STATUS_BYTES)] * 4))
def test_no_four_bytes_in_doubt_say_ready(answers: tuple[int, int, int, int]) -> None:
    named = dict(zip((1, 2, 3, 4), answers, strict=True))
    state, _ = ask(lambda _n, query: bytes([named[query]]))
    if state is DeviceState.READY:
        assert not repeats_itself(named)  # type: ignore[arg-type]  # int keys are the four literals
        assert not contradicts_itself(named)  # type: ignore[arg-type]  # as above
        assert not answers[0] & 0x08


@given(st.lists(st.binary(max_size=3), max_size=24))
def test_any_bytes_give_a_status_in_time(pieces: list[bytes]) -> None:
    given_pieces = itertools.chain(pieces, itertools.repeat(b""))
    status = Conversation(AnsweringLine(lambda _n, _q: next(given_pieces)), QUICK).ask_status()
    assert isinstance(status.state, DeviceState)


def test_late_answers_of_a_line_given_up_are_not_taken_for_the_next() -> None:
    line = ScriptedLine(b"", b"\x12", b"\x12", b"", b"")
    conversation = Conversation(line, TIMING, late_answers_may_come=True)
    assert conversation.ask_status().state is DeviceState.UNKNOWN


def test_answers_that_are_one_question_late_are_noticed_after_a_silence() -> None:
    # cover open; the first byte is left over, so each answer is taken for the next question's
    late = ScriptedLine(b"", b"", b"\x12", b"\x1a", b"\x16", b"\x12", b"\x12")
    conversation = Conversation(late, TIMING, late_answers_may_come=True)
    assert not conversation.ask_status().works


@pytest.mark.parametrize(
    ("answer", "model"),
    [
        (b"_TM-T20III\0", "TM-T20III"),
        (b"\x12_XP-80\0", "XP-80"),
        (b"", ""),
        (b"_TM", ""),
        (b"_\xff\x1b[31m\0", "[31m"),
        (b"_" + b"A" * 70 + b"\0", "A" * 32),
    ],
)
def test_models_name_is_letters_only_and_short(answer: bytes, model: str) -> None:
    assert parse_model(answer) == model


@given(st.binary(max_size=120))
def test_any_answer_is_a_models_name_or_none(answer: bytes) -> None:
    name = parse_model(answer)
    assert len(name) <= 32
    assert name.isprintable()


def test_a_printer_that_never_ends_its_name_is_not_waited_for() -> None:
    class Endless(ScriptedLine):
        def write(self, data: bytes, *, timeout_s: float) -> int:
            if data == IDENTIFY_MODEL:
                self.pieces.extend([b"_" + b"A" * 60] * 9)
            return super().write(data, timeout_s=timeout_s)

    assert Conversation(Endless(), QUICK).find_model() == ""
