"""The slip: never claimed without the printer's word, never printed twice by accident."""

from collections.abc import Callable

import pytest
from driver import SessionDriver

from yici.config.declaration import ReceiptPrinterSettings
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.receipt_printer.escpos.twin import TwinCondition
from yici.kiosk.session.table import State

MID_SLIP_ROWS = 60


@pytest.fixture
def signed(desk: SessionDriver, personas: dict[str, Persona]) -> SessionDriver:
    """On the last page before handing in."""
    desk.hand_in_certificate(personas["P01"])
    return desk


def slips(desk: SessionDriver) -> int:
    return len(desk.printer.slips)


def ask_again(desk: SessionDriver) -> None:
    desk.session.print_again()
    desk.reaches(State.SLIP)


def test_confirmed_slip_and_a_wanted_copy(signed: SessionDriver) -> None:
    signed.submit()
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("printed", 1)
    ask_again(signed)
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("printed", 2)
    assert slips(signed) == 2


def test_paper_out_is_told_and_after_refilling_the_original_is_printed(
    signed: SessionDriver,
) -> None:
    signed.printer.set_condition(TwinCondition.PAPER_OUT)
    signed.submit()
    assert signed.submitted.print_phase == "failed"
    assert signed.submitted.printer_state == "paper_out"
    signed.printer.clear(TwinCondition.PAPER_OUT)
    ask_again(signed)
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("printed", 1)
    assert slips(signed) == 1


@pytest.mark.parametrize(
    ("condition", "state"),
    [(TwinCondition.COVER_OPEN, "cover_open"), (TwinCondition.OFFLINE, "offline")],
)
def test_printer_that_says_why_it_can_not(
    signed: SessionDriver, condition: TwinCondition, state: str
) -> None:
    signed.printer.set_condition(condition)
    signed.submit()
    assert (signed.submitted.print_phase, signed.submitted.printer_state) == ("failed", state)
    assert slips(signed) == 0


def test_unplugged_printer_is_certain_to_have_printed_nothing(signed: SessionDriver) -> None:
    signed.printer.unplug()
    signed.submit()
    assert signed.submitted.print_phase == "failed"
    assert signed.submitted.printer_state == "disconnected"
    signed.printer.plug_in()
    ask_again(signed)
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("printed", 1)


def test_silent_printer_is_not_believed_to_work(signed: SessionDriver) -> None:
    signed.printer.set_condition(TwinCondition.SILENT)
    signed.submit()
    assert (signed.submitted.print_phase, signed.submitted.printer_state) == ("failed", "unknown")
    assert slips(signed) == 0


def test_plug_pulled_in_the_middle_asks_and_missing_means_a_copy(signed: SessionDriver) -> None:
    signed.printer.unplug(after_rows=MID_SLIP_ROWS)
    signed.submit()
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("ask", 1)
    signed.printer.plug_in()
    ask_again(signed)
    assert (signed.submitted.print_phase, signed.submitted.copy_number) == ("printed", 2)


def test_printer_gone_silent_in_the_middle_asks_and_the_residents_word_settles_it(
    signed: SessionDriver,
) -> None:
    signed.printer.set_condition(TwinCondition.SILENT, after_rows=MID_SLIP_ROWS)
    signed.submit()
    assert signed.submitted.print_phase == "ask"
    assert slips(signed) == 1, "it came out, and nobody but the resident can know"
    signed.session.slip_came_out()
    assert signed.submitted.print_phase == "printed"
    signed.printer.clear(TwinCondition.SILENT)
    ask_again(signed)
    assert signed.submitted.copy_number == 2


def test_paper_out_in_the_middle_asks(signed: SessionDriver) -> None:
    signed.printer.set_condition(TwinCondition.PAPER_OUT, after_rows=MID_SLIP_ROWS)
    signed.submit()
    assert (signed.submitted.print_phase, signed.submitted.printer_state) == ("ask", "paper_out")
    assert slips(signed) == 0


def test_terminal_without_a_printer_shows_the_code_instead(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona]
) -> None:
    desk = open_session(receipt_printer=ReceiptPrinterSettings())
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    assert desk.submitted.print_phase == "no_printer"
    assert desk.submitted.slip_code
    ask_again(desk)
    assert desk.submitted.print_phase == "no_printer"


def test_printer_of_another_width_is_a_wrong_setting(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona]
) -> None:
    desk = open_session(receipt_printer=ReceiptPrinterSettings(address="usb:nothing"))
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    assert desk.submitted.print_phase == "failed"
    assert desk.submitted.printer_state == "wrong_setting"


def test_a_slip_is_not_torn_by_leaving_while_it_is_printed(signed: SessionDriver) -> None:
    signed.sign()
    signed.session.submit()
    signed.reaches(State.SUBMITTED)
    assert not signed.view.can_end
    signed.session.end()
    assert signed.screen is State.SUBMITTED
    signed.reaches(State.SLIP)
    assert signed.submitted.print_phase == "printed"
    signed.session.end()
    assert (signed.screen, signed.view.end.kind) == (State.ENDED, "finished")


def test_home_tells_honestly_how_the_printer_is(desk: SessionDriver) -> None:
    desk.printer.set_condition(TwinCondition.PAPER_OUT)
    desk.session.watch_devices()
    desk.until(lambda: bool(desk.view.notices), "told that there is no paper")
    (notice,) = desk.view.notices
    assert (notice.kind, notice.state) == ("receipt_printer", "paper_out")
    desk.printer.clear(TwinCondition.PAPER_OUT)
    desk.session.services.devices.look()
    desk.until(lambda: not desk.view.notices, "told that all is well")
