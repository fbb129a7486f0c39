"""A device's standing changes together with its event, or not at all."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from yici.kiosk import events
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.device_ledger import Entry, Standing

ROLE = events.DeviceRole.RECEIPT_PRINTER
PRESENT, LOST = Entry(Standing.PRESENT, 1000), Entry(Standing.LOST, 5000)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[OfflineCache]:
    with OfflineCache.open(tmp_path) as cache:
        yield cache


def lost(_: Entry | None) -> events.DeviceLost:
    return events.DeviceLost(ROLE)


def test_the_same_standing_again_changes_nothing(cache: OfflineCache) -> None:
    assert cache.devices.settle(ROLE, PRESENT, lambda _: None)
    assert cache.devices.settle(ROLE, LOST, lost)
    assert not cache.devices.settle(ROLE, Entry(Standing.LOST, 9000), lost)
    assert cache.devices.find(ROLE) == LOST
    assert len(cache.events.read()) == 1
    assert cache.events.find_break() is None


def test_an_event_that_can_not_be_written_leaves_the_standing(cache: OfflineCache) -> None:
    cache.devices.settle(ROLE, PRESENT, lambda _: None)

    def broken(_: Entry | None) -> events.DeviceLost:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.devices.settle(ROLE, LOST, broken)
    assert cache.devices.find(ROLE) == PRESENT


def test_two_processes_that_see_the_same_loss_log_it_once(tmp_path: Path) -> None:
    caches = [OfflineCache.open(tmp_path) for _ in range(2)]
    caches[0].devices.settle(ROLE, PRESENT, lambda _: None)
    start = threading.Barrier(2)
    written: list[bool] = []

    def see(cache: OfflineCache) -> None:
        start.wait()
        written.append(cache.devices.settle(ROLE, LOST, lost))

    threads = [threading.Thread(target=see, args=(cache,)) for cache in caches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [False, True]
    assert [event.name for event in caches[0].events.read()] == ["device_lost"]
    for cache in caches:
        cache.close()


@pytest.mark.parametrize("text", ["", "[]", "[1]", '{"a": 1}', '{"a": ["x", 1]}', "null"])
def test_an_unreadable_ledger_is_an_empty_one(cache: OfflineCache, text: str) -> None:
    with cache.store.writing() as connection:
        connection.execute("INSERT INTO bookmark VALUES ('devices', ?)", (text,))
    assert cache.devices.find(ROLE) is None
    assert cache.devices.settle(ROLE, PRESENT, lambda _: None)
    assert cache.devices.find(ROLE) == PRESENT


def test_forgets_one_and_keeps_the_others(cache: OfflineCache) -> None:
    cache.devices.settle(ROLE, PRESENT, lambda _: None)
    cache.devices.settle("scanner", LOST, lambda _: None)
    cache.devices.forget(ROLE)
    cache.devices.forget(ROLE)
    assert (cache.devices.find(ROLE), cache.devices.find("scanner")) == (None, LOST)
