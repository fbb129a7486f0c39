"""`yici device status`, `self-test` and `names`: all devices of one terminal at once."""

import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import partial
from pathlib import Path

import click

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus, SelfTestStep, StepOutcome
from yici.drivers.hotplug import udev_runs
from yici.drivers.stable_names import FoundDevice, found_devices, rule_for
from yici.kiosk.cli.device_advice import advice_for
from yici.kiosk.cli.outcomes import fail
from yici.kiosk.cli.where import get_settings, settings_option
from yici.kiosk.devices import TerminalDevices, open_devices
from yici.kiosk.devices.worker import HANGS

ANSWER_WITHIN_S = 30.0
SETTLE_S = 4.0  # a camera that was just opened takes a moment to its first picture
ASK_AGAIN_S = 0.2
CLOSE_WITHIN_S = 5.0
KINDS = tuple(kind.value.replace("_", "-") for kind in DeviceKind)


class ExitCode(IntEnum):
    """What scripts go by."""

    ALL_WORK = 0
    SOMETHING_DOES_NOT = 1
    WRONG_USAGE = 2


class _Desk:
    """The command's own thread in the place of a session's."""

    def __init__(self) -> None:
        self.posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    @contextmanager
    def devices(self, settings_path: Path | None) -> Iterator[TerminalDevices]:
        devices = open_devices(get_settings(settings_path), self.posts.put)
        try:
            yield devices
        finally:
            devices.close(CLOSE_WITHIN_S)

    def work_until(self, holds: Callable[[], bool], within_s: float) -> None:
        """Run what is posted until this holds or the time is over."""
        deadline_s = time.monotonic() + within_s
        while not holds() and time.monotonic() < deadline_s:
            try:
                self.posts.get(timeout=0.05)()
            except queue.Empty:
                continue


@click.command("status")
@settings_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object; with --watch one a line.")
@click.option("--watch", is_flag=True, help="Go on, and print every change until Ctrl-C.")
def status(*, settings_path: Path | None, as_json: bool, watch: bool) -> None:
    """How every device of the terminal is, one line each.

    Ends with 0 when all that the settings name work, 1 when not, 2 without usable settings.
    """
    desk = _Desk()
    with desk.devices(settings_path) as devices:
        if watch:
            _watch(desk, devices, as_json=as_json)
            return
        statuses = _ask_all(desk, devices)
    if as_json:
        rows = [_as_row(status) for status in statuses]
        click.echo(json.dumps({"devices": rows, "hotplug": udev_runs()}))
    else:
        for each in statuses:
            click.echo(_as_line(each))
        if not udev_runs():
            click.echo("udev does not run here: a plug is noticed by looking now and then.")
    raise SystemExit(_exit_code(statuses))


def _exit_code(statuses: list[DeviceStatus]) -> ExitCode:
    named = [status for status in statuses if status.state is not DeviceState.NOT_CONFIGURED]
    if all(status.works for status in named):
        return ExitCode.ALL_WORK
    return ExitCode.SOMETHING_DOES_NOT


def _ask_all(desk: _Desk, devices: TerminalDevices) -> list[DeviceStatus]:
    """Ask all at once; those that are just waking up are asked again for a moment."""
    found: dict[DeviceKind, DeviceStatus] = {}
    settled_s = time.monotonic() + SETTLE_S
    waiting = set(DeviceKind)

    def ask(kind: DeviceKind, after_s: float = 0.0) -> None:
        worker = devices.workers[list(DeviceKind).index(kind)]
        worker.call(
            lambda device: device.status(),
            lambda status: note(status, again=not status.works),
            lambda status: note(status, again=False),
            after_s=after_s,
        )

    def note(status: DeviceStatus, *, again: bool) -> None:
        found[status.kind] = status
        if again and _may_be_waking(status) and time.monotonic() < settled_s:
            ask(status.kind, ASK_AGAIN_S)
        else:
            waiting.discard(status.kind)

    for kind in DeviceKind:
        ask(kind)
    desk.work_until(lambda: not waiting, ANSWER_WITHIN_S)
    silent = DeviceState.UNKNOWN
    return [found.get(kind) or DeviceStatus(kind, silent, HANGS) for kind in DeviceKind]


def _may_be_waking(status: DeviceStatus) -> bool:
    return status.code.startswith("camera.")


def _watch(desk: _Desk, devices: TerminalDevices, *, as_json: bool) -> None:
    def show(status: DeviceStatus) -> None:
        click.echo(json.dumps(_as_row(status)) if as_json else _as_line(status))

    devices.care_for(frozenset(DeviceKind))
    devices.watch(show)
    while True:  # until Ctrl-C, which click turns into an end
        desk.work_until(lambda: False, 10.0)
        for worker in devices.workers:
            worker.note_hang()


