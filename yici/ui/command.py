"""`yici session`: one resident's process, started by `yici terminal`."""

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
@click.option("--control-fd", type=int, default=None, hidden=True)
def session(settings_path: Path, control_fd: int | None) -> None:
    """Serve one resident; by hand, without the supervisor, the window opens at once."""
    from yici.ui.session_process import run_session

    sys.exit(run_session(settings_path, control_fd))
