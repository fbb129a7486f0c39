"""What every driver for social-security cards has to do, through a service that really runs."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from yici.contract.people import Assurance, Identity
from yici.drivers.device import DeviceError, DeviceState, StepOutcome
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.social_security_card_reader import SocialSecurityCardReader, SscPresence
from yici.drivers.social_security_card_reader.pcsc.driver import connect
from yici.drivers.social_security_card_reader.pcsc.twin import PcscTwin, SscFault
from yici.drivers.social_security_card_reader.pcsc.virtual_card import CardManner
from yici.drivers.twin import NO_FAULT

DEADLINE_S = 30.0
CALL_S = 1.0  # one call to the service; a reading is about ten of them
LONGEST_CALL_S = 15.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A driver and the twin that it is played against."""

    open_twin: Callable[[], PcscTwin]
    connect: Callable[[str], SocialSecurityCardReader]


PAIRS = {"pcsc": Pair(PcscTwin, lambda address: connect(address, deadline_s=CALL_S))}


@pytest.fixture(params=PAIRS.values(), ids=PAIRS.keys())
def pair(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.param
    return found


@pytest.fixture
def twin(pair: Pair) -> Iterator[PcscTwin]:
    with pair.open_twin() as twin:
        yield twin


@pytest.fixture
def reader(pair: Pair, twin: PcscTwin) -> Iterator[SocialSecurityCardReader]:
    reader = pair.connect(twin.address)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def personas() -> dict[str, Persona]:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)


def look(reader: SocialSecurityCardReader) -> Identity | SscPresence | None:
    """One reading; None for a device error."""
    started_s = time.monotonic()
    try:
        return reader.read_card()
    except DeviceError:
        return None
    finally:
        assert time.monotonic() - started_s < LONGEST_CALL_S


def look_until(
    reader: SocialSecurityCardReader, holds: Callable[[Identity | SscPresence | None], bool]
) -> Identity | SscPresence | None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds(outcome := look(reader)):
        assert time.monotonic() < deadline_s, f"still {outcome}"
        time.sleep(0.02)
    return outcome


def is_identity(outcome: Identity | SscPresence | None) -> bool:
    return isinstance(outcome, Identity)


def wait_until_ready(reader: SocialSecurityCardReader) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not (status := reader.status()).works:
        assert time.monotonic() < deadline_s, status
        time.sleep(0.02)


@pytest.mark.parametrize("manner", [CardManner.OPEN, CardManner.BY_NUMBER, CardManner.FETCHED])
@pytest.mark.parametrize("key", ["P01", "P02"])
def test_card_is_read_as_it_was_made(
    reader: SocialSecurityCardReader,
    twin: PcscTwin,
    personas: dict[str, Persona],
    key: str,
    manner: CardManner,
) -> None:
    person = personas[key].identity
    twin.put_card(person, manner)
    read = look_until(reader, is_identity)
    assert isinstance(read, Identity)
    assert (read.name, read.id_number) == (person.name, person.id_number)
    assert (read.sex, read.nation_code) == (person.sex, person.nation_code)
    assert read.birth_date == person.birth_date
    assert read.assurance is Assurance.SOCIAL_SECURITY_CARD, "never as good as an identity card"
    assert not read.manual_check


def test_no_card_and_other_cards_are_values(
    reader: SocialSecurityCardReader, twin: PcscTwin
) -> None:
    assert look(reader) is SscPresence.ABSENT
    twin.act("put_other_card")
    assert look_until(reader, lambda o: o is not SscPresence.ABSENT) is SscPresence.NOT_THIS_KIND
    twin.act("put_protected_card", "P01")
    look_until(reader, lambda outcome: outcome is SscPresence.PROTECTED)
    twin.act("take_card")
    look_until(reader, lambda outcome: outcome is SscPresence.ABSENT)


def test_terminal_starts_without_reader_or_service(pair: Pair, twin: PcscTwin) -> None:
    twin.set_fault(SscFault.SERVICE_STOPPED)
    reader = pair.connect(twin.address)
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.DISCONNECTED, "pcsc.no_service")
    twin.unplug()
    twin.set_fault(NO_FAULT)
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.DISCONNECTED, "pcsc.no_reader")
    twin.plug_in()
    wait_until_ready(reader)
    reader.close()


