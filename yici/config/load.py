"""Reads the settings file. Every fault is found at once and said in one sentence each."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from yici.config.declaration import Declared, TerminalSettings


class BadSettings(Exception):
    """The file can't be used; `faults` has one sentence for each thing that is wrong."""

    def __init__(self, path: Path, faults: tuple[str, ...]) -> None:
        super().__init__(f"{path}: " + "; ".join(faults))
        self.path = path
        self.faults = faults


def load_settings(path: Path) -> TerminalSettings:
    """Raises BadSettings for a file that is missing, no TOML, or holds a wrong setting.

    A relative `storage.state_dir` is taken from the file's own folder.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSettings(path, (f"the settings file can't be read: {error.strerror}",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(path, (f"the settings file is not valid TOML: {error}",)) from error
    faults = tuple(_faults(tables))
    if faults:
        raise BadSettings(path, faults)
    if "state_dir" in tables.get("storage", {}):
        state_dir = path.resolve().parent / tables["storage"]["state_dir"]
        tables["storage"]["state_dir"] = str(state_dir)
    return _build(tables)


def _build(tables: Mapping[str, Mapping[str, Any]]) -> TerminalSettings:
    made = {
        table.name: table.default_factory(**tables.get(table.name, {}))  # type: ignore[operator]  # each factory is the table's dataclass
        for table in fields(TerminalSettings)
    }
    return TerminalSettings(**made)


def _faults(tables: Mapping[str, Any]) -> Iterator[str]:
    known = {table.name: table for table in fields(TerminalSettings)}
    for name, values in tables.items():
        if name not in known:
            yield f"[{name}] is no table of the settings; known are {', '.join(known)}"
        elif not isinstance(values, dict):
            yield f"{name} must be a table: write [{name}]"
        else:
            settings = {f.name: f for f in fields(known[name].default_factory)}  # type: ignore[arg-type]  # a dataclass
            yield from _table_faults(name, values, settings)


def _table_faults(
    table: str, values: Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[str]:
    for name, value in values.items():
        if name not in settings:
            yield f"{table}.{name} is no setting; known are {', '.join(settings)}"
            continue
        default, declared = settings[name].default, settings[name].metadata["declared"]
        yield from _value_faults(f"{table}.{name}", value, default, declared)


def _value_faults(name: str, value: Any, default: Any, declared: Declared) -> Iterator[str]:
    if type(value) is not type(default):
        kind = {str: "a text in quotes", int: "a whole number", bool: "true or false"}
        yield f"{name} must be {kind[type(default)]}, not {value!r}"
        return
    low, high = declared.minimum, declared.maximum
    if low is not None and high is not None and not low <= value <= high:
        yield f"{name} must be between {low} and {high} {declared.unit}, not {value}".rstrip()
    if declared.choices and value not in declared.choices:
        yield f"{name} must be one of {', '.join(declared.choices)}, not {value!r}"
