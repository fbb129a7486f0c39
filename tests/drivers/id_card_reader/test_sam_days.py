"""Whole days of a reader: cards, plugs and polls in any order, against a model of a few facts."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from yici.contract.people import Identity
from yici.drivers.device import DeviceError, DeviceState, NotReady
from yici.drivers.id_card_reader import CardPresence, CardRemoval
from yici.drivers.id_card_reader.sam.driver import connect
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sam.twin import Pace, SamFault, SamTwin

PEOPLE = [
    Identity(name="张示例", id_number="430199198506120012"),
    Identity(name="李样本", id_number="430199196211030029"),
]


class ReaderDay(RuleBasedStateMachine):
    """What the driver says must follow from: is it plugged in, is its port stale, which card."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.twin = SamTwin(Path(self.directory.name) / "reader", pace=Pace.AT_ONCE)
        self.twin.start()
        self.reader = connect(str(self.twin.path), deadlines=SamDeadlines(poll_interval_s=0))
        self.is_plugged = True
        self.holds_dead_port = False
        self.is_open = False
        self.card: Identity | None = None
        self.is_fresh = False
        self.is_spoiled = False
        self.removal = CardRemoval.UNKNOWN
        self.tells_removal = False
        self.is_untouched = False  # the card that was read last has not been moved since

    def teardown(self) -> None:
        self.reader.close()
        self.twin.stop()
        self.directory.cleanup()

    @rule(person=st.sampled_from(PEOPLE))
    def lay_card(self, person: Identity) -> None:
        self.twin.put_card(person)
        self.card, self.is_fresh, self.is_untouched = person, True, False

    @rule()
    def lift_card(self) -> None:
        self.twin.take_card()
        self.card, self.is_fresh, self.is_untouched = None, False, False

    @rule(faults=st.sampled_from([(), (SamFault.READ_FAILED,), (SamFault.NOISE,)]))
    def spoil(self, faults: tuple[SamFault, ...]) -> None:
        self.twin.set_faults(*faults)
        self.is_spoiled = SamFault.READ_FAILED in faults

    @precondition(lambda self: self.is_plugged)
    @rule()
    def unplug(self) -> None:
        self.twin.unplug()
        self.is_plugged = False
        self.holds_dead_port = self.is_open

    @precondition(lambda self: not self.is_plugged)
    @rule()
    def plug_in(self) -> None:
        self.twin.plug_in()
        self.is_plugged, self.is_fresh = True, self.card is not None

    @rule()
    def close(self) -> None:
        self.reader.close()
        self.is_open = self.holds_dead_port = False
        self.forget()

    @rule()
    def ask_status(self) -> None:
        expected = DeviceState.READY if self.can_talk() else DeviceState.DISCONNECTED
        assert self.reader.status().state is expected

    @rule()
    def poll(self) -> None:
        can_talk = self.can_talk()
        outcome = self.look()
        if not can_talk:
            assert outcome is DeviceState.DISCONNECTED
            return
        if self.removal is CardRemoval.STILL_THERE:
            self.removal = CardRemoval.UNKNOWN
        if not self.is_fresh:
            assert outcome is CardPresence.ABSENT
        elif self.is_spoiled:
            assert outcome is CardPresence.READ_FAILED
        else:
            assert isinstance(outcome, Identity)
            assert self.card is not None
            assert outcome.id_number == self.card.id_number
            self.removal, self.is_untouched = CardRemoval.STILL_THERE, True
        self.is_fresh = False

    @rule()
    def ask_whether_the_card_was_taken(self) -> None:
        if self.removal is not CardRemoval.STILL_THERE:
            assert self.reader.card_removal() is self.removal
        elif not self.can_talk():
            with pytest.raises(NotReady):
                self.reader.card_removal()
        elif self.is_untouched and not self.is_spoiled:
            assert self.reader.card_removal() is CardRemoval.STILL_THERE
            self.tells_removal = True
        else:
            self.removal = CardRemoval.REMOVED if self.tells_removal else CardRemoval.UNKNOWN
            assert self.reader.card_removal() is self.removal

    @invariant()
    def path_is_there_while_plugged(self) -> None:
        assert self.twin.path.is_symlink() == self.is_plugged

    def look(self) -> Identity | CardPresence | DeviceState:
        try:
            return self.reader.read_card()
        except DeviceError as error:
            return error.status.state

    def can_talk(self) -> bool:
        """Whether the next call reaches the reader; the call itself opens or drops the port."""
        can_talk = self.is_plugged and not self.holds_dead_port
        self.is_open, self.holds_dead_port = can_talk, False
        if not can_talk:
            self.forget()
        return can_talk

    def forget(self) -> None:
        """Nobody knows what happened to a card meanwhile, or which reader it is."""
        self.removal, self.tells_removal = CardRemoval.UNKNOWN, False


ReaderDay.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestReaderDay = ReaderDay.TestCase
