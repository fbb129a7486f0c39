"""The catalogue's files as they are, before any model reads them."""

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

Row = dict[str, Any]


def raw(name: str) -> bytes:
    return files("yici.catalogue").joinpath(name).read_bytes()


@cache
def rows(name: str) -> tuple[Row, ...]:
    return tuple(json.loads(line) for line in raw(name).decode("utf-8").splitlines())


@cache
def by_key(name: str) -> dict[str, Row]:
    return {row["key"]: row for row in rows(name)}


@cache
def table(name: str) -> Row:
    return tomllib.loads(raw(name).decode("utf-8"))
