"""`yici run` and `yici demo`."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from enum import StrEnum
from pathlib import Path
from types import FrameType, TracebackType

import click

from yici.drivers.twin_panel.screen.framebuffer import UnreadableScreen
from yici.drivers.twin_panel.screen.touch import UntouchableScreen
from yici.rehearsal.process_table import RehearsalFailed
from yici.rehearsal.stage import Addresses, Ports, Stage, forget

_LOOK_S = 0.5
_DEFAULT = Ports()
_SCREEN_GONE = (UnreadableScreen, UntouchableScreen)


class ScreenChoice(StrEnum):
    """Where the terminal shows itself."""

    AUTO = "auto"  # the display that is there, else a virtual one
    VIRTUAL = "virtual"
    REAL = "real"


class _Asked(BaseException):
    """SIGINT or SIGTERM: somebody wants us to end. Like KeyboardInterrupt, nobody catches it."""


class EndWhenAsked(AbstractContextManager[None]):
    """Turns both signals into an orderly way out of the block."""

    def __enter__(self) -> None:
        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            # a second Ctrl-C must not cut the orderly end short
            for each in self._earlier:
                signal.signal(each, signal.SIG_IGN)
            raise _Asked

        self._earlier = {
            each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        for each, handler in self._earlier.items():
            signal.signal(each, handler)
        return isinstance(error, _Asked)


def needs_virtual_screen(choice: ScreenChoice) -> bool:
    """Whether the terminal has to be shown on the panel's page."""
    if choice is not ScreenChoice.AUTO:
        return choice is ScreenChoice.VIRTUAL
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _port_option(name: str, default: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        f"--{name}-port",
        default=default,
        show_default=True,
        help="A taken port gives way to a free one.",
    )


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/run"),
    show_default=True,
    help="State and logs; kept for the next run.",
)
@click.option(
    "--screen",
    type=click.Choice([choice.value for choice in ScreenChoice]),
    default=ScreenChoice.AUTO.value,
    show_default=True,
    help="auto: the display that is there, else a virtual one.",
)
@click.option("--fresh", is_flag=True, help="Forget what earlier runs left behind.")
@_port_option("panel", _DEFAULT.panel)
@_port_option("console", _DEFAULT.console)
@_port_option("terminals", _DEFAULT.terminals)
def run(
    *,
    directory: Path,
    screen: str,
    fresh: bool,
    panel_port: int,
    console_port: int,
    terminals_port: int,
) -> None:
    """Start platform, virtual devices, sync and terminal; print where to click; end by Ctrl-C."""
    ports = Ports(panel_port, console_port, terminals_port)
    failure: str | None = None
    with EndWhenAsked():
        try:
            with Stage(directory, ports, tell=click.echo) as stage:
                if fresh:
                    forget(stage.directory)
                if needs_virtual_screen(ScreenChoice(screen)):
                    stage.open_screen()
                _announce(stage, stage.start())
                failure = _watch(stage)
        except RehearsalFailed as error:
            failure = str(error)
    if failure is not None:
        click.echo(f"yici run: {failure}", err=True)
        sys.exit(1)
    click.echo("everything has ended")


def _announce(stage: Stage, addresses: Addresses) -> None:
    where = "on the panel's page" if stage.screen else "on this display"
    click.echo(
        f"""
  terminal   {where}
  panel      {addresses.panel_url}    cards, papers, faults, printed slips
  console    {addresses.console_url}    staff: {addresses.staff_name} / {addresses.staff_password}
  logs       {stage.directory}

Ctrl-C ends everything."""
    )


def _watch(stage: Stage) -> str:
    while True:
        ended = stage.table.find_ended()
        if ended is not None:
            return ended
        if stage.screen is not None and not stage.screen.is_running:
            return "The virtual screen has ended by itself."
        time.sleep(_LOOK_S)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out/demo"),
    show_default=True,
    help="Pictures of every screen, slips, received papers, report.json.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="State and logs of the processes; an earlier demo's are removed.",
)
def demo(*, out: Path, directory: Path) -> None:
    """One matter by itself on a virtual screen, on-line and off-line; exit 0 if all checks hold."""
    failure: str | None = "ended before it was over"
    with EndWhenAsked():
        try:
            with Stage(directory, Ports(0, 0, 0), tell=click.echo) as stage:
                forget(stage.directory)
                _empty(out)
                failure = _perform(stage, out)
        except RehearsalFailed as error:
            failure = str(error)
    if failure is not None:
        click.echo(f"yici demo: {failure}", err=True)
        sys.exit(1)


def _empty(out: Path) -> None:
    """Only what an earlier demo made: `--out` may be any directory."""
    for name in ("screens", "slips", "papers"):
        shutil.rmtree(out / name, ignore_errors=True)
    (out / "report.json").unlink(missing_ok=True)


def _perform(stage: Stage, out: Path) -> str | None:
    """Play it and write the report; a sentence when something did not hold."""
    from yici.rehearsal.demo.desk_api import DeskRefused
    from yici.rehearsal.demo.eyes import NotSeen
    from yici.rehearsal.demo.play import Play
    from yici.rehearsal.demo.reading import NoTypeface

    stage.open_screen()
    out.mkdir(parents=True, exist_ok=True)
    play = Play(stage, stage.start(), out.resolve(), click.echo)
    try:
        play.perform()
    except (NotSeen, NoTypeface, DeskRefused, RehearsalFailed, *_SCREEN_GONE) as error:
        play.proof.failed("the play went to its end", str(error))
        with suppress(RehearsalFailed):
            play.count()
    play.proof.write(out / "report.json")
    for check in play.proof.checks:
        click.echo(f"{'held  ' if check.ok else 'FAILED'} {check.name}: {check.detail}")
    if not play.proof.ok:
        return f"not everything held; see {out / 'report.json'} and the logs in {stage.directory}"
    click.echo(
        f"{play.proof.submissions} submissions, {play.proof.delivered} delivered, "
        f"{play.proof.lost} lost, {play.proof.duplicated} duplicated; proof in {out}"
    )
    return None
