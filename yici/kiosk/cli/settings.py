"""`yici settings …`: check a settings file, list every setting."""

import json
import sys
from dataclasses import fields
from pathlib import Path

import click

from yici.config.declaration import TerminalSettings
from yici.config.load import BadSettings, load_settings


@click.group()
def settings() -> None:
    """The terminal's settings file."""


@settings.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Say what is wrong with a settings file; exit code 2 when something is."""
    try:
        load_settings(path)
    except BadSettings as error:
        for fault in error.faults:
            click.echo(fault, err=True)
        sys.exit(2)
    click.echo(f"{path}: good")


@settings.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def list_settings(as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Every setting with its default and what it means."""
    rows = [
        {
            "setting": f"{table.name}.{entry.name}",
            "default": entry.default,
            "unit": entry.metadata["declared"].unit,
            "title": entry.metadata["declared"].title_en,
            "title_zh": entry.metadata["declared"].title_zh,
        }
        for table in fields(TerminalSettings)
        for entry in fields(table.default_factory)  # type: ignore[arg-type]  # a dataclass
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        unit = f" {row['unit']}" if row["unit"] else ""
        click.echo(f"{row['setting']} = {row['default']!r}{unit}  # {row['title']}")
