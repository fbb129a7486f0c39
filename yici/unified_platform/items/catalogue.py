"""Seed item versions, publish them as a pack, and tell terminals which pack is in force."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, func, insert, select

from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import digest_of
from yici.contract.envelope.suites import DEFAULT_SUITE
from yici.contract.items import BadPack, ServiceItem, read_pack
from yici.contract.statement import Purpose, SignedStatement
from yici.unified_platform.app import Platform
from yici.unified_platform.storage import tables
from yici.unified_platform.storage.durable_files import write_file


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a seed did."""

    new_items: int
    catalogue_version: int


class BadSeed(ValueError):
    """The file can't be taken; the message names the line or the item."""


@dataclass(frozen=True, slots=True)
class CurrentRelease:
    """The release in force."""

    version: int
    digest: str
    statement: SignedStatement


def seed(platform: Platform, items_file: Path) -> Seeded:
    """Take the item versions of a JSON-lines file, and publish when anything is new.

    `halls.jsonl` beside it names the halls. Raises BadSeed.
    """
    try:
        lines = [line for line in items_file.read_text("utf-8").splitlines() if line.strip()]
        offered = list(zip(read_pack(lines), lines, strict=True))
    except (OSError, UnicodeDecodeError, BadPack) as error:
        raise BadSeed(f"{items_file} is no catalogue: {error}") from error
    halls = _read_halls(items_file.with_name("halls.jsonl"))

    def work(connection: Connection) -> Seeded:
        _put_halls(connection, halls)
        added = sum(_put_item(connection, item, line) for item, line in offered)
        return Seeded(added, _publish(platform, connection))

    return platform.database.write(work)


def _read_halls(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [(row["code"], row["name"]) for row in rows]


def _put_halls(connection: Connection, halls: list[tuple[str, str]]) -> None:
    known = set(connection.scalars(select(tables.halls.c.code)))
    fresh = [{"code": code, "name": name} for code, name in halls if code not in known]
    if fresh:
        connection.execute(insert(tables.halls), fresh)


def _put_item(connection: Connection, item: ServiceItem, line: str) -> bool:
    table = tables.items
    known = connection.scalar(
        select(table.c.body).where(table.c.code == item.code, table.c.version == item.version)
    )
    if known is None:
        row = {"code": item.code, "version": item.version, "body": line}
        connection.execute(insert(table).values(row))
        return True
    if json.loads(known) != json.loads(line):
        raise BadSeed(
            f"item {item.code} version {item.version} is published with other contents; "
            "raise its version"
        )
    return False


def _publish(platform: Platform, connection: Connection) -> int:
    pack, count = _pack(connection)
    digest = digest_of(pack)
    current = _find_release(connection)
    if current is not None and current.digest == digest:
        return current.version
    version = 1 if current is None else current.version + 1
    write_file(platform.packs_dir / digest, pack, mode=0o644)
    release = CatalogueRelease(
        version=version, digest=digest, size_bytes=len(pack), item_count=count
    )
    statement = platform.keys.get(DEFAULT_SUITE).sign(Purpose.CATALOGUE, release)
    connection.execute(
        insert(tables.releases).values(
            version=version, digest=digest, statement=statement.to_bytes(), made_at=platform.now()
        )
    )
    return version


def _pack(connection: Connection) -> tuple[bytes, int]:
    """The newest version of each item, one a line, by code."""
    rows = connection.execute(
        select(tables.items.c.code, tables.items.c.body).order_by(
            tables.items.c.code, tables.items.c.version
        )
    )
    newest = {row.code: row.body for row in rows}  # later versions replace earlier ones
    return "".join(f"{body}\n" for body in newest.values()).encode(), len(newest)


def _find_release(connection: Connection) -> CurrentRelease | None:
    row = connection.execute(
        select(tables.releases).order_by(tables.releases.c.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return CurrentRelease(row.version, row.digest, SignedStatement.from_bytes(row.statement))


def find_release(platform: Platform, suite_id: str = DEFAULT_SUITE) -> CurrentRelease | None:
    """The release in force, signed with that suite; None before the first seed."""
    with platform.database.read() as connection:
        current = _find_release(connection)
    if current is None or suite_id == DEFAULT_SUITE:
        return current
    release = CatalogueRelease.from_bytes(current.statement.payload)
    statement = platform.keys.get(suite_id).sign(Purpose.CATALOGUE, release)
    return replace(current, statement=statement)


def catalogue_version(connection: Connection) -> int:
    """0 before the first seed."""
    return connection.scalar(select(func.max(tables.releases.c.version))) or 0


def find_item(connection: Connection, code: str, version: int) -> ServiceItem | None:
    """One version of an item as it was published."""
    body = connection.scalar(
        select(tables.items.c.body).where(
            tables.items.c.code == code, tables.items.c.version == version
        )
    )
    return None if body is None else _parsed(body)


@lru_cache(maxsize=512)
def _parsed(body: str) -> ServiceItem | None:
    """Published versions never change."""
    try:
        return ServiceItem.model_validate_json(body)
    except ValidationError:  # written by a release with another model
        return None
