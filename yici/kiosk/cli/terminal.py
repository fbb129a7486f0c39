"""`yici terminal`: the supervisor, the process that never dies."""

import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The terminal's settings file.",
)
def terminal(settings_path: Path) -> None:
    """Show the terminal: one session on the screen, the next one warm behind it.

    Runs until SIGTERM. A broken settings file does not stop it: the screen says what is missing
    and goes on by itself when it is mended.
    """
    from yici.kiosk.supervising.loop import Supervisor

    command = [sys.executable, "-m", "yici", "session", "--settings", str(settings_path)]
    Supervisor(command).run()
