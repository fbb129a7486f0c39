"""Coded lists that form fields name: code → label, as published with the catalogue."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _sets() -> dict[str, dict[str, str]]:
    text = files("yici.catalogue").joinpath("codes.toml").read_text("utf-8")
    return {
        name: {str(code): str(label) for code, label in table.items()}
        for name, table in tomllib.loads(text).items()
        if isinstance(table, dict) and all(isinstance(label, str) for label in table.values())
    }


def get_code_set(name: str) -> dict[str, str]:
    """Raises KeyError for a list that the catalogue doesn't have."""
    return _sets()[name]


def find_label(name: str, code: str) -> str | None:
    """The label of a code, or None for an unknown list or code."""
    return _sets().get(name, {}).get(code)
