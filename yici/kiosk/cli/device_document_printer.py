"""`yici device document-printer print`: try an A4 printer without the terminal's screens."""

import json
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.document_printer import DocumentPrinter, JobEffect, JobOutcome, JobProgress
from yici.drivers.registry import driver_names, get_driver, load_connect

_JOB_NAME = "yici-test"
_MOST_BYTES = 64 << 20


class ExitCode(IntEnum):
    """What scripts go by."""

    PRINTED = 0
    NOT_PRINTED = 1  # or nobody knows
    WRONG_USAGE = 2


_EFFECTS = {
    JobEffect.PRINTED: "Printed; the printer called the job completed.",
    JobEffect.NOT_PRINTED: "Nothing was printed.",
    JobEffect.UNKNOWN: "The printer did not confirm it: look whether sheets came out.",
}

# by the status's code or its state
_ADVICE = {
    "ipp.no_such_printer": "The server knows no printer of that name: check --address.",
    "ipp.not_allowed": "The printer refuses this terminal: allow it in the printer's settings.",
    "ipp.wants_encryption": "The printer wants encryption: set up a CUPS queue for it.",
    "ipp.takes_no_pdf": "The printer takes no PDF: set up a CUPS queue for it.",
    "ipp.gone_behind_queue": "The queue can't reach its printer: check its cable and power.",
    DeviceState.UNKNOWN: "The printer does not answer: check its power and cable.",
    DeviceState.DISCONNECTED: "The printer is not connected: check cable, power and --address.",
    DeviceState.WRONG_SETTING: "What answers is not understood: check --address.",
    DeviceState.BUSY: "The printer is busy: wait until it rests, then try again.",
    DeviceState.PAPER_NEAR_END: "The paper is low: lay some in soon.",
    DeviceState.PAPER_OUT: "The paper is out: lay A4 in.",
    DeviceState.PAPER_JAMMED: "Paper is jammed: open the printer and take it out.",
    DeviceState.COVER_OPEN: "The cover is open: close it.",
    DeviceState.SUPPLY_LOW: "The toner or ink is low: have a new one ready.",
    DeviceState.SUPPLY_OUT: "The toner or ink is out: put a new one in.",
    DeviceState.OFFLINE: "The printer is off duty: switch it on at its own panel.",
    DeviceState.FAULT: "The printer reports a failure of its own: see its panel.",
}


@click.group("document-printer")
def document_printer() -> None:
    """A4 printers."""


@document_printer.command("print")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--driver", "driver_name", default="ipp", show_default=True, help="The driver.")
@click.option(
    "--address", required=True,
    help="ipp://HOST:PORT/ipp/print, ipp://HOST:PORT/printers/QUEUE or cups:QUEUE.",
)  # fmt: skip
@click.option("--copies", type=click.IntRange(1, 20), default=1, show_default=True)
@click.option(
    "--timeout-ms", type=click.IntRange(1000, 3_600_000), default=120_000, show_default=True,
    help="A job that isn't done by then is cancelled.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def print_file(
    *, file: Path, driver_name: str, address: str, copies: int, timeout_ms: int, as_json: bool
) -> None:
    """Print the PDF FILE on A4 and say what the printer confirmed.

    Ends with 0 when it was printed, 1 when not or not known, 2 when something was named wrongly.
    """
    pdf = _read(file)
    printer = _connect(driver_name, address)
    try:
        outcome = printer.print_pdf(
            pdf,
            job_name=_JOB_NAME,
            copies=copies,
            timeout_ms=timeout_ms,
            on_progress=_tell,
        )
    except ValueError as error:
        _refuse(f"{file} can't be printed: {error}.")
    finally:
        printer.close()
    click.echo(_as_json(outcome) if as_json else _as_text(outcome))
    printed = outcome.effect is JobEffect.PRINTED
    raise SystemExit(ExitCode.PRINTED if printed else ExitCode.NOT_PRINTED)


def _tell(progress: JobProgress) -> None:
    """What the person at the printer has to do while the job waits."""
    if not progress.status.works and progress.status.state is not DeviceState.BUSY:
        click.echo(_advice(progress.status), err=True)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            pdf = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        _refuse(f"{file} can't be read: {error.strerror or error}. Give another file.")
    if len(pdf) > _MOST_BYTES:
        _refuse(f"{file} is too large: give a PDF of at most {_MOST_BYTES >> 20} MiB.")
    return pdf


def _connect(driver_name: str, address: str) -> DocumentPrinter:
    kind = DeviceKind.DOCUMENT_PRINTER
    try:
        if driver_name not in driver_names(kind):
            _refuse(f"There is no document printer driver {driver_name!r}: see `yici drivers`.")
        printer: DocumentPrinter = load_connect(get_driver(kind, driver_name))(address)
    except ValueError as error:
        _refuse(f"{error}.")
    return printer


def _advice(status: DeviceStatus) -> str:
    return _ADVICE.get(status.code) or _ADVICE.get(status.state, "")


def _as_json(outcome: JobOutcome) -> str:
    after = outcome.after
    return json.dumps(
        {
            "effect": outcome.effect,
            "sheets": outcome.sheets,
            "status_after": {"kind": after.kind, "state": after.state, "code": after.code},
        }
    )


def _as_text(outcome: JobOutcome) -> str:
    return f"{_EFFECTS[outcome.effect]} {_advice(outcome.after)}".rstrip()


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(ExitCode.WRONG_USAGE)
