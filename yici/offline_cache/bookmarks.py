"""Where the conversation with the platform stands: small named texts that survive restarts."""

from enum import StrEnum

from yici.offline_cache.store import Store


class Bookmark(StrEnum):
    """Every name in use; the outbox keeps the acknowledgement chain's head beside them."""

    CHANGES_CURSOR = "changes_cursor"
    CHANGES_ETAG = "changes_etag"
    CLOCK = "clock"  # see kiosk/sync/clock.py
    RECONCILED = "reconciled"  # see kiosk/sync/reconcile.py
    DEVICES = "devices"  # see device_ledger.py


class Bookmarks:
    """Read and write single bookmarks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, name: Bookmark) -> str | None:
        """The text, or None when it was never set."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT value FROM bookmark WHERE name = ?", (name.value,)
            ).fetchone()
        return str(row[0]) if row else None

    def put(self, name: Bookmark, value: str) -> None:
        """Durable when it returns."""
        with self._store.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO bookmark VALUES (?, ?)", (name.value, value))
