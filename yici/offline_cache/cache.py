"""Everything that a terminal keeps on its disk, opened together from one directory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from yici.offline_cache.admission import Ballast
from yici.offline_cache.bookmarks import Bookmarks
from yici.offline_cache.cases import CaseMirror
from yici.offline_cache.catalogue import CatalogueReplica
from yici.offline_cache.device_ledger import DeviceLedger
from yici.offline_cache.events import EventLog
from yici.offline_cache.outbox import Outbox
from yici.offline_cache.parts import PartStore
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

DATABASE_NAME = "terminal.sqlite"
PARTS_NAME = "parts"
BALLAST_NAME = "ballast"


@dataclass(frozen=True, slots=True)
class OfflineCache:
    """The rooms of one state directory; close it when done."""

    store: Store
    parts: PartStore
    outbox: Outbox
    catalogue: CatalogueReplica
    cases: CaseMirror
    print_journal: SqlitePrintJournal
    events: EventLog
    devices: DeviceLedger
    bookmarks: Bookmarks
    ballast: Ballast

    @classmethod
    def open(cls, state_dir: Path) -> Self:
        """Open, create or migrate. Raises StoreUnavailable, StoreDamaged or NewerSchema."""
        parts = PartStore(state_dir / PARTS_NAME)
        store = Store.open(state_dir / DATABASE_NAME)
        events = EventLog(store)
        return cls(
            store,
            parts,
            Outbox(store, parts),
            CatalogueReplica(store),
            CaseMirror(store),
            SqlitePrintJournal(store),
            events,
            DeviceLedger(store, events),
            Bookmarks(store),
            Ballast(state_dir / BALLAST_NAME),
        )

    def close(self) -> None:
        """Give up the database and the claim on unnamed parts."""
        self.parts.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
