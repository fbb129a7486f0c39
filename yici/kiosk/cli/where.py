"""Which terminal a command is about: named by options, or by its settings file.

Without `--state-dir` and `--platform` they are read from the file that YICI_SETTINGS names, or
from the one that `yici run` leaves behind.
"""

import os
from pathlib import Path

import click

from yici.config.declaration import TerminalSettings
from yici.config.load import BadSettings, load_settings

SETTINGS_VARIABLE = "YICI_SETTINGS"
REHEARSAL_SETTINGS = Path("var/run/terminal.toml")


def _find_settings() -> TerminalSettings | None:
    named = os.environ.get(SETTINGS_VARIABLE)
    path = Path(named) if named else REHEARSAL_SETTINGS
    if not named and not path.exists():
        return None
    try:
        return load_settings(path)
    except BadSettings as error:
        raise click.UsageError(str(error)) from error


def get_settings(path: Path | None) -> TerminalSettings:
    """All of them, from this file or the usual one. Raises click.UsageError."""
    if path is not None:
        try:
            return load_settings(path)
        except BadSettings as error:
            raise click.UsageError(str(error)) from error
    settings = _find_settings()
    if settings is None:
        raise click.UsageError(f"--settings is needed, or a settings file in ${SETTINGS_VARIABLE}")
    return settings


def get_state_dir() -> Path:
    """From the settings file. Raises click.UsageError where there is none, or a bad one."""
    settings = _find_settings()
    if settings is None:
        raise click.UsageError(f"--state-dir is needed, or a settings file in ${SETTINGS_VARIABLE}")
    return Path(settings.storage.state_dir)


def get_platform() -> str:
    """From the settings file. Raises click.UsageError where it names none."""
    settings = _find_settings()
    if settings is None or not settings.platform.url:
        raise click.UsageError(f"--platform is needed, or platform.url in ${SETTINGS_VARIABLE}")
    return settings.platform.url


settings_option = click.option(
    "--settings",
    "settings_path",
    show_default=f"from ${SETTINGS_VARIABLE}, or {REHEARSAL_SETTINGS}",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The terminal's settings file.",
)
state_dir_option = click.option(
    "--state-dir",
    default=get_state_dir,
    show_default=f"from ${SETTINGS_VARIABLE}, or {REHEARSAL_SETTINGS}",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the terminal keeps its data.",
)
platform_option = click.option(
    "--platform",
    default=get_platform,
    show_default=f"from ${SETTINGS_VARIABLE}, or {REHEARSAL_SETTINGS}",
    metavar="URL",
    help="The platform's address.",
)