def test_service_that_hangs_holds_no_call_beyond_its_deadline(
    reader: SocialSecurityCardReader, twin: PcscTwin
) -> None:
    wait_until_ready(reader)
    twin.set_fault(SscFault.SILENT)
    started_s = time.monotonic()
    status = reader.status()
    assert time.monotonic() - started_s < LONGEST_CALL_S
    assert (status.state, status.code) == (DeviceState.UNKNOWN, "pcsc.hangs")
    assert look(reader) is None
    twin.set_fault(NO_FAULT)
    wait_until_ready(reader)


def test_reader_is_unplugged_before_during_and_after(
    reader: SocialSecurityCardReader, twin: PcscTwin
) -> None:
    twin.act("put_card", "P01")
    look_until(reader, is_identity)
    for after_s in (0.0, 0.1, 0.6):
        twin.set_fault(SscFault.SLOW)
        pull = threading.Timer(after_s, twin.unplug)
        pull.start()
        look(reader)
        pull.join()
        assert reader.status().state is DeviceState.DISCONNECTED
        assert look(reader) is None
        twin.set_fault(NO_FAULT)
        twin.plug_in()
        look_until(reader, is_identity)


def test_reader_comes_back_by_itself(reader: SocialSecurityCardReader, twin: PcscTwin) -> None:
    twin.act("put_card", "P02")
    look_until(reader, is_identity)
    for _ in range(2):
        twin.unplug()
        assert reader.status().state is DeviceState.DISCONNECTED
        twin.plug_in()
        wait_until_ready(reader)
        look_until(reader, is_identity)


def test_service_that_is_restarted_costs_no_call(
    reader: SocialSecurityCardReader, twin: PcscTwin
) -> None:
    for _ in range(3):
        wait_until_ready(reader)
        twin.restart_service()
        assert reader.status().works, "a stale context is replaced within the call"


def test_name_that_no_reader_has_is_told(pair: Pair, twin: PcscTwin) -> None:
    socket = twin.address.partition("@")[2]
    other = pair.connect(f"Acme Reader@{socket}")
    assert other.status().code == "pcsc.no_reader"
    other.close()
    for wrong in ("", "@/run/pcscd", "tcp://192.0.2.7", "no\nname"):
        with pytest.raises(ValueError, match="PC/SC"):
            pair.connect(wrong)


@pytest.mark.parametrize("fault", [fault.value for fault in SscFault])
def test_every_fault_ends_and_leaves_nothing_behind(
    reader: SocialSecurityCardReader, twin: PcscTwin, fault: str
) -> None:
    twin.act("put_card", "P01")
    person = look_until(reader, is_identity)
    twin.set_fault(fault)
    for _ in range(2):
        outcome = look(reader)
        assert outcome == person or not isinstance(outcome, Identity), "half a card is no card"
        reader.status()
        reader.self_test()
    twin.set_fault(NO_FAULT)
    assert look_until(reader, is_identity) == person


def test_self_test_tells_the_service_from_the_reader(
    reader: SocialSecurityCardReader, twin: PcscTwin
) -> None:
    def outcomes() -> list[StepOutcome]:
        return [step.outcome for step in reader.self_test()]

    wait_until_ready(reader)
    assert outcomes() == [StepOutcome.PASSED, StepOutcome.PASSED]
    twin.unplug()
    assert outcomes() == [StepOutcome.PASSED, StepOutcome.FAILED]
    twin.set_fault(SscFault.SERVICE_STOPPED)
    assert outcomes() == [StepOutcome.FAILED, StepOutcome.NOT_DONE]


def test_whose_card_it_was_is_nowhere_afterwards(
    reader: SocialSecurityCardReader, twin: PcscTwin, personas: dict[str, Persona]
) -> None:
    twin.act("put_card", "P01")
    look_until(reader, is_identity)
    person = personas["P01"].identity
    told = str(dict(reader.diagnostics())) + repr(vars(reader))
    assert person.name not in told
    assert person.id_number not in told
    assert not _workers()
    wait_until_ready(reader)
    assert _workers(), "the look above would have found one"


def _workers() -> list[str]:
    """Our processes that talk to the service: the one that heard a card is gone."""
    found = []
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"social_security_card_reader" in command:
                found.append(pid)
    return found
