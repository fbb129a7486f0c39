"""What every ID-card reader's driver keeps, tried against its twin.

A new driver joins by one line in PAIRS.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from yici.contract.people import Identity, Sex
from yici.drivers.device import DeviceKind, DeviceState, NotReady
from yici.drivers.id_card_reader import CardPresence, IdCardReader
from yici.drivers.id_card_reader.sam.driver import connect as connect_sam
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sam.twin import SamFault, SamTwin


@dataclass(frozen=True)
class Pair:
    """A driver and the twin that plays its device; `impatient` gives up within half a second."""

    make_twin: Callable[[Path], Any]
    connect: Callable[[str], IdCardReader]
    connect_impatient: Callable[[str], IdCardReader]
    silent: Any
    read_failed: Any


def connect_sam_impatient(port: str) -> IdCardReader:
    return connect_sam(port, deadlines=SamDeadlines(short_s=0.2, read_s=0.2, address_s=0.2))


PAIRS = {
    "sam": Pair(SamTwin, connect_sam, connect_sam_impatient, SamFault.SILENT, SamFault.READ_FAILED),
}

PERSON = Identity(
    name="张示例",
    sex=Sex.MALE,
    nation_code="01",
    birth_date=date(1985, 6, 12),
    address="湖南省示例市示例区测试路1号",
    id_number="430199198506120012",
    issuer="示例市公安局",
    valid_from=date(2015, 6, 12),
    valid_to=date(2035, 6, 12),
)


@pytest.fixture(params=list(PAIRS.values()), ids=list(PAIRS))
def pair(request: pytest.FixtureRequest) -> Pair:
    return request.param  # type: ignore[no-any-return]  # pytest types a parameter as Any


@pytest.fixture
def twin(pair: Pair, tmp_path: Path) -> Iterator[Any]:
    threads = set(threading.enumerate())
    twin = pair.make_twin(tmp_path / "reader")
    twin.start()
    yield twin
    twin.stop()
    assert set(threading.enumerate()) <= threads
    assert not (tmp_path / "reader").is_symlink()


@pytest.fixture
def reader(pair: Pair, twin: Any) -> Iterator[IdCardReader]:
    reader = pair.connect(str(twin.path))
    yield reader
    reader.close()


def test_reader_that_answers_is_ready(reader: IdCardReader) -> None:
    status = reader.status()
    assert (status.kind, status.state) == (DeviceKind.ID_CARD_READER, DeviceState.READY)


def test_no_card_is_a_value(reader: IdCardReader) -> None:
    assert reader.read_card() is CardPresence.ABSENT


def test_card_is_read_as_it_was_made(reader: IdCardReader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_newest_address_of_the_chip_is_read_too(reader: IdCardReader, twin: Any) -> None:
    moved = PERSON.model_copy(update={"newest_address": "湖南省示例市示例区新居路2号"})
    twin.put_card(moved)
    assert reader.read_card() == moved


def test_same_card_is_absent_until_it_is_lifted(reader: IdCardReader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    assert reader.read_card() is CardPresence.ABSENT
    assert reader.read_card() is CardPresence.ABSENT
    twin.take_card()
    assert reader.read_card() is CardPresence.ABSENT
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_next_card_is_read_after_the_first(reader: IdCardReader, twin: Any) -> None:
    other = PERSON.model_copy(update={"name": "李样本", "id_number": "430199196211030029"})
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    twin.put_card(other)
    assert reader.read_card() == other


def test_card_that_cannot_be_read_asks_to_be_laid_again(
    pair: Pair, reader: IdCardReader, twin: Any
) -> None:
    twin.put_card(PERSON)
    twin.set_faults(pair.read_failed)
    assert reader.read_card() is CardPresence.READ_FAILED
    twin.set_faults()
    assert reader.read_card() is CardPresence.ABSENT  # not before it is lifted
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_silent_reader_is_unknown_never_ok(pair: Pair, twin: Any) -> None:
    twin.set_faults(pair.silent)
    reader = pair.connect_impatient(str(twin.path))
    assert reader.status().state is DeviceState.UNKNOWN
    with pytest.raises(NotReady) as not_ready:
        reader.read_card()
    assert not_ready.value.status.state is DeviceState.UNKNOWN
    reader.close()


def test_silent_reader_that_speaks_again_is_ready(
    pair: Pair, twin: Any, reader: IdCardReader
) -> None:
    twin.set_faults(pair.silent)
    impatient = pair.connect_impatient(str(twin.path))
    assert impatient.status().state is DeviceState.UNKNOWN
    impatient.close()
    twin.set_faults()
    assert reader.status().state is DeviceState.READY


def test_reader_that_was_never_there_is_disconnected(pair: Pair, tmp_path: Path) -> None:
    reader = pair.connect(str(tmp_path / "nothing"))
    assert reader.status().state is DeviceState.DISCONNECTED
    with pytest.raises(NotReady) as not_ready:
        reader.read_card()
    assert not_ready.value.status.state is DeviceState.DISCONNECTED
    reader.close()


def test_unplugged_reader_is_disconnected_and_comes_back_by_itself(
    reader: IdCardReader, twin: Any
) -> None:
    assert reader.status().state is DeviceState.READY
    for _ in range(3):
        twin.unplug()
        assert reader.status().state is DeviceState.DISCONNECTED
        with pytest.raises(NotReady):
            reader.read_card()
        twin.plug_in()
        assert reader.status().state is DeviceState.READY
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_reader_that_is_plugged_in_later_is_found(
    pair: Pair, twin: Any, reader: IdCardReader
) -> None:
    twin.unplug()
    assert reader.status().state is DeviceState.DISCONNECTED
    twin.plug_in()
    assert reader.status().state is DeviceState.READY


def test_closing_twice_and_using_again(reader: IdCardReader) -> None:
    assert reader.status().state is DeviceState.READY
    reader.close()
    reader.close()
    assert reader.status().state is DeviceState.READY


def test_error_names_no_resident(pair: Pair, twin: Any) -> None:
    twin.put_card(PERSON)
    twin.set_faults(pair.silent)
    reader = pair.connect_impatient(str(twin.path))
    with pytest.raises(NotReady) as not_ready:
        reader.read_card()
    assert PERSON.id_number not in repr(not_ready.value)
    assert PERSON.name not in str(not_ready.value)
    reader.close()
