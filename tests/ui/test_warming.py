"""Steps that are taken while nobody waits: a failing one ends nothing and tells no secret."""

import gc
from collections.abc import Iterator

import pytest

from yici.ui.warming import Step, do, in_turn, keeping_all

SECRET = "430199198506120012"
done: list[str] = []


@pytest.fixture(autouse=True)
def nothing_done() -> Iterator[None]:
    done.clear()
    yield
    gc.unfreeze()


def step(name: str) -> Step:
    return lambda: done.append(name)


def broken() -> None:
    raise LookupError(SECRET)


def first() -> Iterator[Step]:
    yield step("first")
    yield broken
    yield step("second")


def breaks_off() -> Iterator[Step]:
    yield step("third")
    raise ValueError(SECRET)


def last() -> Iterator[Step]:
    yield step("last")


def test_every_other_step_is_taken_when_one_fails(capfd: pytest.CaptureFixture[str]) -> None:
    for each in in_turn(first, breaks_off, last):
        do(each)
    assert done == ["first", "second", "third", "last"]
    told = capfd.readouterr().err.splitlines()
    assert [line.split(" at ")[0] for line in told] == [
        "warming up: LookupError",
        "warming up: ValueError",
    ]
    assert all("test_warming.py:" in line for line in told)
    assert SECRET not in "".join(told)


def test_collector_works_again_after_a_step_that_fails() -> None:
    with pytest.raises(LookupError):
        keeping_all(broken)
    assert gc.isenabled()


def test_objects_of_a_kept_step_are_out_of_the_collectors_sight() -> None:
    before = gc.get_freeze_count()
    kept: list[list[int]] = []
    keeping_all(lambda: kept.extend([number] for number in range(1000)))
    assert gc.get_freeze_count() - before >= 1000
    assert gc.isenabled()
