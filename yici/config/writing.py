"""Writes a settings file that `load.py` reads again."""

import json
from collections.abc import Mapping


def write_tables(tables: Mapping[str, Mapping[str, str | int | bool]]) -> str:
    """The tables as TOML, in their order."""
    lines: list[str] = []
    for table, settings in tables.items():
        lines += [f"\n[{table}]", *(f"{key} = {_value(said)}" for key, said in settings.items())]
    return "\n".join(lines) + "\n"


def _value(said: str | int | bool) -> str:  # noqa: FBT001 - a value of the file, no switch
    # TOML knows all of JSON's escapes but the pairs of surrogates, and they stay as characters here
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")
