"""What every ID-card reader's driver keeps, tried against its twin.

A new driver joins by one line in PAIRS.
"""

import contextlib
import gc
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from yici.contract.people import Identity, Sex
from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NeedsStaff,
    NotReady,
    StepOutcome,
)
from yici.drivers.health import DeviceHealth, Turn, fault_of, reading_of
from yici.drivers.id_card_reader import CardPresence, CardRemoval
from yici.drivers.id_card_reader.portrait import has_photo_header
from yici.drivers.id_card_reader.reading import CardReading, PhotoIdCardReader
from yici.drivers.id_card_reader.sam.driver import connect as connect_sam
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.drivers.id_card_reader.sdt_usb.driver import connect as connect_usb
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin
from yici.drivers.id_card_reader.vendor_library.driver import VENDOR_DEADLINES
from yici.drivers.id_card_reader.vendor_library.driver import connect as connect_vendor
from yici.drivers.id_card_reader.vendor_library.twin import VendorTwin

Reader = PhotoIdCardReader
AT_ONCE = SamDeadlines(poll_interval_s=0)
IMPATIENT = SamDeadlines(short_s=0.5, gap_s=0.2, poll_interval_s=0)


@dataclass(frozen=True)
class Pair:
    """A driver and the twin that plays its device; `mislead` connects with a wrong setting."""

    make_twin: Callable[[Path], Any]
    make_quick_twin: Callable[[Path], Any]
    connect: Callable[..., Reader]
    mislead: Callable[[Any], Reader]
    deadlines: SamDeadlines = AT_ONCE
    never_there: Callable[[Path], str] = lambda directory: str(directory / "nothing")
    no_address: str = "gopher://reader"


def at_another_speed(twin: SamTwin) -> Reader:
    return connect_sam(twin.address, 9600, deadlines=IMPATIENT)


def without_permission(twin: SdtUsbTwin) -> Reader:
    twin.set_fault("no_permission")
    return connect_usb(twin.address, deadlines=AT_ONCE)


def with_another_library(twin: VendorTwin) -> Reader:
    Path(twin.address.partition("@")[2]).write_text("this is no library")
    return connect_vendor(twin.address)


def library_without_reader(directory: Path) -> str:
    with VendorTwin(directory) as twin:
        return twin.address


