"""`receipt-printer status`, `self-test`, `print-sample`: what a mender sees and scripts go by."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.kiosk.cli.device_receipt_printer import receipt_printer


def run(*arguments: str) -> Result:
    return CliRunner().invoke(receipt_printer, arguments)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[EscPosTwin]:
    with EscPosTwin.on_usb(tmp_path / "slips", tmp_path / "lp0", width_px=384) as twin:
        yield twin


def test_status_says_what_to_do(twin: EscPosTwin) -> None:
    result = run("status", "--address", twin.address)
    assert (result.exit_code, result.stdout) == (0, "The printer is ready.\n")
    twin.set_condition(TwinCondition.COVER_OPEN)
    result = run("status", "--address", twin.address)
    assert (result.exit_code, result.stdout) == (1, "The cover is open: close it.\n")
    result = run("status", "--address", twin.address, "--json")
    assert json.loads(result.stdout)["code"] == "escpos.cover_open"


def test_self_test_lists_its_steps(twin: EscPosTwin) -> None:
    result = run("self-test", "--address", twin.address)
    assert result.exit_code == 0
    assert "escpos.fence: passed" in result.stdout
    assert "escpos.model: passed YICI TWIN" in result.stdout
    twin.set_fault("garbage")
    result = run("self-test", "--address", twin.address, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["steps"][0] == {
        "code": "answers",
        "outcome": "failed",
        "detail": "escpos.not_a_status_byte",
    }
    assert report["diagnostics"]["line"] == "usb"
    assert twin.slips == []


@pytest.mark.parametrize("mode", ["raster", "text"])
def test_sample_is_printed_in_the_mode_asked_for(twin: EscPosTwin, mode: str) -> None:
    result = run("print-sample", "--address", twin.address, "--width-px", "384", "--mode", mode)
    assert (result.exit_code, result.stdout) == (0, "Printed; the printer confirmed it.\n")
    (slip,) = twin.slips
    assert ("这是一张测试回执" in slip.text) == (mode == "text")


@pytest.mark.parametrize("verb", ["status", "self-test", "print-sample"])
def test_a_wrong_address_is_exit_status_2_and_one_sentence(verb: str) -> None:
    result = run(verb, "--address", "usb:lp0")
    assert result.exit_code == 2
    assert "usb:/dev/usb/lp0" in result.stderr
    assert result.stderr.count("\n") == 1


def test_unplugged_printer_is_named(twin: EscPosTwin) -> None:
    twin.unplug()
    result = run("print-sample", "--address", twin.address)
    assert result.exit_code == 1
    assert "Nothing was printed. The printer is not connected" in result.stdout
