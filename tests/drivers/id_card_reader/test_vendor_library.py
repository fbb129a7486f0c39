"""A maker's library that crashes, hangs, lies or scribbles: the session never notices more than
that a card was not read, and the next reading works when the library does."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.people import Identity, Sex
from yici.drivers.device import DeviceError, DeviceState, DeviceStatus, NeedsStaff, NotReady
from yici.drivers.id_card_reader import CardRemoval
from yici.drivers.id_card_reader.reading import CardReading
from yici.drivers.id_card_reader.sam.card_text import encode_card_text
from yici.drivers.id_card_reader.sam.driver import SamReader
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.vendor_library.driver import VENDOR_DEADLINES, connect
from yici.drivers.id_card_reader.vendor_library.twin import build_library
from yici.drivers.id_card_reader.vendor_library.worker import ANSWER, Outcome

PERSON = Identity(name="欧阳示例", sex=Sex.FEMALE, nation_code="01", id_number="430199196211030029")
CARD = ",".join(map(str, encode_card_text(PERSON)))
SOURCE = Path(__file__).parent / "libraries" / "hostile_sdt.c"
AT_ONCE = replace(VENDOR_DEADLINES, poll_interval_s=0)
IN_A_HURRY = replace(AT_ONCE, read_s=0.5)

ConnectTo = Callable[..., SamReader]


@pytest.fixture
def connect_to(tmp_path: Path) -> Iterator[ConnectTo]:
    """A reader whose library goes wrong in one way; built here, with the compiler of this host."""
    readers = []

    def build_and_connect(wrong: str, deadlines: SamDeadlines = AT_ONCE) -> SamReader:
        library = tmp_path / f"lib{wrong.lower()}.so"
        build_library(SOURCE, library, f"CARD={CARD}", wrong)
        readers.append(connect(f"1001@{library}", deadlines=deadlines))
        return readers[-1]

    yield build_and_connect
    for reader in readers:
        reader.close()


def failure_of(reader: SamReader) -> tuple[DeviceState, str]:
    with pytest.raises(DeviceError) as error:
        reader.read_card()
    status = error.value.status
    assert isinstance(error.value, NeedsStaff if status.state is DeviceState.FAULT else NotReady)
    return status.state, status.code


def test_card_through_the_calls(connect_to: ConnectTo) -> None:
    reader = connect_to("NOTHING_WRONG")
    identity = reader.read_card()
    assert isinstance(identity, Identity)
    assert (identity.name, identity.id_number) == (PERSON.name, PERSON.id_number)
    assert reader.sam_id() == "05.03-20110830-0000123456-1234567890"


@pytest.mark.parametrize("wrong", ["SEGFAULT", "ABORT", "OVERRUN_THE_HEAP"])
def test_library_that_crashes_takes_nobody_with_it(connect_to: ConnectTo, wrong: str) -> None:
    reader = connect_to(wrong)
    assert failure_of(reader) == (DeviceState.UNKNOWN, "vendor.crashed")
    assert reader.status().state is DeviceState.READY  # another process, the same library


@pytest.mark.parametrize("wrong", ["HANG", "SPIN"])
def test_library_that_hangs_is_ended_at_the_deadline(connect_to: ConnectTo, wrong: str) -> None:
    reader = connect_to(wrong, IN_A_HURRY)
    assert failure_of(reader) == (DeviceState.UNKNOWN, "vendor.hung")
    assert reader.status().state is DeviceState.READY


def test_library_that_reports_impossible_lengths_is_not_followed(connect_to: ConnectTo) -> None:
    assert failure_of(connect_to("GARBAGE_LENGTH")) == (DeviceState.UNKNOWN, "sam.damaged")


def test_library_that_writes_too_much_is_not_believed(connect_to: ConnectTo) -> None:
    assert failure_of(connect_to("OVERRUN")) == (DeviceState.FAULT, "vendor.overrun")


def test_return_code_that_no_header_lists_is_shown_by_its_byte(connect_to: ConnectTo) -> None:
    assert failure_of(connect_to("STRANGE_CODE")) == (DeviceState.UNKNOWN, "sam.status_b3")


def test_library_that_prints_a_resident_is_not_heard(
    connect_to: ConnectTo, capfd: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(connect_to("PRINTS").read_card(), Identity)
    assert capfd.readouterr() == ("", "")


def test_card_without_a_photo(connect_to: ConnectTo) -> None:
    reading = connect_to("NO_PHOTO").read_card_with_photo()
    assert isinstance(reading, CardReading)
    assert reading.photo is None


def test_library_without_the_optional_calls_reads_cards_all_the_same(
    connect_to: ConnectTo,
) -> None:
    reader = connect_to("WITHOUT_OPTIONAL_CALLS")
    identity = reader.read_card()
    assert isinstance(identity, Identity)
    assert "newest_address" in identity.manual_check  # nobody could ask for it
    assert reader.card_removal() is CardRemoval.UNKNOWN
    assert reader.diagnostics()["sam_model"] == "unknown"


def test_library_without_a_needed_call_is_a_wrong_setting(connect_to: ConnectTo) -> None:
    status = connect_to("WITHOUT_READ").status()
    assert (status.state, status.code) == (DeviceState.WRONG_SETTING, "vendor.library_unusable")


def test_library_that_is_not_there_is_a_wrong_setting() -> None:
    reader = connect("1@/nowhere/libsdt.so")
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.WRONG_SETTING, "vendor.library_unusable")
    reader.close()


def test_library_that_keeps_crashing_calls_for_staff(connect_to: ConnectTo) -> None:
    reader = connect_to("SEGFAULT")
    codes = [failure_of(reader) for _ in range(5)]
    assert codes[:-1] == [(DeviceState.UNKNOWN, "vendor.crashed")] * 4
    assert codes[-1] == (DeviceState.FAULT, "vendor.keeps_failing")


def test_library_that_crashes_at_once_is_started_ever_more_rarely(connect_to: ConnectTo) -> None:
    reader = connect_to("SEGFAULT_AT_ONCE")
    codes = {reader.status().code for _ in range(50)}
    assert codes == {"vendor.crashed", "vendor.resting"}
    facts = reader.diagnostics()
    assert facts["last_failure"] == "vendor.resting"


class _OddChild:
    """Answers the first question as it should be, so that the port is open, and then anything."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = [ANSWER.pack(Outcome.RETURNED, 0x90), *answers]

    def ask(self, question: bytes, *, timeout_s: float) -> bytes:
        assert question
        assert timeout_s > 0
        return self._answers.pop(0) if self._answers else ANSWER.pack(Outcome.RETURNED, 0x02)

    def close(self) -> None:
        """Nothing to end."""


codes = st.sampled_from([0x90, 0x9F, 0x80, 0x41, 0x01, 0x02, 0x10]) | st.integers(
    -(2**31), 2**31 - 1
)
answers = st.binary(max_size=20) | st.builds(
    lambda outcome, code, data: ANSWER.pack(outcome, code) + data,
    st.sampled_from(Outcome) | st.integers(0, 255),
    codes,
    st.binary(max_size=40) | st.just(b"\x01\0\x04\0" + encode_card_text(PERSON) + bytes(1024)),
)


@given(st.lists(answers, max_size=12))
def test_whatever_the_child_says_is_a_value_or_a_device_error(said: list[bytes]) -> None:
    reader = connect("1001@/nowhere/libsdt.so", deadlines=AT_ONCE)
    reader._link._child = _OddChild(said)
    assert isinstance(reader.status(), DeviceStatus)
    for ask in (reader.read_card, reader.card_removal, reader.sam_id):
        with contextlib.suppress(DeviceError):
            ask()
    assert len(reader.self_test()) == 4
    reader.close()
