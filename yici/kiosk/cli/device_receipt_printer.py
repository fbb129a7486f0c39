"""`yici device receipt-printer …`: try a printer without the terminal's screens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click
from PIL import Image, UnidentifiedImageError

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus, StepOutcome
from yici.drivers.receipt_printer import PrintEffect, PrintMode, PrintOutcome, ReceiptPrinter
from yici.drivers.registry import get_connect
from yici.kiosk.receipts.picture import fit_picture
from yici.kiosk.receipts.slip import SlipContent, make_slip

_SAMPLE = SlipContent(
    hall_name="示例镇便民服务中心",
    item_name="打印测试：䶮 𬭎 ①℃￥",
    applicant_name="张示例",
    submitted_at=datetime(2026, 1, 2, 9, 30),  # noqa: DTZ001 - invented, and shown as it is
    slip_code="0000-0000-00",
    qr_content="0000000000",
    next_steps=("这是一张测试回执，不代表任何申请。",),
)


class ExitCode(IntEnum):
    """What scripts go by."""

    PRINTED = 0
    NOT_PRINTED = 1  # or nobody knows
    WRONG_USAGE = 2


_EFFECT_SENTENCES = {
    PrintEffect.PRINTED: "Printed; the printer confirmed it.",
    PrintEffect.NOT_PRINTED: "Nothing was printed.",
    PrintEffect.UNKNOWN: "The printer did not confirm it: look whether a slip came out.",
}

# by the status's code or its state
_ADVICE = {
    DeviceState.UNKNOWN: "The printer does not answer: check its power and cable.",
    DeviceState.DISCONNECTED: "The printer is not connected: check cable, power and --address.",
    DeviceState.BUSY: "Another program holds the printer: end that program.",
    DeviceState.WRONG_SETTING: "What answers is not understood: check --address and the baud rate.",
    "line.no_permission": "This user may not open the port: join the group that owns it.",
    DeviceState.PAPER_NEAR_END: "The paper is near its end: lay a new roll ready.",
    DeviceState.PAPER_OUT: "The paper is out: put in a new roll.",
    DeviceState.COVER_OPEN: "The cover is open: close it.",
    DeviceState.CUTTER_JAMMED: "The cutter is jammed: switch off, free the blade, switch on.",
    DeviceState.OFFLINE: "The printer is offline: press its online or feed button.",
    DeviceState.PAPER_JAMMED: "The paper is jammed: open the cover, take it out, close the cover.",
    DeviceState.SUPPLY_LOW: "The printer asks for a supply soon: see its display.",
    DeviceState.SUPPLY_OUT: "The printer lacks a supply: see its display.",
    DeviceState.FAULT: "The printer reports a failure of its own: switch it off and on again.",
}


_driver_option = click.option(
    "--driver", "driver_name", default="escpos", show_default=True, help="The driver."
)
_address_option = click.option(
    "--address", required=True, help="tcp://HOST:PORT, usb:PATH or serial:PATH[@BAUD]."
)
_width_option = click.option(
    "--width-px", type=click.IntRange(8, 2048), default=576, show_default=True,
    help="Dots across the paper: 576 for 80 mm, 384 for 58 mm.",
)  # fmt: skip
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("receipt-printer")
def receipt_printer() -> None:
    """Receipt printers."""


@receipt_printer.command("print")
@click.argument("file", type=click.Path(path_type=Path))
@_driver_option
@_address_option
@_width_option
@_json_option
def print_file(*, file: Path, driver_name: str, address: str, width_px: int, as_json: bool) -> None:
    """Print the picture FILE, scaled to the paper, and say what the printer confirmed.

    Ends with 0 when it was printed, 1 when not or not known, 2 when something was named wrongly.
    """
    picture = _read_picture(file, width_px)
    with _connected(driver_name, address, width_px) as printer:
        outcome = printer.print_image(picture)
    _end_print(outcome, as_json=as_json)


@receipt_printer.command("print-sample")
@_driver_option
@_address_option
@_width_option
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in PrintMode]),
    default=PrintMode.RASTER.value,
    show_default=True,
    help="As a picture, or in the printer's own letters.",
)
@_json_option
def print_sample(
    *, driver_name: str, address: str, width_px: int, mode: str, as_json: bool
) -> None:
    """Print a slip with invented facts, to look at letters, code and cut.

    Its item has a rare character, which has to come out right in both modes. Ends with 0 when it
    was printed, 1 when not or not known, 2 when something was named wrongly.
    """
    with _connected(driver_name, address, width_px, mode) as printer:
        outcome = printer.print_receipt(make_slip(_SAMPLE, width_px))
    _end_print(outcome, as_json=as_json)


@receipt_printer.command("status")
@_driver_option
@_address_option
@_json_option
def status(*, driver_name: str, address: str, as_json: bool) -> None:
    """Ask the printer how it is; nothing is printed.

    Ends with 0 when it can print, 1 when not, 2 when something was named wrongly.
    """
    with _connected(driver_name, address) as printer:
        found = printer.status()
    words = _advice(found) or "The printer is ready."
    click.echo(json.dumps(_status_fields(found)) if as_json else words)
    raise SystemExit(ExitCode.PRINTED if found.works else ExitCode.NOT_PRINTED)


@receipt_printer.command("self-test")
@_driver_option
@_address_option
@_json_option
def self_test(*, driver_name: str, address: str, as_json: bool) -> None:
    """Try everything that needs no paper: answers, steadiness, confirmation, model, USB port.

    A printer need not tell its model, and only a USB port has a status of its own. Ends with 0
    when no step failed, 1 when one did, 2 when something was named wrongly.
    """
    with _connected(driver_name, address) as printer:
        steps = printer.self_test()
        facts = dict(printer.diagnostics())
    if as_json:
        fields = [{"code": s.code, "outcome": s.outcome, "detail": s.detail} for s in steps]
        click.echo(json.dumps({"steps": fields, "diagnostics": facts}))
    else:
        for step in steps:
            click.echo(f"{step.code}: {step.outcome.value} {step.detail}".rstrip())
    failed = any(step.outcome is StepOutcome.FAILED for step in steps)
    raise SystemExit(ExitCode.NOT_PRINTED if failed else ExitCode.PRINTED)


def _read_picture(file: Path, width_px: int) -> Image.Image:
    try:
        with Image.open(file) as picture:
            picture.load()
            return fit_picture(picture, width_px)
    except (UnidentifiedImageError, SyntaxError):  # Pillow's word for a broken PNG
        _refuse(f"{file} is not an image: give a PNG or JPEG file.")
    except Image.DecompressionBombError:
        _refuse(f"{file} is too large an image for a receipt: give a smaller one.")
    except ValueError as error:
        _refuse(f"{file} is too long: {error}. Give a shorter image.")
    except OSError as error:
        _refuse(f"{file} can't be read: {error.strerror or error}. Give another file.")


@contextmanager
def _connected(
    driver_name: str, address: str, width_px: int = 576, mode: str = PrintMode.RASTER
) -> Iterator[ReceiptPrinter]:
    try:
        printer: ReceiptPrinter = get_connect(DeviceKind.RECEIPT_PRINTER, driver_name)(
            address, width_px=width_px, mode=mode
        )
    except ValueError as error:
        _refuse(f"{error}.")
    try:
        yield printer
    finally:
        printer.close()


def _end_print(outcome: PrintOutcome, *, as_json: bool) -> NoReturn:
    click.echo(_as_json(outcome) if as_json else _as_text(outcome))
    printed = outcome.effect is PrintEffect.PRINTED
    raise SystemExit(ExitCode.PRINTED if printed else ExitCode.NOT_PRINTED)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(ExitCode.WRONG_USAGE)


def _as_json(outcome: PrintOutcome) -> str:
    return json.dumps(
        {
            "effect": outcome.effect,
            "status_before": _status_fields(outcome.before),
            "status_after": _status_fields(outcome.after),
        },
        ensure_ascii=False,
    )


def _status_fields(status: DeviceStatus) -> dict[str, str]:
    return {"kind": status.kind, "state": status.state, "code": status.code}


def _as_text(outcome: PrintOutcome) -> str:
    return f"{_EFFECT_SENTENCES[outcome.effect]} {_advice(outcome.after)}".rstrip()


def _advice(status: DeviceStatus) -> str:
    return _ADVICE.get(status.code) or _ADVICE.get(status.state, "")