PAIRS = {
    "sam": Pair(SamTwin, partial(SamTwin, pace=Pace.AT_ONCE), connect_sam, at_another_speed),
    "sdt_usb": Pair(
        SdtUsbTwin,
        SdtUsbTwin,
        connect_usb,
        without_permission,
        never_there=lambda directory: f"usb+unix:{directory}/nothing",
    ),
    "vendor_library": Pair(
        VendorTwin,
        VendorTwin,
        connect_vendor,
        with_another_library,
        deadlines=replace(VENDOR_DEADLINES, poll_interval_s=0),
        never_there=library_without_reader,
        no_address="libsdt.so",
    ),
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
    twin.close()
    twin.close()
    assert set(threading.enumerate()) <= threads
    assert not twin.is_plugged_in


@pytest.fixture
def reader(pair: Pair, twin: Any) -> Iterator[Reader]:
    reader = pair.connect(twin.address, deadlines=pair.deadlines)
    yield reader
    reader.close()


@pytest.fixture
def impatient(pair: Pair, twin: Any) -> Iterator[Reader]:
    """Gives up within a second; the twin's library has a patience of its own."""
    deadlines = IMPATIENT if pair.deadlines is AT_ONCE else pair.deadlines
    reader = pair.connect(twin.address, deadlines=deadlines)
    yield reader
    reader.close()


def failure_of(ask: Callable[[], object]) -> DeviceState:
    with pytest.raises(DeviceError) as error:
        ask()
    return error.value.status.state


def test_reader_that_answers_is_ready(reader: Reader) -> None:
    status = reader.status()
    assert (status.kind, status.state) == (DeviceKind.ID_CARD_READER, DeviceState.READY)


def test_no_card_is_a_value(reader: Reader) -> None:
    assert reader.read_card() is CardPresence.ABSENT


def test_card_is_read_as_it_was_made(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_newest_address_of_the_chip_is_read_too(reader: Reader, twin: Any) -> None:
    moved = PERSON.model_copy(update={"newest_address": "湖南省示例市示例区新居路2号"})
    twin.put_card(moved)
    assert reader.read_card() == moved


def test_photo_comes_apart_from_the_identity_and_out_of_every_text(
    reader: Reader, twin: Any
) -> None:
    twin.put_card(PERSON)
    reading = reader.read_card_with_photo()
    assert isinstance(reading, CardReading)
    assert reading.identity == PERSON
    assert reading.photo is not None
    assert has_photo_header(reading.photo)
    assert PERSON.name not in repr(reading)
    assert "data" not in repr(reading)


def test_same_card_is_absent_until_it_is_lifted(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    assert reader.read_card() is CardPresence.ABSENT
    assert reader.read_card() is CardPresence.ABSENT
    twin.take_card()
    assert reader.read_card() is CardPresence.ABSENT
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_next_card_is_read_after_the_first(reader: Reader, twin: Any) -> None:
    other = PERSON.model_copy(update={"name": "李样本", "id_number": "430199196211030029"})
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    twin.put_card(other)
    assert reader.read_card() == other


def test_card_that_is_left_behind_is_noticed_until_it_is_taken(reader: Reader, twin: Any) -> None:
    assert reader.card_removal() is CardRemoval.UNKNOWN
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    assert reader.card_removal() is CardRemoval.STILL_THERE
    assert reader.card_removal() is CardRemoval.STILL_THERE
    twin.take_card()
    assert reader.card_removal() is CardRemoval.REMOVED
    assert reader.card_removal() is CardRemoval.REMOVED


def test_nothing_is_said_of_a_card_after_another_was_looked_for(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    assert reader.read_card() is CardPresence.ABSENT
    assert reader.card_removal() is CardRemoval.UNKNOWN


def test_card_that_cannot_be_read_asks_to_be_laid_again(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    twin.set_fault("read_failed")
    assert reader.read_card() is CardPresence.READ_FAILED
    twin.set_fault("none")
    assert reader.read_card() is CardPresence.ABSENT  # not before it is lifted
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_chip_of_another_kind_is_called_the_wrong_card(reader: Reader, twin: Any) -> None:
    twin.put_other_card()
    assert reader.read_card() is CardPresence.WRONG_CARD
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_two_looks_are_kept_apart_by_the_driver(pair: Pair, twin: Any) -> None:
    reader = pair.connect(twin.address)
    reader.read_card()
    started_s = time.monotonic()
    reader.read_card()
    reader.read_card()
    assert time.monotonic() - started_s >= 0.6
    reader.close()


def test_silent_reader_is_unknown_never_ok(impatient: Reader, twin: Any) -> None:
    twin.set_fault("silent")
    assert impatient.status().state is DeviceState.UNKNOWN
    assert failure_of(impatient.read_card) is DeviceState.UNKNOWN


def test_reader_that_falls_silent_between_two_looks_is_noticed(
    impatient: Reader, twin: Any
) -> None:
    assert impatient.read_card() is CardPresence.ABSENT
    twin.set_fault("silent")
    assert failure_of(impatient.read_card) is DeviceState.UNKNOWN
    twin.set_fault("none")
    twin.put_card(PERSON)
    assert impatient.read_card() == PERSON


def test_garbage_is_never_ready_and_never_a_person(impatient: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    twin.set_fault("garbage")
    allowed = (DeviceState.WRONG_SETTING, DeviceState.UNKNOWN)
    assert impatient.status().state in allowed
    assert failure_of(impatient.read_card) in allowed
    twin.set_fault("none")
    assert impatient.read_card() == PERSON


def test_slow_reader_is_waited_for(reader: Reader, twin: Any) -> None:
    assert reader.read_card() is CardPresence.ABSENT
    twin.put_card(PERSON)
    twin.set_fault("slow")
    assert reader.read_card() == PERSON


def test_reader_that_was_never_there_is_disconnected(pair: Pair, tmp_path: Path) -> None:
    reader = pair.connect(pair.never_there(tmp_path))
    assert reader.status().state is DeviceState.DISCONNECTED
    assert failure_of(reader.read_card) is DeviceState.DISCONNECTED
    assert [step.outcome for step in reader.self_test()] == [
        StepOutcome.FAILED,
        *[StepOutcome.NOT_DONE] * 3,
    ]
    reader.close()


def test_unplugged_before_the_first_call(reader: Reader, twin: Any) -> None:
    twin.unplug()
    assert reader.status().state is DeviceState.DISCONNECTED
    twin.plug_in()
    assert reader.status().state is DeviceState.READY


def test_unplugged_in_the_middle_of_a_card(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    twin.set_fault("pulled_mid_reply")
    assert failure_of(reader.read_card) is DeviceState.DISCONNECTED
    assert reader.status().state is DeviceState.DISCONNECTED
    twin.set_fault("none")
    twin.plug_in()
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_unplugged_between_reading_and_taking_the_card(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    twin.unplug()
    assert failure_of(reader.card_removal) is DeviceState.DISCONNECTED
    assert reader.card_removal() is CardRemoval.UNKNOWN


def test_unplugged_reader_comes_back_by_itself(reader: Reader, twin: Any) -> None:
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


def test_loss_and_return_are_told_once_each(reader: Reader, twin: Any) -> None:
    """What the terminal's log gets: the driver's states lead its table to one word each."""
    health, now_s = DeviceHealth(started_s=0.0), 0.0
    told = []

    def look(times: int) -> None:
        nonlocal now_s
        for _ in range(times):
            now_s += 20.0
            status = reader.status()
            change = health.observe(reading_of(status), fault_of(status), now_s)
            told.extend([change.turn] if change else [])

    look(2)
    twin.unplug()
    look(8)
    twin.plug_in()
    look(8)
    assert told == [Turn.SEEN, Turn.LOST, Turn.BACK]


def test_unplugged_before_each_question_of_a_card(
    reader: Reader, twin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = ("status", "number", "find", "select", "read", "newest address")
    for number, question in enumerate(questions):
        twin.put_card(PERSON)
        reader.close()  # so that it is greeted
        with monkeypatch.context() as patch:
            unplug_before(reader, twin, number, patch)
            if question == "newest address":
                identity = reader.read_card()
                assert isinstance(identity, Identity)
                assert identity.manual_check == {"newest_address"}
            else:
                assert failure_of(reader.read_card) is DeviceState.DISCONNECTED, question
        twin.plug_in()
        twin.put_card(PERSON)
        assert reader.read_card() == PERSON


def unplug_before(reader: Any, twin: Any, number: int, patch: pytest.MonkeyPatch) -> None:
    """Pull the plug just before the question of this number, counted from now on."""
    ask_once, asked = reader._link.ask_once, []

    def ask(question: object) -> object:
        asked.append(question)
        if len(asked) == number + 1:
            twin.unplug()
        return ask_once(question)

    patch.setattr(reader._link, "ask_once", ask)


def test_wrong_setting_calls_for_staff(pair: Pair, twin: Any) -> None:
    reader = pair.mislead(twin)
    status = reader.status()
    assert status.state is DeviceState.WRONG_SETTING
    assert status.code
    with pytest.raises(NeedsStaff):
        reader.read_card()
    reader.close()


def test_address_that_no_reader_has_is_refused_at_once(pair: Pair) -> None:
    with pytest.raises(ValueError, match=r"is no "):
        pair.connect(pair.no_address)


def test_closing_twice_and_using_again(reader: Reader) -> None:
    assert reader.status().state is DeviceState.READY
    reader.close()
    reader.close()
    assert reader.status().state is DeviceState.READY


def test_self_test_takes_every_step_for_real(reader: Reader, twin: Any) -> None:
    steps = reader.self_test()
    assert [step.code for step in steps] == ["port", "answers", "sam.status", "sam.id"]
    assert {step.outcome for step in steps} == {StepOutcome.PASSED}
    assert steps[-1].detail == "05.03"


def test_self_test_stops_at_a_silent_reader(impatient: Reader, twin: Any) -> None:
    twin.set_fault("silent")
    outcomes = [step.outcome for step in impatient.self_test()]
    assert outcomes[:2] == [StepOutcome.PASSED, StepOutcome.FAILED]
    assert outcomes[2:] == [StepOutcome.NOT_DONE] * 2


def test_error_names_no_resident(impatient: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    twin.set_fault("silent")
    with pytest.raises(NotReady) as not_ready:
        impatient.read_card()
    assert PERSON.id_number not in repr(not_ready.value)
    assert PERSON.name not in str(not_ready.value)


def test_diagnostics_know_the_reader_and_no_resident(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    twin.unplug()
    assert failure_of(reader.read_card) is DeviceState.DISCONNECTED
    facts = reader.diagnostics()
    assert facts["sam_model"] == "05.03"
    assert facts["cards_read"] == 1
    assert facts["last_failure"] != "none"
    told = repr(dict(facts))
    for secret in (PERSON.name, PERSON.id_number, PERSON.address, "0000123456", "1234567890"):
        assert secret not in told


def test_nothing_of_a_card_stays_in_the_driver(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON, newest_address="湖南省示例市示例区新居路2号")
    assert isinstance(reader.read_card_with_photo(), CardReading)
    held = everything_held_by(reader)
    assert "05.03" in held  # the look does reach what the driver keeps
    for secret in (PERSON.name, PERSON.id_number, PERSON.address, "新居路"):
        for spelling in (secret, repr(secret.encode("utf-16-le"))[2:-1]):
            assert not [text for text in held if spelling in text]


def everything_held_by(root: object) -> list[str]:
    """The text of all strings and bytes that can be reached from `root` without its code."""
    seen: set[int] = set()
    texts = []
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, type | ModuleType | FunctionType):
            continue
        seen.add(id(item))
        if isinstance(item, str | bytes | bytearray):
            texts.append(repr(bytes(item))[2:-1] if not isinstance(item, str) else item)
        else:
            waiting += gc.get_referents(item)
    return texts


# what a twin of this kind offers to panel, fault matrix and practice mode


def test_twin_has_the_faults_that_every_twin_has(twin: Any) -> None:
    assert {"silent", "garbage", "slow"} <= set(twin.fault_names)
    with pytest.raises(ValueError, match="silent"):
        twin.set_fault("on_fire")
    for name in twin.fault_names:
        twin.set_fault(name)
        assert twin.fault == name
    twin.set_fault("none")
    assert twin.fault == "none"


def test_twin_lays_a_persona_by_name(reader: Reader, twin: Any) -> None:
    acts = {act.name: act.choices for act in twin.acts}
    twin.act("put_card", acts["put_card"][0])
    assert isinstance(reader.read_card(), Identity)
    twin.act("take_card")
    assert not twin.has_card
    for name, argument in (("put_card", "nobody"), ("dance", "")):
        with pytest.raises(ValueError, match=name):
            twin.act(name, argument)


HASTY = SamDeadlines(0.15, 0.6, 0.15, gap_s=0.05, poll_interval_s=0)


def closed(reader: Reader, twin: Any) -> None:
    reader.close()


def waiting(reader: Reader, twin: Any) -> None:
    assert reader.read_card() is CardPresence.ABSENT


def card_laid(reader: Reader, twin: Any) -> None:
    waiting(reader, twin)
    twin.put_card(PERSON)


def card_read(reader: Reader, twin: Any) -> None:
    twin.put_card(PERSON)
    assert isinstance(reader.read_card(), Identity)


@pytest.mark.parametrize("state", [closed, waiting, card_laid, card_read])
def test_every_fault_in_every_state_ends_and_leaves_nothing_behind(
    pair: Pair, state: Callable[[Reader, Any], None], tmp_path: Path
) -> None:
    with pair.make_quick_twin(tmp_path / "reader") as twin:
        reader = pair.connect(twin.address, deadlines=HASTY)
        for name in twin.fault_names:
            until(lambda: state(reader, twin))
            twin.set_fault(name)
            for ask in (reader.read_card, reader.card_removal):
                with contextlib.suppress(DeviceError):
                    outcome = ask()
                    assert isinstance(outcome, Identity | CardPresence | CardRemoval), name
                    assert not isinstance(outcome, Identity) or outcome.name == PERSON.name
            twin.set_fault("none")
            twin.take_card()
            twin.plug_in()
        until(lambda: card_read(reader, twin))
        reader.close()


def until(done: Callable[[], None]) -> None:
    """Again and again: deadlines as short as HASTY may be missed, and a child process rests."""
    deadline_s = time.monotonic() + 30
    while True:
        try:
            return done()
        except (DeviceError, AssertionError):
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.02)