def _as_row(status: DeviceStatus) -> dict[str, str | bool]:
    return {
        "kind": status.kind.value,
        "state": status.state.value,
        "code": status.code,
        "works": status.works,
        "advice": advice_for(status),
    }


def _as_line(status: DeviceStatus) -> str:
    kind = status.kind.value.replace("_", "-")
    code = f" ({status.code})" if status.code else ""
    return f"{kind:28} {status.state.value:15} {advice_for(status)}{code}"


@click.command("self-test")
@settings_option
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def self_test(*, settings_path: Path | None, kind: str | None, as_json: bool) -> None:
    """Let every device, or one KIND, prove what it can without a person.

    Ends with 0 when every step passed, 1 when not, 2 without usable settings or such a device.
    """
    desk = _Desk()
    wanted = [DeviceKind(kind.replace("-", "_"))] if kind else list(DeviceKind)
    results: dict[DeviceKind, tuple[SelfTestStep, ...]] = {}
    with desk.devices(settings_path) as devices:
        workers = [w for w in devices.workers if w.kind in wanted and w.configured]
        if kind and not workers:
            fail(f"The settings name no {kind}: add its table, or choose another kind.")
        for worker in workers:
            worker.call(
                lambda device: device.self_test(),
                partial(results.__setitem__, worker.kind),
                lambda status: results.update({status.kind: (_not_reached(status),)}),
            )
        desk.work_until(lambda: len(results) == len(workers), ANSWER_WITHIN_S)
        hung = SelfTestStep("connects", StepOutcome.FAILED, HANGS)
        steps_by_kind = {worker.kind: results.get(worker.kind, (hung,)) for worker in workers}
    _tell_steps(steps_by_kind, as_json=as_json)
    passed = all(
        step.outcome is StepOutcome.PASSED for steps in steps_by_kind.values() for step in steps
    )
    raise SystemExit(ExitCode.ALL_WORK if passed else ExitCode.SOMETHING_DOES_NOT)


def _not_reached(status: DeviceStatus) -> SelfTestStep:
    return SelfTestStep("connects", StepOutcome.FAILED, status.code or status.state.value)


def _tell_steps(results: dict[DeviceKind, tuple[SelfTestStep, ...]], *, as_json: bool) -> None:
    if as_json:
        rows = {
            kind.value: [
                {"code": step.code, "outcome": step.outcome.value, "detail": step.detail}
                for step in steps
            ]
            for kind, steps in results.items()
        }
        click.echo(json.dumps(rows))
        return
    for kind, steps in results.items():
        for step in steps:
            name = kind.value.replace("_", "-")
            line = f"{name:28} {step.code:15} {step.outcome.value:9} {step.detail}"
            click.echo(line.rstrip())


@click.command("names")
@click.option("--rule-for", "node", metavar="NODE", help="Print the rule for this device file.")
@click.option("--as", "name", metavar="NAME", help="Its name under /dev/kiosk/, with --rule-for.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def names(*, node: str | None, name: str | None, as_json: bool) -> None:
    """List the devices that are plugged in, or print the udev rule that names one.

    Ends with 0, 1 when there is no such device, 2 when something was named wrongly.
    """
    if (node is None) != (name is None):
        fail("--rule-for and --as belong together: --rule-for /dev/ttyUSB0 --as id-card-reader.")
    try:
        found = found_devices()
    except OSError as error:
        fail(f"{error}.")
    if node is not None and name is not None:
        _print_rule(found, node, name)
    elif as_json:
        click.echo(json.dumps([_as_found_row(device) for device in found]))
    else:
        for device in found:
            ids = f"{device.vendor_id or '????'}:{device.model_id or '????'}"
            links = " ".join(link for link in device.links if link.startswith("/dev/kiosk/"))
            line = f"{device.node:20} {ids}  {device.serial or '-':20} {device.title}  {links}"
            click.echo(line.rstrip())
        if not found:
            click.echo("Nothing is plugged in that a terminal could use.")


def _print_rule(found: tuple[FoundDevice, ...], node: str, name: str) -> None:
    device = next((known for known in found if node in (known.node, *known.links)), None)
    if device is None:
        click.echo(f"udev knows no {node}: see `yici device names` for what is there.", err=True)
        raise SystemExit(ExitCode.SOMETHING_DOES_NOT)
    try:
        click.echo(rule_for(device, name))
    except ValueError as error:
        fail(f"{error}.")


def _as_found_row(device: FoundDevice) -> dict[str, object]:
    return {
        "node": device.node,
        "subsystem": device.subsystem,
        "vendor_id": device.vendor_id,
        "model_id": device.model_id,
        "serial": device.serial,
        "title": device.title,
        "links": list(device.links),
    }
