"""What was last believed of each device, so that sessions log a loss once.

Every session is a process of its own and judges the devices anew. The row and the event that
tells of the change are written in one transaction, and only by whoever changes the row.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.events import Event, EventLog
from yici.offline_cache.store import Store


class Standing(StrEnum):
    """A device that was never seen has no entry."""

    PRESENT = "present"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """Since when a device stands as it does, in milliseconds of the terminal's clock."""

    standing: Standing
    since_ms: int


class DeviceLedger:
    """Entries by role. Methods raise StoreError when the storage fails."""

    def __init__(self, store: Store, events: EventLog) -> None:
        self._store = store
        self._events = events

    def find(self, role: str) -> Entry | None:
        """None for a role whose device was never seen."""
        with self._store.reading() as connection:
            return _entries(connection).get(role)

    def settle(
        self, role: str, now: Entry, event_for: Callable[[Entry | None], Event | None]
    ) -> bool:
        """Write the entry unless it stands so already; log the event that the change asks for.

        `event_for` gets the entry before. True when something was written; durable on return.
        """
        with self._store.writing() as connection:
            entries = _entries(connection)
            before = entries.get(role)
            if before is not None and before.standing is now.standing:
                return False
            _write(connection, {**entries, role: now})
            event = event_for(before)
            if event is not None:
                self._events.append_within(connection, event)
        return True

    def forget(self, role: str) -> None:
        """The settings name no such device any more."""
        if self.find(role) is None:
            return
        with self._store.writing() as connection:
            entries = _entries(connection)
            entries.pop(role, None)
            _write(connection, entries)


def _entries(connection: sqlite3.Connection) -> dict[str, Entry]:
    """What can't be read counts as never seen: at worst a loss is not logged."""
    row = connection.execute(
        "SELECT value FROM bookmark WHERE name = ?", (Bookmark.DEVICES.value,)
    ).fetchone()
    try:
        stored = json.loads(row[0]) if row else {}
        return {
            str(role): Entry(Standing(standing), int(since_ms))
            for role, (standing, since_ms) in stored.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _write(connection: sqlite3.Connection, entries: dict[str, Entry]) -> None:
    text = json.dumps({role: [entry.standing, entry.since_ms] for role, entry in entries.items()})
    connection.execute(
        "INSERT OR REPLACE INTO bookmark VALUES (?, ?)", (Bookmark.DEVICES.value, text)
    )
