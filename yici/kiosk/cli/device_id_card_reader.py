"""`yici device id-card-reader …`: try a reader without the terminal's screens."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, NoReturn

import click

from yici.contract.people import Identity
from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotReady,
    SelfTestStep,
    StepOutcome,
)
from yici.drivers.id_card_reader import CardPresence, CardRemoval, IdCardReader
from yici.drivers.registry import driver_names, get_connect

LOOK_AGAIN_S = 0.1  # the driver keeps the distance that readers need


class ExitCode(IntEnum):
    """What scripts go by."""

    DONE = 0
    NOT_DONE = 1
    WRONG_USAGE = 2


# by the outcome, the status's code or its state
_ADVICE = {
    "absent": "No card was laid on the reader in time: lay it down flat and try again.",
    "read_failed": "The card could not be read: lift it and lay it down again.",
    "wrong_card": "That is no identity card: lay down an identity card.",
    DeviceState.READY: "The reader is ready.",
    DeviceState.UNKNOWN: "The reader does not answer: check its power and cable.",
    DeviceState.DISCONNECTED: "The reader is not connected: plug it in.",
    DeviceState.BUSY: "Another program holds the reader: end that program.",
    DeviceState.WRONG_SETTING: "The reader can't be understood: check --baud.",
    "line.no_permission": "This user may not open the port: join the group that owns it.",
    "usb.no_library": "libusb is missing: install the package libusb-1.0-0.",
    "vendor.library_unusable": "The maker's library can't be loaded: check its path in --port.",
    "vendor.resting": "The maker's library has just failed: try again in some seconds.",
    "vendor.crashed": "The maker's library crashed: try again, or install its newest version.",
    "vendor.hung": "The maker's library did not answer in time and was ended: try again.",
    "vendor.keeps_failing": "The maker's library fails every time: install another version.",
    "vendor.overrun": "The maker's library damages memory: do not use this version.",
    DeviceState.FAULT: "The reader reports a failure of its own: replace it.",
}

_driver_option = click.option(
    "--driver",
    "driver_name",
    required=True,
    help=f"The driver: {', '.join(driver_names(DeviceKind.ID_CARD_READER))}.",
)
_port_option = click.option(
    "--port", required=True, help="Device path, socket://…, usb:0400:C35A, or 1001@/…/lib.so."
)
_baud_option = click.option(
    "--baud", "baud_rate", type=click.IntRange(min=1), help="Speed of a serial line in bits/s."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("id-card-reader")
def id_card_reader() -> None:
    """ID-card readers."""


@id_card_reader.command("read")
@_driver_option
@_port_option
@_baud_option
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
    help="How long to wait for a card, in seconds.",
)  # fmt: skip
@_json_option
def read(
    *, driver_name: str, port: str, baud_rate: int | None, wait_s: float, as_json: bool
) -> None:
    """Read one card and print whose it is.

    Ends with 0 when a card was read, 1 when not, 2 when the reader was named wrongly.
    """
    with _connected(driver_name, port, baud_rate) as reader:
        outcome = _wait_for_card(reader, wait_s)
        status = outcome.status if isinstance(outcome, DeviceError) else reader.status()
    click.echo(_as_json(outcome, status) if as_json else _as_text(outcome))
    raise SystemExit(ExitCode.DONE if isinstance(outcome, Identity) else ExitCode.NOT_DONE)


@id_card_reader.command("status")
@_driver_option
@_port_option
@_baud_option
@_json_option
def status(*, driver_name: str, port: str, baud_rate: int | None, as_json: bool) -> None:
    """Ask the reader how it is.

    Ends with 0 when it can work, 1 when not, 2 when it was named wrongly.
    """
    with _connected(driver_name, port, baud_rate) as reader:
        now = reader.status()
        facts = dict(reader.diagnostics())
    told = {"status": _status_fields(now), "diagnostics": facts}
    click.echo(json.dumps(told) if as_json else _sentence(now))
    raise SystemExit(ExitCode.DONE if now.works else ExitCode.NOT_DONE)


@id_card_reader.command("self-test")
@_driver_option
@_port_option
@_baud_option
@_json_option
def self_test(*, driver_name: str, port: str, baud_rate: int | None, as_json: bool) -> None:
    """Try everything that needs no card: port, answers, security module, its number.

    Ends with 0 when every step passed, 1 when not, 2 when the reader was named wrongly.
    """
    with _connected(driver_name, port, baud_rate) as reader:
        steps = reader.self_test()
    click.echo(json.dumps(_step_fields(steps)) if as_json else _steps_as_text(steps))
    passed = all(step.outcome is StepOutcome.PASSED for step in steps)
    raise SystemExit(ExitCode.DONE if passed else ExitCode.NOT_DONE)


@id_card_reader.command("removal")
@_driver_option
@_port_option
@_baud_option
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
    help="How long to wait for a card, and then for its removal, in seconds.",
)  # fmt: skip
def removal(*, driver_name: str, port: str, baud_rate: int | None, wait_s: float) -> None:
    """Try whether this reader can tell that a card is taken away: lay one down, then take it.

    Ends with 0 when the removal was seen, 1 when not, 2 when the reader was named wrongly.
    """
    with _connected(driver_name, port, baud_rate) as reader:
        outcome = _wait_for_card(reader, wait_s)
        if not isinstance(outcome, Identity):
            click.echo(_as_text(outcome))
            raise SystemExit(ExitCode.NOT_DONE)
        click.echo("The card was read: take it away.", err=True)
        seen = _wait_for_removal(reader, wait_s)
    click.echo(seen.value)
    raise SystemExit(ExitCode.DONE if seen is CardRemoval.REMOVED else ExitCode.NOT_DONE)


@id_card_reader.command("find-speed")
@click.option("--port", required=True, help="Device path of a serial reader, or socket://….")
def find_speed(*, port: str) -> None:
    """Print the line speed at which a serial reader answers, for one whose setting is lost.

    Ends with 0 when it was found, 1 when not, 2 when the port was named wrongly.
    """
    from yici.drivers.id_card_reader.sam.driver import find_baud_rate

    try:
        baud_rate = find_baud_rate(port)
    except ValueError as error:
        _refuse(f"{error}.")
    except DeviceError as error:
        click.echo(_sentence(error.status), err=True)
        raise SystemExit(ExitCode.NOT_DONE) from error
    if baud_rate is None:
        click.echo("The reader answers at no speed: check its power and cable.", err=True)
        raise SystemExit(ExitCode.NOT_DONE)
    click.echo(baud_rate)


@id_card_reader.command("set-speed")
@click.option("--port", required=True, help="Device path of a serial reader, or socket://….")
@click.option("--baud", "present", type=int, required=True, help="Its present speed in bits/s.")
@click.argument("wanted", type=int)
def set_speed(*, port: str, present: int, wanted: int) -> None:
    """Let a serial reader speak at WANTED bits/s from now on; find its present speed first.

    Ends with 0 when it then answered there, 1 when not, 2 when something was named wrongly.
    """
    from yici.drivers.id_card_reader.sam.driver import set_baud_rate

    try:
        has_changed = set_baud_rate(port, present, wanted)
    except ValueError as error:
        _refuse(f"{error}.")
    except DeviceError as error:
        click.echo(_sentence(error.status), err=True)
        raise SystemExit(ExitCode.NOT_DONE) from error
    if not has_changed:
        click.echo("It said yes and does not answer there: run find-speed.", err=True)
        raise SystemExit(ExitCode.NOT_DONE)


@contextmanager
def _connected(driver_name: str, port: str, baud_rate: int | None) -> Iterator[IdCardReader]:
    """The reader; a serial port that isn't there was named wrongly."""
    try:
        connect = get_connect(DeviceKind.ID_CARD_READER, driver_name)
        reader: IdCardReader = connect(port) if baud_rate is None else connect(port, baud_rate)
    except ValueError as error:
        _refuse(f"{error}.")
    try:
        if port.startswith("/") and reader.status().code == "line.missing":
            _refuse(f"There is no serial port {port}: plug the reader in, or correct --port.")
        yield reader
    finally:
        reader.close()


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
        if isinstance(outcome, Identity) or time.monotonic() + LOOK_AGAIN_S > deadline:
            return outcome
        time.sleep(LOOK_AGAIN_S)


