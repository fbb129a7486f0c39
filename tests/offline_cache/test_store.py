"""The store's settings, errors and migrations."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sealing_desk import submit

from yici.offline_cache import errors
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import DATABASE_NAME, OfflineCache
from yici.offline_cache.migrations import known_migrations
from yici.offline_cache.store import CHECKPOINT_AFTER_PAGES, SCHEMA_VERSION, Store

KEPT = Path(__file__).parent / "databases"


def test_settings_on_which_the_promises_rest(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.sqlite") as store, store.reading() as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_log_is_written_over_instead_of_growing(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    page_bytes = 4096
    with Store.open(path) as store:
        for _ in range(3 * CHECKPOINT_AFTER_PAGES):
            with store.writing() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO bookmark VALUES ('filler', ?)", ("x" * page_bytes,)
                )
        log_bytes = path.with_name(path.name + "-wal").stat().st_size
    assert log_bytes < 1.5 * CHECKPOINT_AFTER_PAGES * page_bytes


def test_nobody_else_on_the_machine_may_read_it(tmp_path: Path) -> None:
    with OfflineCache.open(tmp_path / "state") as cache:
        submit(cache, (b"paper",))
        made = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
        assert len(made) >= 4
        assert all(path.stat().st_mode & 0o077 == 0 for path in made)


def test_schema_version_counts_the_migrations() -> None:
    assert len(known_migrations()) == SCHEMA_VERSION
    assert [int(name[:3]) for name in known_migrations()] == list(range(1, SCHEMA_VERSION + 1))


def test_every_version_has_a_kept_database() -> None:
    assert sorted(KEPT.glob("v*.sqlite")) == [
        KEPT / f"v{number:03d}.sqlite" for number in range(1, SCHEMA_VERSION + 1)
    ]


@pytest.mark.parametrize("kept", sorted(KEPT.glob("v*.sqlite")), ids=lambda path: path.stem)
def test_full_queue_of_an_older_release_survives_the_upgrade(kept: Path, tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    state_dir.mkdir()
    shutil.copy(kept, state_dir / DATABASE_NAME)
    shutil.copytree(KEPT / f"{kept.stem}-parts", state_dir / "parts")
    with OfflineCache.open(state_dir) as cache:
        cache.store.check()
        lines = cache.outbox.list_lines()
        assert [line.state.value for line in lines] == [
            "queued",
            "form_sent",
            "erased",
            "rejected",
            "quarantined",
            "queued",
        ]
        assert all(cache.parts.holds_intact(digest) for digest in cache.outbox.named_digests())
        assert cache.outbox.find_due_part(read_boot_time()) is not None
        assert submit(cache).accept(cache).sequence == len(lines) + 1
        assert cache.events.find_break() is None


def test_newer_schema_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(errors.NewerSchema, match="newer release"):
        Store.open(path)


def test_something_that_is_no_database_is_never_recreated(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    before = path.read_bytes()
    with pytest.raises(errors.StoreDamaged, match="do not delete it"):
        Store.open(path)
    assert path.read_bytes() == before


def test_directory_in_place_of_the_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").mkdir()
    with pytest.raises(errors.StoreUnavailable, match="cannot be used"):
        Store.open(tmp_path / "s.sqlite")


def test_full_disk_is_its_own_error_and_nothing_is_half_written(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.sqlite") as store:
        with store.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(errors.StoreFull, match="full"):
            _write_too_much(store)
        with store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM bookmark").fetchone() == (0,)
        with store.writing() as connection:  # the connection is still good
            connection.execute("INSERT INTO bookmark VALUES ('small', '1')")


def _write_too_much(store: Store) -> None:
    with store.writing() as connection:
        connection.execute("INSERT INTO bookmark VALUES ('small', '1')")
        connection.execute("INSERT INTO bookmark VALUES ('large', ?)", ("x" * 100_000,))


def test_many_processes_open_and_migrate_one_new_database(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    script = (
        "import sys\nfrom pathlib import Path\nfrom yici.offline_cache.store import Store\n"
        "Store.open(Path(sys.argv[1])).close()\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    failures = [child.communicate(timeout=60)[1] for child in children if child]
    assert failures == [b""] * 4
    with Store.open(path) as store:
        store.check()


def test_other_process_commit_changes_the_data_version(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.sqlite") as ours, Store.open(tmp_path / "s.sqlite") as theirs:
        before = ours.data_version()
        with theirs.writing() as connection:
            connection.execute("INSERT INTO bookmark VALUES ('a', 'b')")
        assert ours.data_version() != before
