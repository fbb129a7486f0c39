"""Numbered SQL files, applied in order, each in one transaction with the record of it.

A migration changes the outbox in place and never recreates it; `tests/offline_cache/databases`
keeps a filled database of every version as proof.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

SET_NAME = "yici-terminal"


def known_migrations() -> tuple[str, ...]:
    """Names in order, without `.sql`."""
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql")))


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _apply_script(database: Database, name: str, number: int) -> None:
    script = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    for statement in _statements(script):
        database.conn.execute(statement)
    database.conn.execute(f"PRAGMA user_version = {number}")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest known version."""
    migrations = Migrations(SET_NAME)
    for number, name in enumerate(known_migrations(), start=1):

        def step(database: Database, name: str = name, number: int = number) -> None:
            _apply_script(database, name, number)

        migrations(name=name)(step)
    migrations.apply(Database(connection))
