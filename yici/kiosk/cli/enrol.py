"""`yici enrol`: make this machine a terminal of the platform."""

from pathlib import Path

import click

from yici.kiosk.cli.outcomes import expected_failures
from yici.kiosk.cli.where import platform_option, state_dir_option


@click.command()
@state_dir_option
@platform_option
@click.option("--code", required=True, help="The one-time code from the platform's console.")
@click.option("--hall", "hall_code", default="", help="The hall's code, where there are several.")
def enrol(state_dir: Path, platform: str, code: str, hall_code: str) -> None:
    """Exchange keys under a one-time code; compare the six digits with the console's."""
    from yici.kiosk.sync.enrol import enrol as enrol_terminal

    with expected_failures():
        enrolled = enrol_terminal(state_dir, platform, code, hall_code=hall_code)
    click.echo(f"terminal {enrolled.identity.terminal_id}")
    click.echo(f"check digits {enrolled.check_digits}")
    click.echo("The console must show the same digits; if it doesn't, block the terminal there.")
