"""`yici device code-reader read`: try a code reader without the terminal's screens.

Exit status: 0 a code was read, 1 none was, 2 the reader was named wrongly.
"""

import json
import time
from enum import IntEnum
from typing import NoReturn

import click

from yici.drivers.code_reader import CodeReader, SeenCode
from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NeedsStaff,
    NotReady,
)
from yici.drivers.registry import driver_names, get_connect

RETRY_INTERVAL_S = 0.3
_LONGEST_CALL_MS = 2000


class ExitCode(IntEnum):
    """What scripts go by."""

    READ = 0
    NOT_READ = 1
    WRONG_USAGE = 2


# by the status's code or its state
_ADVICE = {
    "line.no_permission": "This user may not open the port: join the group that owns it.",
    "keyboard.no_permission": "This user may not open the device: join the group that owns it.",
    "keyboard.no_event_device": "That is no keyboard's event device: see /dev/input/by-id.",
    "keyboard.grabbed": "Another program holds the reader: end that program.",
    "decoder.missing": "The decoder isn't installed: see --decoder and the package libzbar0.",
    "camera.frame_size_absurd": "The camera's pictures have a size that nobody can use.",
    "picture.frozen": "The camera repeats one picture: unplug it and plug it in again.",
    DeviceState.WRONG_SETTING: "What the reader sends is no code: check the speed in --address.",
    DeviceState.DISCONNECTED: "The reader is not connected: plug it in, or correct --address.",
    DeviceState.BUSY: "Another program holds the reader: end that program.",
    DeviceState.UNKNOWN: "The reader does not answer: check its power and cable.",
}


@click.group("code-reader")
def code_reader() -> None:
    """Readers of QR and bar codes."""


@code_reader.command("read")
@click.option(
    "--driver",
    "driver_name",
    required=True,
    help=f"The driver: {', '.join(driver_names(DeviceKind.CODE_READER))}.",
)
@click.option(
    "--address", required=True,
    help="PORT[@BAUD][?prefix=aim], a keyboard's event device, /dev/videoN or http://….",
)  # fmt: skip
@click.option(
    "--decoder", type=click.Choice(("zxing", "pyzbar")), default="zxing", show_default=True,
    help="Which engine reads codes from a camera's pictures.",
)  # fmt: skip
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
    help="How long to wait for a code, in seconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read(*, driver_name: str, address: str, decoder: str, wait_s: float, as_json: bool) -> None:
    """Wait for one code and print what it holds.

    Ends with 0 when a code was read, 1 when not, 2 when the reader was named wrongly.
    """
    reader = _connect(driver_name, address, decoder)
    try:
        outcome = _wait_for_code(reader, wait_s)
        status = outcome if isinstance(outcome, DeviceStatus) else reader.status()
    finally:
        reader.close()
    if as_json:
        click.echo(_as_json(outcome, status))
    if isinstance(outcome, SeenCode):
        if not as_json:
            click.echo(as_text(outcome))
        return
    click.echo(_advice(outcome), err=True)
    raise SystemExit(ExitCode.NOT_READ)


def _connect(driver_name: str, address: str, decoder: str) -> CodeReader:
    try:
        reader: CodeReader = get_connect(DeviceKind.CODE_READER, driver_name)(
            address, decoder=decoder
        )
    except ValueError as error:
        _refuse(f"{error}.")
    except NeedsStaff as error:
        _refuse(_advice(error.status))
    return reader


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(ExitCode.WRONG_USAGE)


def _wait_for_code(reader: CodeReader, wait_s: float) -> SeenCode | DeviceStatus | None:
    """The first code, None when none was shown, or why none can be read."""
    deadline_s = time.monotonic() + wait_s
    while True:
        left_ms = int((deadline_s - time.monotonic()) * 1000)
        try:
            found = reader.find_code(max(1, min(left_ms, _LONGEST_CALL_MS)))
        except NotReady as error:
            if time.monotonic() + RETRY_INTERVAL_S > deadline_s:
                return error.status
            time.sleep(RETRY_INTERVAL_S)
            continue
        except DeviceError as error:
            return error.status
        if found is not None or time.monotonic() >= deadline_s:
            return found


def _as_json(outcome: SeenCode | DeviceStatus | None, status: DeviceStatus) -> str:
    code = None
    if isinstance(outcome, SeenCode):
        text = as_text(outcome)
        code = {"text": text, "hex": outcome.content.hex(), "symbology": outcome.symbology}
    result = {
        "outcome": "read" if code else "none" if outcome is None else "device_error",
        "status": {"kind": status.kind, "state": status.state, "code": status.code},
        "code": code,
    }
    return json.dumps(result, ensure_ascii=False)


def as_text(code: SeenCode) -> str:
    """The content for a terminal: a code may hold bytes that steer one, so they are escaped."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = code.content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return repr(code.content)[2:-1]


def _advice(outcome: DeviceStatus | None) -> str:
    if outcome is None:
        return "No code was shown in time: hold it still before the reader and try again."
    advice = _ADVICE.get(outcome.code) or _ADVICE.get(outcome.state, "The reader can't work now.")
    return f"{advice} ({outcome.code or outcome.state.value})"
