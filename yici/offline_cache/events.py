"""The terminal's event log: declared events only, append-only, each chained to the one before.

An event has no field that can hold a sentence, so a resident's data can't get into it by
accident; a class that declares one does not even import.
"""

import hashlib
import inspect
import json
import sqlite3
import time
import types
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, get_args
from uuid import UUID

from yici.offline_cache.outbox_records import from_ms
from yici.offline_cache.store import Store

_PLAIN = (bool, int, float, UUID)
_START = hashlib.sha256(b"yici:event:start").hexdigest()


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)


def _may_be_logged(kind: Any) -> bool:
    if kind is type(None) or kind in _PLAIN:
        return True
    return isinstance(kind, type) and issubclass(kind, Enum)


class Event:
    """Base of every declared event: a frozen dataclass of enums, numbers, truth values and ids."""

    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name
        for field, annotation in inspect.get_annotations(cls).items():
            if not all(_may_be_logged(kind) for kind in _kinds(annotation)):
                raise TypeError(
                    f"{cls.__name__}.{field}: an event's field is an enum, a number, a truth value "
                    f"or an id, never free text (found {annotation!r})"
                )


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as read back."""

    number: int
    at: datetime
    name: str
    fields: dict[str, Any]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise TypeError(f"an event can't hold a {type(value).__name__}")


def _link(previous: str, number: int, at_ms: int, name: str, text: str) -> str:
    return hashlib.sha256(f"{previous}|{number}|{at_ms}|{name}|{text}".encode()).hexdigest()


class EventLog:
    """Appends and checks the chain. Methods raise StoreError when the storage fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, event: Event) -> None:
        """Durable on return. Raises TypeError for a value that its declaration forbids."""
        with self._store.writing() as connection:
            self.append_within(connection, event)

    def append_within(self, connection: sqlite3.Connection, event: Event) -> None:
        """The same inside a caller's own transaction, together with what the event tells of."""
        values = {f.name: _plain(getattr(event, f.name)) for f in fields(event)}  # type: ignore[arg-type]  # every subclass is a dataclass
        text = json.dumps(values, separators=(",", ":"))
        at_ms = time.time_ns() // 1_000_000
        row = connection.execute(
            "SELECT number, digest FROM event ORDER BY number DESC LIMIT 1"
        ).fetchone()
        number, previous = (row[0] + 1, row[1]) if row else (1, _START)
        connection.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?)",
            (number, at_ms, event.name, text, _link(previous, number, at_ms, event.name, text)),
        )

    def read(self, *, after: int = 0, limit: int = 200) -> tuple[LoggedEvent, ...]:
        """Events in order, after a number."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT number, at_ms, name, fields FROM event WHERE number > ?"
                " ORDER BY number LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple(
            LoggedEvent(number, from_ms(at_ms), name, json.loads(text))
            for number, at_ms, name, text in rows
        )

    def find_break(self) -> int | None:
        """The number of the first event that does not fit the chain, or None when all do."""
        previous, expected = _START, 1
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT number, at_ms, name, fields, digest FROM event ORDER BY number"
            )
            for number, at_ms, name, text, digest in rows:
                if number != expected or digest != _link(previous, number, at_ms, name, text):
                    return int(number)
                previous, expected = digest, number + 1
        return None
