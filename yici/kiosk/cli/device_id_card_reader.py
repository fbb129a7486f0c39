"""`yici device id-card-reader …`: try a reader without the terminal's screens."""

import json
import time
from enum import IntEnum
from typing import Any, NoReturn

import click

from yici.contract.people import Identity
from yici.drivers.device import DeviceError, DeviceState, DeviceStatus, NotReady
from yici.drivers.id_card_reader import CardPresence, IdCardReader
from yici.drivers.id_card_reader.registry import get_connect

POLL_INTERVAL_S = 0.35  # reader makers ask for more than 300 ms between two looks


class ExitCode(IntEnum):
    """What scripts go by."""

    READ = 0
    NOT_READ = 1
    WRONG_USAGE = 2


# by the outcome, the status's code or its state
_ADVICE = {
    "absent": "No card was laid on the reader in time: lay it down flat and try again.",
    "read_failed": "The card could not be read: lift it and lay it down again.",
    DeviceState.UNKNOWN: "The reader does not answer: check its power and cable.",
    DeviceState.DISCONNECTED: "The reader is not connected: plug it in.",
    DeviceState.BUSY: "Another program holds the reader: end that program.",
    DeviceState.WRONG_SETTING: "The reader can't be understood: check --baud.",
    "line.no_permission": "This user may not open the port: join the group that owns it.",
    DeviceState.FAULT: "The reader reports a failure of its own: replace it.",
}


@click.group("id-card-reader")
def id_card_reader() -> None:
    """ID-card readers."""


@id_card_reader.command("read")
@click.option("--driver", "driver_name", required=True, help="The driver, such as sam.")
@click.option("--port", required=True, help="Device path, or socket://host:port.")
@click.option("--baud", "baud_rate", type=click.IntRange(min=1), help="Line speed in bits/s.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
    help="How long to wait for a card, in seconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read(
    *, driver_name: str, port: str, baud_rate: int | None, wait_s: float, as_json: bool
) -> None:
    """Read one card and print whose it is.

    Ends with 0 when a card was read, 1 when not, 2 when the reader was named wrongly.
    """
    reader = _connect(driver_name, port, baud_rate)
    try:
        status = reader.status()
        if status.code == "line.missing":
            _refuse(f"There is no serial port {port}: plug the reader in, or correct --port.")
        outcome = _wait_for_card(reader, wait_s)
        status = outcome.status if isinstance(outcome, DeviceError) else reader.status()
    finally:
        reader.close()
    click.echo(_as_json(outcome, status) if as_json else _as_text(outcome))
    raise SystemExit(ExitCode.READ if isinstance(outcome, Identity) else ExitCode.NOT_READ)


def _connect(driver_name: str, port: str, baud_rate: int | None) -> IdCardReader:
    try:
        connect = get_connect(driver_name)
        return connect(port) if baud_rate is None else connect(port, baud_rate)
    except ValueError as error:
        _refuse(f"{error}.")


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(ExitCode.WRONG_USAGE)


def _wait_for_card(reader: IdCardReader, wait_s: float) -> Identity | CardPresence | DeviceError:
    """The first card, or the last thing known when the time is over; looks at least once."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            outcome: Identity | CardPresence | DeviceError = reader.read_card()
        except NotReady as error:
            outcome = error
        except DeviceError as error:
            return error
        if isinstance(outcome, Identity) or time.monotonic() + POLL_INTERVAL_S > deadline:
            return outcome
        time.sleep(POLL_INTERVAL_S)


def _as_json(outcome: Identity | CardPresence | DeviceError, status: DeviceStatus) -> str:
    identity: dict[str, Any] | None = None
    if isinstance(outcome, Identity):
        identity = outcome.model_dump(mode="json")
        identity["manual_check"] = sorted(outcome.manual_check)
    result = {
        "outcome": _outcome_name(outcome),
        "status": {"kind": status.kind, "state": status.state, "code": status.code},
        "identity": identity,
    }
    return json.dumps(result, ensure_ascii=False)


def _outcome_name(outcome: Identity | CardPresence | DeviceError) -> str:
    if isinstance(outcome, Identity):
        return "read"
    return outcome.value if isinstance(outcome, CardPresence) else "device_error"


def _as_text(outcome: Identity | CardPresence | DeviceError) -> str:
    if isinstance(outcome, Identity):
        shown = outcome.model_dump(mode="json", exclude_defaults=True)
        return "\n".join(f"{name}: {value}" for name, value in shown.items())
    if isinstance(outcome, CardPresence):
        return _ADVICE[outcome.value]
    status = outcome.status
    advice = _ADVICE.get(status.code) or _ADVICE.get(status.state, "The reader can't work now.")
    return f"{advice} ({status.code})"
