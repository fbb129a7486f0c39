"""The twin's mind as a state machine: no order of commands reads a card that is not there."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from yici.drivers.id_card_reader.sam.frames import (
    LONGEST_REPLY,
    Command,
    Damage,
    FrameParser,
    SamStatus,
    decode_reply,
)
from yici.drivers.id_card_reader.sam.virtual_sam import Card, VirtualSam

READINGS = (Command.READ_BASE, Command.READ_BASE_AND_FINGERPRINTS)


class CardField(RuleBasedStateMachine):
    """Cards come and go while any command is asked in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.sam = VirtualSam()
        self.lies_there = False
        self.times_read = 0

    def ask(self, request: bytes | Damage) -> SamStatus:
        (body,) = FrameParser(longest=LONGEST_REPLY).feed(self.sam.answer(request))
        assert isinstance(body, bytes)
        return decode_reply(body).status

    @rule(fingerprints=st.integers(0, 2))
    def put(self, fingerprints: int) -> None:
        self.sam.put_card(Card(b" \0" * 128, "新居", fingerprints))
        self.lies_there, self.times_read = True, 0

    @rule()
    def take(self) -> None:
        self.sam.take_card()
        self.lies_there = False

    @rule(can_read=st.booleans())
    def spoil(self, *, can_read: bool) -> None:
        self.sam.can_read = can_read

    @rule(command=st.sampled_from(Command))
    def command(self, command: Command) -> None:
        status = self.ask(command.value)
        if command in READINGS and status is SamStatus.OK:
            self.times_read += 1
            assert self.lies_there
        if status is SamStatus.CARD_FOUND:
            assert self.lies_there
            assert not self.times_read

    @rule(command=st.sampled_from(READINGS))
    def go_the_whole_way(self, command: Command) -> None:
        found = self.ask(Command.FIND_CARD.value) is SamStatus.CARD_FOUND
        selected = self.ask(Command.SELECT_CARD.value) is SamStatus.OK
        assert found == selected
        self.command(command)

    @rule(request=st.binary(min_size=2, max_size=4) | st.sampled_from(Damage))
    def foreign_request(self, request: bytes | Damage) -> None:
        self.ask(request)

    @invariant()
    def a_card_is_read_once_for_each_time_it_is_laid_down(self) -> None:
        assert self.times_read <= 1
        assert self.sam.has_card == self.lies_there


CardField.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestCardField = CardField.TestCase
