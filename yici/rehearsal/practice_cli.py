"""`yici practice`: staff try everything, and nothing of it is real."""

import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from yici.kiosk.cli.where import get_settings
from yici.rehearsal.cli import EndWhenAsked, ScreenChoice, needs_virtual_screen
from yici.rehearsal.practice import MARK, Practice
from yici.rehearsal.process_table import RehearsalFailed

_LOOK_S = 0.5


@click.command()
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="The terminal's settings file: what it names is practised with, and never touched.",
)
@click.option(
    "--screen",
    type=click.Choice([choice.value for choice in ScreenChoice]),
    default=ScreenChoice.AUTO.value,
    show_default=True,
    help="auto: the display that is there, else a virtual one on the page.",
)
@click.option(
    "--page-port",
    default=8090,
    show_default=True,
    help="The page with cards, papers and faults; a taken port gives way to a free one.",
)
def practice(*, config_path: Path, screen: str, page_port: int) -> None:
    """The terminal to practise on: twins for devices, enrolled nowhere, removed at the end.

    Every screen and every slip says that it is practice. Ctrl-C ends it and removes what was done.
    """
    real = get_settings(config_path)
    failure: str | None = None
    with EndWhenAsked():
        try:
            with Practice(real, tell=click.echo) as running:
                if needs_virtual_screen(ScreenChoice(screen)):
                    running.open_screen()
                _announce(running, running.start(page_port))
                failure = _watch(running)
        except RehearsalFailed as error:
            failure = str(error)
    if failure is not None:
        click.echo(f"yici practice: {failure}", err=True)
        sys.exit(1)
    click.echo("practice has ended, and nothing of it is left")


def _announce(running: Practice, page: str) -> None:
    where = "on the panel's page" if running.screen else "on this display"
    port = urlsplit(page).port
    click.echo(
        f"""
  mark       {MARK}
  terminal   {where}
  panel      {page}    cards, papers, faults, printed slips
             (from another computer: ssh -L {port}:127.0.0.1:{port} to this one)
  state      {running.state_dir}    removed at the end

Ctrl-C ends the practice."""
    )


def _watch(running: Practice) -> str:
    while True:
        ended = running.find_ended()
        if ended is not None:
            return ended
        time.sleep(_LOOK_S)
