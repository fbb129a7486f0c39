"""Group commit, migrations, and files that are whole or not there."""

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, select, text

from yici.contract.digests import digest_of
from yici.unified_platform.app import ServerLock, open_platform
from yici.unified_platform.intake.case_number import (
    check_digit,
    format_case_number,
    normalise_case_number,
)
from yici.unified_platform.storage import schema
from yici.unified_platform.storage.blobs import AppendOutcome, BlobStore
from yici.unified_platform.storage.database import Database, open_database
from yici.unified_platform.storage.errors import AlreadyRunning, NewerSchema, StorageUnavailable
from yici.unified_platform.storage.tables import cases, facts, metadata
from yici.unified_platform.trust.keys import ESCROW_FILE, BadKeyFile, load_or_make_keys


def put(name: str, connection: Connection) -> None:
    connection.execute(insert(facts).values(name=name, value=name))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(select(facts.c.name)))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'db.sqlite3'}"


def test_failing_write_takes_none_of_its_group_with_it(url: str) -> None:
    database = open_database(url)
    failures: list[BaseException] = []
    barrier = threading.Barrier(20)

    def write(number: int) -> None:
        def work(connection: Connection) -> None:
            put(f"n{number}", connection)
            if number % 3 == 0:
                raise ZeroDivisionError

        barrier.wait(60)
        try:
            database.write(work)
        except ZeroDivisionError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(failures) == 7
    assert names(database) == {f"n{n}" for n in range(20) if n % 3}
    database.close()


def test_full_disk_refuses_and_keeps_what_was_committed(url: str) -> None:
    database = open_database(url)
    database.write(lambda connection: put("before", connection))

    def set_limit(connection: Connection, pages: int) -> None:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    def put_much(connection: Connection) -> None:
        connection.execute(insert(facts).values(name="much", value="x" * 2_000_000))

    database.write(lambda connection: set_limit(connection, 100))  # SQLite's own SQLITE_FULL
    with pytest.raises(StorageUnavailable, match="full"):
        database.write(put_much)
    assert names(database) == {"before"}
    database.write(lambda connection: set_limit(connection, 2**30))
    database.write(put_much)
    assert names(database) == {"before", "much"}
    database.close()


def test_database_is_written_with_full_synchronisation(url: str) -> None:
    database = open_database(url)
    pragmas = database.write(
        lambda connection: [
            connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")
        ]
    )
    assert pragmas == ["wal", 2]
    database.close()


def test_migrations_lead_to_the_tables_that_the_code_uses(url: str) -> None:
    open_database(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


def test_cases_of_the_first_schema_are_still_there_after_the_upgrade(url: str) -> None:
    engine = create_engine(url)
    config = schema._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO cases VALUES ('T1', 's1', 'N1', 'H1', 'RS-001', 1, 'received', 1, 0,"
                " 0, '[]')"
            )
        )
    engine.dispose()
    database = open_database(url)
    with database.read() as connection:
        (row,) = connection.execute(select(cases))
    database.close()
    assert (row.case_number, row.supersedes, row.superseded_by) == ("N1", None, None)


def test_newer_schema_is_refused_in_one_sentence(url: str) -> None:
    database = open_database(url)
    database.write(
        lambda connection: connection.execute(
            text("UPDATE alembic_version SET version_num = '9999'")
        )
    )
    database.close()
    with pytest.raises(NewerSchema, match="9999"):
        open_database(url)


def test_file_that_is_no_database_is_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageUnavailable):
        open_database(url)


def test_two_servers_do_not_share_a_data_directory(tmp_path: Path) -> None:
    lock = ServerLock(tmp_path)
    with pytest.raises(AlreadyRunning):
        ServerLock(tmp_path)
    lock.release()
    ServerLock(tmp_path).release()


def test_keys_stay_the_same_and_the_escrow_half_may_go(tmp_path: Path) -> None:
    first = load_or_make_keys(tmp_path)
    (tmp_path / ESCROW_FILE).unlink()
    again = load_or_make_keys(tmp_path)
    assert again.get("intl-1").sealing_keys == first.get("intl-1").sealing_keys
    assert (tmp_path / "keys/signing.json").stat().st_mode & 0o077 == 0
    (tmp_path / "keys/signing.json").write_text("{}")
    with pytest.raises(BadKeyFile):
        load_or_make_keys(tmp_path)


def test_lost_key_set_is_not_replaced_in_silence(tmp_path: Path) -> None:
    load_or_make_keys(tmp_path)
    (tmp_path / "keys/sealing-keys.json").unlink()
    with pytest.raises(BadKeyFile):
        load_or_make_keys(tmp_path)


def test_platform_opens_an_empty_directory(tmp_path: Path) -> None:
    platform = open_platform(tmp_path / "new")
    assert names(platform.database) == set()
    platform.close()


@given(data=st.binary(min_size=1, max_size=3000), cuts=st.lists(st.integers(1, 500), max_size=8))
def test_upload_in_any_pieces_over_any_restarts_is_the_same_part(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    root, digest = tmp_path_factory.mktemp("parts"), digest_of(data)
    result = None
    for cut in [*cuts, len(data)]:
        store = BlobStore(root)  # every piece after a restart
        offset, fence = store.open_upload("T1", digest, length=len(data))
        if store.is_finished("T1", digest):
            break
        chunk = data[offset : offset + cut]
        result = store.append(
            "T1", digest, offset=offset, length=len(data), fence=fence, chunk=chunk
        )
    assert result is not None
    assert result.outcome is AppendOutcome.FINISHED
    assert BlobStore(root).read("T1", digest) == data


@given(serial=st.integers(1, 99_999), position=st.integers(0, 22), digit=st.integers(0, 9))
def test_wrong_digit_in_a_case_number_is_noticed(serial: int, position: int, digit: int) -> None:
    number = format_case_number("H430181001", "20261125", serial)
    assert normalise_case_number(number.replace("-", " ")) == number
    digits = number.replace("-", "")
    changed = digits[:position] + str(digit) + digits[position + 1 :]
    assert (normalise_case_number(changed) is None) == (changed != digits)


@given(st.text("0123456789", min_size=2, max_size=22), st.data())
def test_swapped_neighbours_in_a_case_number_are_noticed(digits: str, data: st.DataObject) -> None:
    whole = digits + check_digit(digits)
    at = data.draw(st.integers(0, len(whole) - 2))
    swapped = whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :]
    assert (check_digit(swapped) != "0") == (swapped != whole)
