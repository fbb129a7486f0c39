"""`yici device social-security-card …`: try a reader without the terminal's screens."""

import json
import time
from enum import IntEnum
from typing import Final

import click

from yici.contract.people import Identity
from yici.drivers.device import DeviceError, DeviceKind, DeviceStatus, NotReady
from yici.drivers.registry import get_driver, load_connect
from yici.drivers.social_security_card_reader import SocialSecurityCardReader, SscPresence
from yici.kiosk.cli.device_advice import advice_for
from yici.kiosk.cli.outcomes import fail

POLL_INTERVAL_S: Final = 0.35

_ADVICE: Final = {
    SscPresence.ABSENT: "No card was put in in time: put it in with the chip first, and try again.",
    SscPresence.NOT_THIS_KIND: "This is no social-security card: put in the right one.",
    SscPresence.PROTECTED: "This card shows its holder to a secured reader only: use the ID card.",
    SscPresence.READ_FAILED: "The card could not be read: take it out and put it in again.",
}

Outcome = Identity | SscPresence | DeviceError


class ExitCode(IntEnum):
    """What scripts go by."""

    READ = 0
    NOT_READ = 1
    WRONG_USAGE = 2


@click.group("social-security-card")
def social_security_card() -> None:
    """Readers for social-security cards."""


@social_security_card.command("read")
@click.option("--driver", "driver_name", default="pcsc", show_default=True, help="The driver.")
@click.option("--reader", "address", default="*", show_default=True, help="Name; * is the first.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
    help="How long to wait for a card, in seconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read(*, driver_name: str, address: str, wait_s: float, as_json: bool) -> None:
    """Read one card and print whose it is.

    Ends with 0 when a card was read, 1 when not, 2 when the reader was named wrongly.
    """
    reader = _connect(driver_name, address)
    try:
        outcome = _wait_for_card(reader, wait_s)
        status = outcome.status if isinstance(outcome, DeviceError) else reader.status()
    finally:
        reader.close()
    click.echo(_as_json(outcome, status) if as_json else _as_text(outcome))
    raise SystemExit(ExitCode.READ if isinstance(outcome, Identity) else ExitCode.NOT_READ)


def _connect(driver_name: str, address: str) -> SocialSecurityCardReader:
    try:
        driver = get_driver(DeviceKind.SOCIAL_SECURITY_CARD_READER, driver_name)
        reader: SocialSecurityCardReader = load_connect(driver)(address)
    except ValueError as error:
        fail(f"{error}.")
    return reader


def _wait_for_card(reader: SocialSecurityCardReader, wait_s: float) -> Outcome:
    """The first card, or the last thing known when the time is over; looks at least once."""
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            outcome: Outcome = reader.read_card()
        except NotReady as error:
            outcome = error
        except DeviceError as error:
            return error
        if isinstance(outcome, Identity) or outcome is SscPresence.PROTECTED:
            return outcome
        if time.monotonic() + POLL_INTERVAL_S > deadline_s:
            return outcome
        time.sleep(POLL_INTERVAL_S)


def _as_json(outcome: Outcome, status: DeviceStatus) -> str:
    identity = None
    if isinstance(outcome, Identity):
        identity = outcome.model_dump(mode="json")
        identity["manual_check"] = sorted(outcome.manual_check)
    name = "read" if identity else "device_error"
    result = {
        "outcome": outcome.value if isinstance(outcome, SscPresence) else name,
        "status": {"kind": status.kind, "state": status.state, "code": status.code},
        "identity": identity,
    }
    return json.dumps(result, ensure_ascii=False)


def _as_text(outcome: Outcome) -> str:
    if isinstance(outcome, Identity):
        shown = outcome.model_dump(mode="json", exclude_defaults=True)
        return "\n".join(f"{name}: {value}" for name, value in shown.items())
    if isinstance(outcome, SscPresence):
        return _ADVICE[outcome]
    return f"{advice_for(outcome.status)} ({outcome.status.code})"
