"""The reader fails while somebody is being identified: the session goes on, another way is open."""

from collections.abc import Callable

import pytest
from driver import SessionDriver

from yici.config.declaration import IdCardReaderSettings
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.id_card_reader.sam.twin import SamFault
from yici.kiosk.session.table import State


def types_instead(desk: SessionDriver, persona: Persona) -> None:
    desk.type_identity(persona.identity.name, persona.identity.id_number)
    desk.session.confirm_identity()
    assert desk.screen is State.FILL


def test_reader_unplugged_while_waiting_for_a_card_and_plugged_in_again(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.reader.unplug()
    desk.until(lambda: desk.identify.phase == "reader_unavailable", "told that it is gone")
    assert desk.identify.reader_state == "disconnected"
    desk.reader.plug_in()
    desk.until(lambda: desk.identify.phase == "waiting", "back by itself")
    desk.lay_card(personas["P01"])


def test_typing_works_while_the_reader_is_gone(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.reader.unplug()
    desk.until(lambda: desk.identify.phase == "reader_unavailable", "told that it is gone")
    desk.session.type_instead()
    desk.work_for(0.7)
    assert desk.identify.phase == "typing", "a dead reader must not close the keyboard"
    types_instead(desk, personas["P01"])


def test_a_card_laid_down_while_typing_counts(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.session.type_instead()
    desk.session.identifying.set_typed_name("别")
    desk.lay_card(personas["P01"])
    assert desk.identify.name == "张*例"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (SamFault.SILENT, "unknown"),
        (SamFault.BAD_CHECKSUM, "unknown"),
        (SamFault.WRONG_BAUD, "wrong_setting"),
    ],
)
def test_reader_that_answers_nothing_or_rubbish_is_told_and_recovers(
    desk: SessionDriver, personas: dict[str, Persona], fault: SamFault, state: str
) -> None:
    desk.reader.set_faults(fault)
    desk.choose("RS-003")
    desk.until(lambda: desk.identify.phase == "reader_unavailable", "told")
    assert desk.identify.reader_state == state
    desk.reader.set_faults()
    desk.lay_card(personas["P01"])


def test_unreadable_card_asks_to_lay_it_down_again(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.reader.set_faults(SamFault.READ_FAILED)
    desk.choose("RS-003")
    desk.reader.put_card(personas["P01"])
    desk.until(lambda: desk.identify.phase == "read_failed", "asked to lay it down again")
    desk.reader.take_card()
    desk.reader.set_faults()
    desk.work_for(0.7)
    assert desk.identify.phase == "read_failed", "the advice stays until the card is read"
    desk.lay_card(personas["P01"])


def test_plug_pulled_in_the_middle_of_the_cards_text(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.reader.set_faults(SamFault.PULLED_MID_REPLY)
    desk.choose("RS-003")
    desk.reader.put_card(personas["P01"])
    desk.until(lambda: desk.identify.phase == "reader_unavailable", "told that it is gone")
    desk.reader.set_faults()
    desk.reader.plug_in()
    desk.lay_card(personas["P01"])


def test_reader_lost_after_the_card_was_read_changes_nothing(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.lay_card(personas["P01"])
    desk.reader.unplug()
    desk.work_for(0.7)
    desk.fill({}, {"alive_self": "yes", "verify_way": "村级代办员见证"})
    assert desk.screen is State.REVIEW


@pytest.mark.parametrize(
    ("reader", "state"),
    [
        (IdCardReaderSettings(), "not_configured"),
        (IdCardReaderSettings(driver="no-such", port="/dev/null"), "wrong_setting"),
        (IdCardReaderSettings(port="/dev/kiosk/none"), "disconnected"),
    ],
    ids=["none", "unknown driver", "absent"],
)
def test_terminal_without_a_usable_reader_takes_typed_names(
    open_session: Callable[..., SessionDriver],
    personas: dict[str, Persona],
    reader: IdCardReaderSettings,
    state: str,
) -> None:
    desk = open_session(id_card_reader=reader)
    desk.choose("RS-003")
    desk.until(lambda: desk.identify.phase == "reader_unavailable", "told that there is none")
    assert desk.identify.reader_state == state
    types_instead(desk, personas["P01"])


def test_a_driver_that_breaks_is_a_fault_and_no_end(
    desk: SessionDriver, personas: dict[str, Persona], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: IdCardReaderSettings) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("yici.kiosk.devices.connecting.connect_id_card_reader", broken)
    desk.choose("RS-003")
    desk.until(lambda: desk.identify.reader_state == "fault", "told")
    types_instead(desk, personas["P01"])


def test_card_that_is_being_read_when_somebody_else_is_asked_for_is_not_lost(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.reader.set_fault(SamFault.SLOW)
    desk.work_for(0.5)
    desk.reader.put_card(personas["P01"])
    desk.work_for(0.5)  # now a poll is in the middle of this card
    desk.type_identity("李样本", personas["P02"].identity.id_number)
    desk.session.not_me()
    desk.until(lambda: desk.identify.phase == "known", "identified by the card that lies there")
    assert desk.identify.name == "张*例"


def test_card_laid_right_after_somebody_else_was_known_is_read(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.work_for(0.5)  # the reader is polled, and the next poll waits already
    desk.type_identity("李样本", personas["P02"].identity.id_number)
    assert desk.identify.phase == "known"
    desk.session.not_me()
    desk.lay_card(personas["P01"])
    assert desk.identify.name == "张*例"
