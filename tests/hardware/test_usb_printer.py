"""The receipt printer behind usblp; `guest/printer_gadget.py` is its other side."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from guest.printer_gadget import HOST_FILE, NAME, GadgetEnd
from guest.waiting import wait_until
from PIL import Image, ImageChops, ImageDraw

from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.receipt_printer.escpos.driver import EscPosPrinter, connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition

BACK_WITHIN_S: Final = 10.0


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[EscPosTwin]:
    with EscPosTwin(GadgetEnd(), tmp_path) as twin:
        wait_until(NAME.exists)
        assert NAME.resolve() == HOST_FILE
        yield twin
    wait_until(lambda: not HOST_FILE.exists())


@pytest.fixture
def printer(twin: EscPosTwin) -> Iterator[EscPosPrinter]:
    printer = connect(twin.address)
    wait_until(lambda: printer.status().works)
    yield printer
    printer.close()


def test_receipt_is_printed_and_confirmed_through_usblp(
    twin: EscPosTwin, printer: EscPosPrinter
) -> None:
    picture = receipt(400)
    assert printer.print_image(picture).effect is PrintEffect.PRINTED
    assert twin.wait_for_slips(1, timeout_s=20)
    printed = Image.open(twin.slips[0].path).convert("1")
    top = printed.crop((0, 0, picture.width, picture.height))
    assert ImageChops.logical_xor(top, picture).getbbox() is None


def test_paper_out_is_told_through_usblp(twin: EscPosTwin, printer: EscPosPrinter) -> None:
    twin.set_condition(TwinCondition.PAPER_OUT)
    assert printer.status().state is DeviceState.PAPER_OUT
    assert printer.print_image(receipt(100)).effect is PrintEffect.NOT_PRINTED
    twin.clear(TwinCondition.PAPER_OUT)
    assert printer.status().works


def test_printer_pulled_in_the_middle_of_a_slip_is_doubt_and_comes_back(
    twin: EscPosTwin, printer: EscPosPrinter, record_property: Callable[[str, object], None]
) -> None:
    twin.unplug(after_rows=300)
    outcome = printer.print_image(receipt(2400))
    assert outcome.effect is PrintEffect.UNKNOWN
    assert outcome.after.state is DeviceState.DISCONNECTED
    wait_until(lambda: not HOST_FILE.exists())
    assert printer.status().state is DeviceState.DISCONNECTED
    plugged_s = time.monotonic()
    twin.plug_in()
    wait_until(lambda: printer.status().works)
    back_s = time.monotonic() - plugged_s
    assert back_s < BACK_WITHIN_S
    record_property("measured", f"back after {back_s:.2f} s")
    assert printer.print_image(receipt(100)).effect is PrintEffect.PRINTED


def receipt(height_px: int) -> Image.Image:
    picture = Image.new("1", (576, height_px), 1)
    draw = ImageDraw.Draw(picture)
    for top in range(0, height_px, 20):
        draw.rectangle((top % 500, top, top % 500 + 60, top + 9), fill=0)
    return picture
