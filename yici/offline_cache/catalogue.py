"""The terminal's replica of the catalogue: complete, verified, swapped in one commit."""

from dataclasses import dataclass

from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import algorithm_of, digest_of
from yici.contract.items import ServiceItem, read_pack
from yici.offline_cache.store import Store


class BadRelease(Exception):
    """The pack is not the one that the release names, or is older than ours."""


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """Which catalogue is in force here."""

    version: int
    digest: str


class CatalogueReplica:
    """The items in force; parsed once a version, then handed out from memory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parsed: tuple[int, tuple[ServiceItem, ...]] = (0, ())

    def find_version(self) -> CatalogueVersion | None:
        """None before the first catalogue has arrived."""
        with self._store.reading() as connection:
            row = connection.execute("SELECT version, digest FROM catalogue").fetchone()
        return CatalogueVersion(row[0], row[1]) if row else None

    def replace(self, release: CatalogueRelease, pack: bytes) -> None:
        """Put a newer catalogue in force. Raises BadRelease or BadPack; then the old one stays.

        The release's signature is the caller's to check.
        """
        if digest_of(pack, algorithm_of(release.digest)) != release.digest:
            raise BadRelease("the pack's bytes are not those that the release names")
        items = tuple(read_pack(pack.decode("utf-8", errors="replace").splitlines()))
        if len(items) != release.item_count:
            raise BadRelease(f"{len(items)} items in a pack of {release.item_count}")
        with self._store.writing() as connection:
            row = connection.execute("SELECT version FROM catalogue").fetchone()
            if row and row[0] >= release.version:
                raise BadRelease(f"version {release.version} is not newer than {row[0]}")
            connection.execute(
                "INSERT OR REPLACE INTO catalogue VALUES (1, ?, ?, ?)",
                (release.version, release.digest, pack),
            )
        self._parsed = (release.version, items)

    def items(self) -> tuple[ServiceItem, ...]:
        """Every item in force, in the pack's order; empty before the first catalogue."""
        current = self.find_version()
        if current is None:
            return ()
        if self._parsed[0] != current.version:
            with self._store.reading() as connection:
                version, pack = connection.execute("SELECT version, pack FROM catalogue").fetchone()
            self._parsed = (version, tuple(read_pack(pack.decode("utf-8").splitlines())))
        return self._parsed[1]

    def find_item(self, code: str) -> ServiceItem | None:
        """The item of this code."""
        return next((item for item in self.items() if item.code == code), None)