def _wait_for_removal(reader: IdCardReader, wait_s: float) -> CardRemoval:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            seen = reader.card_removal()
        except DeviceError:
            return CardRemoval.UNKNOWN
        if seen is not CardRemoval.STILL_THERE or time.monotonic() > deadline:
            return seen
        time.sleep(LOOK_AGAIN_S)


def _as_json(outcome: Identity | CardPresence | DeviceError, status: DeviceStatus) -> str:
    identity: dict[str, Any] | None = None
    if isinstance(outcome, Identity):
        identity = outcome.model_dump(mode="json")
        identity["manual_check"] = sorted(outcome.manual_check)
    result = {
        "outcome": _outcome_name(outcome),
        "status": _status_fields(status),
        "identity": identity,
    }
    return json.dumps(result, ensure_ascii=False)


def _status_fields(status: DeviceStatus) -> dict[str, str]:
    return {"kind": status.kind, "state": status.state, "code": status.code}


def _step_fields(steps: tuple[SelfTestStep, ...]) -> dict[str, object]:
    return {"steps": [{"code": s.code, "outcome": s.outcome, "detail": s.detail} for s in steps]}


def _steps_as_text(steps: tuple[SelfTestStep, ...]) -> str:
    return "\n".join(f"{s.code}: {s.outcome.value} {s.detail}".rstrip() for s in steps)


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
    return _sentence(outcome.status)


def _sentence(status: DeviceStatus) -> str:
    advice = _ADVICE.get(status.code) or _ADVICE.get(status.state, "The reader can't work now.")
    return f"{advice} ({status.code})" if status.code else advice
