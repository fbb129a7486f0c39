"""The hall's mark goes from the settings to the screen and onto the slip."""

from collections.abc import Callable

import pytest
from driver import SessionDriver

from yici.config.declaration import HallSettings
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.receipt_printer import Receipt
from yici.kiosk.receipts.slip import SlipContent, make_slip


def test_mark_is_on_the_screen_and_on_the_printed_slip(
    open_session: Callable[..., SessionDriver],
    personas: dict[str, Persona],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed: list[SlipContent] = []

    def make(content: SlipContent, width_px: int) -> Receipt:
        printed.append(content)
        return make_slip(content, width_px)

    monkeypatch.setattr("yici.kiosk.session.slip_printing.make_slip", make)
    desk = open_session(hall=HallSettings(mark="练习"))
    assert desk.view.mark == "练习"
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    assert [content.mark for content in printed] == ["练习"]
    assert len(desk.printer.slips) == 1
