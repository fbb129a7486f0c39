"""`yici device receipt-printer …`: try a printer without the terminal's screens."""

import json
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click
from PIL import Image, UnidentifiedImageError

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, ReceiptPrinter
from yici.drivers.receipt_printer.registry import connect
from yici.kiosk.receipts.picture import fit_picture


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


@click.group("receipt-printer")
def receipt_printer() -> None:
    """Receipt printers."""


@receipt_printer.command("print")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--driver", "driver_name", required=True, help="The driver, such as escpos.")
@click.option("--address", required=True, help="tcp://HOST:PORT or serial:PATH[@BAUD].")
@click.option(
    "--width-px", type=click.IntRange(8, 2048), default=576, show_default=True,
    help="Dots across the paper: 576 for 80 mm, 384 for 58 mm.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def print_file(*, file: Path, driver_name: str, address: str, width_px: int, as_json: bool) -> None:
    """Print the picture FILE, scaled to the paper, and say what the printer confirmed.

    Ends with 0 when it was printed, 1 when not or not known, 2 when something was named wrongly.
    """
    picture = _read_picture(file, width_px)
    printer = _connect(driver_name, address, width_px)
    try:
        outcome = printer.print_image(picture)
    finally:
        printer.close()
    click.echo(_as_json(outcome) if as_json else _as_text(outcome))
    printed = outcome.effect is PrintEffect.PRINTED
    raise SystemExit(ExitCode.PRINTED if printed else ExitCode.NOT_PRINTED)


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


def _connect(driver_name: str, address: str, width_px: int) -> ReceiptPrinter:
    try:
        return connect(driver_name, address, width_px=width_px)
    except ValueError as error:
        _refuse(f"{error}.")


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
    after = outcome.after
    advice = _ADVICE.get(after.code) or _ADVICE.get(after.state, "")
    return f"{_EFFECT_SENTENCES[outcome.effect]} {advice}".rstrip()
