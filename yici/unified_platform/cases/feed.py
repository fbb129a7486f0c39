"""The change feed of a terminal: positions count from 1, the cursor is opaque to the terminal."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from yici.contract.case import CaseChange
from yici.contract.delivery import ChangePage
from yici.unified_platform.items.catalogue import catalogue_version
from yici.unified_platform.storage.tables import changes, facts, terminals

PAGE_CHANGES = 200
_EPOCH = "feed-epoch"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page and the tag that stays the same while nothing happens."""

    page: ChangePage
    etag: str


def ensure_epoch(connection: Connection) -> str:
    """A random name of this database, so that a cursor from another one is noticed."""
    epoch = connection.scalar(select(facts.c.value).where(facts.c.name == _EPOCH))
    if epoch is None:
        epoch = secrets.token_hex(6)
        connection.execute(insert(facts).values(name=_EPOCH, value=epoch))
    return epoch


def lock_terminal(connection: Connection, terminal_id: str) -> None:
    """First in every transaction that numbers something for a terminal (PostgreSQL)."""
    connection.execute(
        select(terminals.c.terminal_id)
        .where(terminals.c.terminal_id == terminal_id)
        .with_for_update()
    ).one()


def append_change(connection: Connection, terminal_id: str, change: CaseChange) -> None:
    """The terminal is locked by the caller."""
    position = connection.scalar(
        update(terminals)
        .where(terminals.c.terminal_id == terminal_id)
        .values(last_position=terminals.c.last_position + 1)
        .returning(terminals.c.last_position)
    )
    connection.execute(
        insert(changes).values(terminal_id=terminal_id, position=position, change=change.to_bytes())
    )


def read_feed(connection: Connection, terminal_id: str, cursor: str) -> FeedPage | None:
    """The page after a cursor ("" is the beginning); None for a cursor that is not ours."""
    epoch = connection.scalar(select(facts.c.value).where(facts.c.name == _EPOCH)) or ""
    newest = connection.scalar(
        select(terminals.c.last_position).where(terminals.c.terminal_id == terminal_id)
    )
    position = _position(cursor, epoch)
    if position is None or newest is None or position > newest:
        return None
    rows = connection.execute(
        select(changes.c.position, changes.c.change)
        .where(changes.c.terminal_id == terminal_id, changes.c.position > position)
        .order_by(changes.c.position)
        .limit(PAGE_CHANGES)
    ).all()
    last = rows[-1].position if rows else position
    version = catalogue_version(connection)
    page = ChangePage(
        cursor=f"{epoch}.{last}",
        changes=tuple(CaseChange.from_bytes(row.change) for row in rows),
        catalogue_version=version,
        more=last < newest,
    )
    return FeedPage(page, f'"{epoch}.{last}.{version}"')


def _position(cursor: str, epoch: str) -> int | None:
    if not cursor:
        return 0
    named, _, number = cursor.partition(".")
    if named != epoch or not (number.isascii() and number.isdecimal() and len(number) <= 15):
        return None
    return int(number)
