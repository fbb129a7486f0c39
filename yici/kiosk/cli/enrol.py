"""`yici enrol`: make this machine a terminal of the platform."""

from pathlib import Path

import click

from yici.contract.envelope.suites import DEFAULT_SUITE, SUITE_IDS
from yici.kiosk.cli.outcomes import expected_failures
from yici.kiosk.cli.where import platform_option, state_dir_option


@click.command()
@state_dir_option
@platform_option
@click.option("--code", required=True, help="The one-time code from the platform's console.")
@click.option("--hall", "hall_code", default="", help="The hall's code, where there are several.")
@click.option(
    "--suite",
    "suite_id",
    type=click.Choice(SUITE_IDS),
    default=DEFAULT_SUITE,
    show_default=True,
    help="The cryptography, for the terminal's life; gm-1 is SM2/SM3/SM4, on x86-64 only.",
)
def enrol(state_dir: Path, platform: str, code: str, hall_code: str, suite_id: str) -> None:
    """Exchange keys under a one-time code; compare the six digits with the console's."""
    from yici.kiosk.sync.enrol import enrol as enrol_terminal

    with expected_failures():
        enrolled = enrol_terminal(state_dir, platform, code, hall_code=hall_code, suite_id=suite_id)
    click.echo(f"terminal {enrolled.identity.terminal_id}")
    click.echo(f"check digits {enrolled.check_digits}")
    click.echo("The console must show the same digits; if it doesn't, block the terminal there.")
