"""Sealed parts on the disk."""

import os
from pathlib import Path
from threading import Barrier, Thread

import pytest

from yici.contract.digests import digest_of
from yici.offline_cache import errors
from yici.offline_cache.parts import PartStore


def test_two_writers_of_one_part_leave_one_whole_file(tmp_path: Path) -> None:
    data = os.urandom(300_000)
    digest = digest_of(data)
    barrier = Barrier(4)
    stores = [PartStore(tmp_path / "parts") for _ in range(4)]

    def put(store: PartStore) -> None:
        barrier.wait(timeout=30)
        store.put(digest, data)

    threads = [Thread(target=put, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert stores[0].holds_intact(digest)
    assert list(stores[0].list_digests()) == [digest]
    for store in stores:
        store.close()


def test_sweep_takes_orphans_but_never_those_of_a_live_session(tmp_path: Path) -> None:
    session, agent = PartStore(tmp_path / "parts"), PartStore(tmp_path / "parts")
    kept, lost = b"named by a submission", b"the resident walked away"
    session.put(digest_of(kept), kept)
    session.put(digest_of(lost), lost)
    (tmp_path / "parts" / ".incoming-1-torn").write_bytes(b"half")
    assert agent.sweep(frozenset) is None  # the session lives
    session.close()
    assert agent.sweep(lambda: frozenset({digest_of(kept)})) == 2
    assert list(agent.list_digests()) == [digest_of(kept)]
    assert not list((tmp_path / "parts").glob(".incoming*"))


def test_changed_byte_is_noticed(tmp_path: Path) -> None:
    store = PartStore(tmp_path / "parts")
    data = b"sealed" * 100
    digest = digest_of(data)
    store.put(digest, data)
    store.path_of(digest).write_bytes(data[:-1] + b"!")
    assert not store.holds_intact(digest)
    store.path_of(digest).unlink()
    assert not store.holds_intact(digest)
    with pytest.raises(errors.PartMissing):
        store.read_piece(digest, 0, 10)
    store.close()


def test_name_that_leads_out_of_the_directory_is_no_digest(tmp_path: Path) -> None:
    store = PartStore(tmp_path / "parts")
    with pytest.raises(ValueError, match="not a digest"):
        store.path_of("sha256-../../etc/passwd")
    store.close()
