"""The SAM driver on a pty: one test per way in which the line or the reader fails."""

import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yici.contract.people import CardKind, Identity, Sex
from yici.drivers.device import DeviceError, DeviceState, DeviceStatus, NeedsStaff, NotReady
from yici.drivers.id_card_reader import CardPresence, CardRemoval
from yici.drivers.id_card_reader.reading import CardReading, WltPhoto
from yici.drivers.id_card_reader.sam.card_text import encode_card_text
from yici.drivers.id_card_reader.sam.driver import SamReader, connect, find_baud_rate, set_baud_rate
from yici.drivers.id_card_reader.sam.frames import (
    LONGEST_REQUEST,
    Command,
    FrameParser,
    SamStatus,
    encode_frame,
    encode_reply,
    encode_request,
    join_card_blocks,
)
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sam.status_words import (
    CARD_TROUBLES,
    HOST_ERRORS,
    READER_TROUBLES,
    UNEXPLAINED,
)
from yici.drivers.id_card_reader.sam.twin import Pace, SamFault, SamTwin
from yici.drivers.id_card_reader.sam.virtual_sam import Card, VirtualSam
from yici.drivers.transports.serial_line import SerialLine

PERSON = Identity(
    name="阿依古丽·买买提江",
    sex=Sex.FEMALE,
    nation_code="05",
    birth_date=date(1992, 2, 18),
    address="湖南省示例市示例区测试路1号",
    id_number="430199199202180061",
    issuer="示例市公安局",
    valid_from=date(2018, 2, 18),
    valid_to=None,
)
# a test of something that never comes lasts as long as this waits
PATIENT = SamDeadlines(gap_s=0.3, poll_interval_s=0)
ONE_SECOND = SamDeadlines(short_s=1.0, read_s=1.0, address_s=1.0, gap_s=0.2)
GREETING = (encode_request(Command.STATUS), encode_request(Command.SAM_ID))
SAM_ID = encode_reply(SamStatus.OK, bytes.fromhex("05000300EEDD320140E20100D2029649"))


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SamTwin]:
    with SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE) as twin:
        yield twin


@pytest.fixture
def reader(twin: SamTwin) -> Iterator[SamReader]:
    reader = connect(str(twin.path), deadlines=PATIENT)
    yield reader
    reader.close()


def test_reader_says_its_number(reader: SamReader) -> None:
    assert reader.sam_id() == "05.03-20110830-0000123456-1234567890"


def test_noise_around_and_inside_every_reply_costs_nothing(
    reader: SamReader, twin: SamTwin
) -> None:
    twin.set_faults(SamFault.NOISE)
    twin.put_card(PERSON, newest_address="湖南省示例市示例区新居路2号")
    assert reader.status().state is DeviceState.READY
    identity = reader.read_card()
    assert isinstance(identity, Identity)
    assert identity.current_address == "湖南省示例市示例区新居路2号"


@pytest.mark.parametrize("fault", [SamFault.BAD_CHECKSUM, SamFault.TRUNCATED])
def test_damaged_replies_are_no_answer(twin: SamTwin, fault: SamFault) -> None:
    twin.set_faults(fault)
    reader = connect(str(twin.path), deadlines=SamDeadlines(gap_s=0.2))
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.UNKNOWN, "sam.damaged")
    with pytest.raises(NotReady):
        reader.read_card()
    twin.set_faults()
    assert reader.status().state is DeviceState.READY
    reader.close()


def test_reader_at_another_speed_is_a_wrong_setting(twin: SamTwin) -> None:
    twin.set_faults(SamFault.WRONG_BAUD)
    reader = connect(str(twin.path), deadlines=ONE_SECOND)
    with pytest.raises(NeedsStaff) as needs_staff:
        reader.read_card()
    status = needs_staff.value.status
    assert (status.state, status.code) == (DeviceState.WRONG_SETTING, "sam.unreadable")
    reader.close()


def test_host_at_an_odd_speed_is_a_wrong_setting(twin: SamTwin) -> None:
    reader = connect(str(twin.path), 250_000, deadlines=ONE_SECOND)
    assert reader.status().state is DeviceState.WRONG_SETTING
    reader.close()


def test_slow_line_is_read_when_both_agree(tmp_path: Path) -> None:
    with SamTwin(tmp_path / "slow", baud_rate=38400) as twin:
        twin.put_card(PERSON)
        reader = connect(str(twin.path), 38400)
        assert reader.read_card() == PERSON
        reader.close()


def test_reader_follows_a_command_to_change_its_speed(twin: SamTwin) -> None:
    with SerialLine(str(twin.path), baud_rate=115200) as line:
        line.write(encode_request(Command.SET_BAUD_57600), timeout_s=5)
        assert line.read(timeout_s=5) == encode_reply(SamStatus.OK)
    reader = connect(str(twin.path), 57600)
    assert reader.status().state is DeviceState.READY
    reader.close()


def test_plug_pulled_in_the_middle_of_a_card(reader: SamReader, twin: SamTwin) -> None:
    twin.put_card(PERSON)
    twin.set_faults(SamFault.PULLED_MID_REPLY)
    with pytest.raises(NotReady) as not_ready:
        reader.read_card()
    assert not_ready.value.status.state is DeviceState.DISCONNECTED
    assert reader.status().state is DeviceState.DISCONNECTED
    twin.set_faults()
    twin.plug_in()
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON


def test_card_that_lay_there_is_found_again_by_a_reader_that_lost_power(
    reader: SamReader, twin: SamTwin
) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    twin.unplug()
    assert reader.status().state is DeviceState.DISCONNECTED
    twin.plug_in()
    assert reader.read_card() == PERSON


def test_a_day_of_loose_plugs_leaves_no_descriptor_behind(reader: SamReader, twin: SamTwin) -> None:
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    for _ in range(50):
        assert reader.status().state is DeviceState.READY
        twin.unplug()
        assert reader.status().state is DeviceState.DISCONNECTED
        twin.plug_in()
    assert len(list(descriptors.iterdir())) == before


def test_reader_behind_a_serial_server() -> None:
    sam = VirtualSam()
    sam.put_card(Card(encode_card_text(PERSON)))
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        serial_server = threading.Thread(target=serve_one, args=(server, sam))
        serial_server.start()
        reader = connect(f"socket://{host}:{port}")
        assert reader.read_card() == PERSON
        reader.close()
        serial_server.join()


def serve_one(server: socket.socket, sam: VirtualSam) -> None:
    peer, _ = server.accept()
    parser = FrameParser(longest=LONGEST_REQUEST)
    with peer:
        while data := peer.recv(4096):
            for request in parser.feed(data):
                peer.sendall(sam.answer(request))


def test_port_of_another_program_is_busy(twin: SamTwin, reader: SamReader) -> None:
    with SerialLine(str(twin.path), baud_rate=115200):
        status = reader.status()
        assert (status.state, status.code) == (DeviceState.BUSY, "line.in_use")
    assert reader.status().state is DeviceState.READY


def test_broken_characters_reach_the_clerk(reader: SamReader, twin: SamTwin) -> None:
    text = encode_card_text(PERSON)
    twin.put_card_text("\ue000".encode("utf-16-le") + b"\x00\xdc" + text[4:])
    identity = reader.read_card()
    assert isinstance(identity, Identity)
    assert identity.manual_check == {"name"}
    assert identity.name.startswith("\ue000\U0010dc00")


def test_card_without_text_asks_to_be_laid_again(reader: SamReader, twin: SamTwin) -> None:
    twin.put_card_text(" ".encode("utf-16-le") * 128)
    assert reader.read_card() is CardPresence.READ_FAILED


@pytest.mark.parametrize(("port", "baud_rate"), [("/dev/null", 0), ("gopher://x", 9600)])
def test_settings_that_no_line_can_have_are_refused_at_once(port: str, baud_rate: int) -> None:
    with pytest.raises(ValueError, match=r"a port is|a line's speed is"):
        connect(port, baud_rate)


class ScriptedReader:
    """Answers the n-th request with the n-th of `answers`, whatever was asked.

    One that `greets` says its status and its number whenever it is asked for them.
    """

    def __init__(self, answers: list[bytes], *, greets: bool) -> None:
        self._answers = answers
        self._greets = greets
        self.requests: list[bytes] = []
        self._far, self._near = pty.openpty()
        tty.setraw(self._near)
        self._end_read, self._end_write = os.pipe()
        self.port = os.ttyname(self._near)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        answers = iter(self._answers)
        while True:
            ready, _, _ = select.select([self._far, self._end_read], [], [])
            if self._end_read in ready:
                return
            request = os.read(self._far, 4096)
            self.requests.append(request)
            if self._greets and request in GREETING:
                os.write(self._far, encode_reply(SamStatus.OK) if request[7] == 0x11 else SAM_ID)
            else:
                os.write(self._far, next(answers, b""))

    def close(self) -> None:
        os.write(self._end_write, b"!")
        self._thread.join()
        for descriptor in (self._far, self._near, self._end_read, self._end_write):
            os.close(descriptor)


@contextmanager
def scripted(
    *answers: bytes, deadlines: SamDeadlines = PATIENT, greets: bool = True
) -> Iterator[SamReader]:
    peer = ScriptedReader(list(answers), greets=greets)
    reader = connect(peer.port, deadlines=deadlines)
    yield reader
    reader.close()
    peer.close()


FOUND = encode_reply(SamStatus.CARD_FOUND, bytes(4))
SELECTED = encode_reply(SamStatus.OK, bytes(8))
READ = encode_reply(SamStatus.OK, join_card_blocks(encode_card_text(PERSON), bytes(1024)))
NO_ITEM = encode_reply(SamStatus.NO_SUCH_ITEM)
SPOILED = READ[:-1] + b"\xee"


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (SamStatus.SELF_TEST_FAILED, DeviceState.FAULT, "sam.self_test_failed"),
        (SamStatus.NOT_AUTHORISED, DeviceState.FAULT, "sam.not_authorised"),
        (SamStatus.UNKNOWN_ERROR, DeviceState.UNKNOWN, "sam.unknown_error"),
    ],
)
def test_reader_that_reports_its_own_failure(
    answer: SamStatus, state: DeviceState, code: str
) -> None:
    with scripted(encode_reply(answer), encode_reply(answer), greets=False) as reader:
        status = reader.status()
        assert (status.state, status.code) == (state, code)
        with pytest.raises(DeviceError) as error:
            reader.read_card()
        assert error.value.status == status


def test_answer_that_no_source_lists_is_shown_by_its_byte() -> None:
    frame = bytes.fromhex("AAAAAA96690004 000077 73")
    with scripted(frame, greets=False) as reader:
        assert reader.status().code == "sam.status_77"


def test_reply_spoiled_once_is_asked_for_again() -> None:
    with scripted(FOUND, SELECTED, SPOILED, READ, NO_ITEM) as reader:
        assert reader.read_card() == PERSON


def test_request_spoiled_once_is_sent_again() -> None:
    complaint = encode_reply(SamStatus.HOST_CHECKSUM_ERROR)
    with scripted(complaint, FOUND, SELECTED, READ, NO_ITEM) as reader:
        assert reader.read_card() == PERSON


def test_half_a_reply_and_a_storm_before_the_next_one_cost_no_card() -> None:
    storm = bytes(range(256)) * 8 + READ[:900]
    with scripted(FOUND, SELECTED, storm, READ, NO_ITEM) as reader:
        assert reader.read_card() == PERSON


@pytest.mark.parametrize("size", [None, 0, 512, 1024])
def test_fingerprints_that_a_reader_adds_unasked_are_dropped(size: int | None) -> None:
    prints = None if size is None else b"\xf9" * size
    blocks = join_card_blocks(encode_card_text(PERSON), bytes(1024), prints)
    with scripted(FOUND, SELECTED, encode_reply(SamStatus.OK, blocks), NO_ITEM) as reader:
        reading = reader.read_card_with_photo()
    assert isinstance(reading, CardReading)
    assert reading.identity == PERSON
    assert reading.photo == WltPhoto(bytes(1024))


def test_late_answer_to_an_older_question_is_not_believed() -> None:
    late = encode_reply(SamStatus.OK)  # to a status question that was given up
    with scripted(late + FOUND, SELECTED, READ, NO_ITEM) as reader:
        assert reader.read_card() == PERSON


def test_card_lifted_before_its_newest_address_is_read_and_flagged() -> None:
    lifted = encode_reply(SamStatus.READ_FAILED)
    with scripted(FOUND, SELECTED, READ, lifted) as reader:
        identity = reader.read_card()
    assert isinstance(identity, Identity)
    assert identity.manual_check == {"newest_address"}
    assert identity.id_number == PERSON.id_number


def test_card_that_is_gone_when_it_shall_be_selected_is_no_failure() -> None:
    with scripted(FOUND, encode_reply(SamStatus.NO_CARD)) as reader:
        assert reader.read_card() is CardPresence.ABSENT


@pytest.mark.parametrize("when", ["find", "select", "read"])
@pytest.mark.parametrize("trouble", CARD_TROUBLES)
def test_trouble_with_the_card_is_a_value_whenever_it_is_told(
    trouble: SamStatus, when: str
) -> None:
    told = encode_reply(trouble)
    answers = {"find": [told], "select": [FOUND, told], "read": [FOUND, SELECTED, told]}[when]
    with scripted(*answers) as reader:
        assert reader.read_card() is CARD_TROUBLES[trouble]
        assert reader.diagnostics()["failures"] == 0


@pytest.mark.parametrize("trouble", [s for s in READER_TROUBLES if s not in HOST_ERRORS])
def test_trouble_with_the_reader_is_a_fault_even_with_a_card_on_it(trouble: SamStatus) -> None:
    with scripted(FOUND, SELECTED, encode_reply(trouble)) as reader:
        with pytest.raises(NeedsStaff) as needs_staff:
            reader.read_card()
        status = needs_staff.value.status
        assert (status.state, status.code) == (DeviceState.FAULT, f"sam.{trouble.name.lower()}")


def test_every_status_has_exactly_one_meaning() -> None:
    places = [*READER_TROUBLES, *CARD_TROUBLES, *UNEXPLAINED]
    assert sorted(places) == sorted(SamStatus)


def test_number_is_asked_for_three_times_and_then_done_without() -> None:
    peer = ScriptedReader([encode_reply(SamStatus.OK)], greets=False)
    hasty = SamDeadlines(short_s=0.4, poll_interval_s=0)
    reader = connect(peer.port, deadlines=hasty)
    assert reader.status().state is DeviceState.READY
    assert reader.diagnostics()["sam_model"] == "unknown"
    reader.close()
    peer.close()
    assert peer.requests == [GREETING[0], *[GREETING[1]] * 3]


def test_reader_is_greeted_once_and_again_after_a_failure() -> None:
    no_card = encode_reply(SamStatus.NO_CARD)
    peer = ScriptedReader([no_card, no_card, b"", no_card], greets=True)
    reader = connect(peer.port, deadlines=PATIENT)
    for _ in range(2):
        assert reader.read_card() is CardPresence.ABSENT
    with pytest.raises(NotReady):
        reader.read_card()
    assert reader.read_card() is CardPresence.ABSENT
    reader.close()
    peer.close()
    find = encode_request(Command.FIND_CARD)
    assert peer.requests == [*GREETING, find, find, find, *GREETING, find]


def test_reader_that_refuses_a_second_address_can_not_tell_of_removal() -> None:
    refused = encode_reply(SamStatus.READ_FAILED)
    with scripted(FOUND, SELECTED, READ, NO_ITEM, refused) as reader:
        assert reader.read_card() == PERSON
        assert reader.card_removal() is CardRemoval.UNKNOWN  # it may well lie there


def test_reset_module_finds_the_card_anew(reader: SamReader, twin: SamTwin) -> None:
    twin.put_card(PERSON)
    assert reader.read_card() == PERSON
    reader.reset()
    assert reader.card_removal() is CardRemoval.UNKNOWN
    assert reader.status().state is DeviceState.READY


def test_lost_speed_is_found_again(tmp_path: Path) -> None:
    hasty = SamDeadlines(short_s=0.15, gap_s=0.1)
    with SamTwin(tmp_path / "reader", baud_rate=38400) as twin:
        assert find_baud_rate(twin.address) == 38400
        twin.set_fault("silent")
        assert find_baud_rate(twin.address, deadlines=hasty) is None
        twin.unplug()
        with pytest.raises(NotReady):
            find_baud_rate(twin.address)


def test_speed_is_changed_and_proven(tmp_path: Path) -> None:
    with SamTwin(tmp_path / "reader", baud_rate=19200) as twin:
        assert set_baud_rate(twin.address, 19200, 115200)
        reader = connect(twin.address)
        assert reader.status().state is DeviceState.READY
        reader.close()
        twin.set_fault("wrong_baud")  # neither the old nor the new one
        with pytest.raises(DeviceError):
            set_baud_rate(twin.address, 115200, 57600, deadlines=ONE_SECOND)
        with pytest.raises(ValueError, match="115200"):
            set_baud_rate(twin.address, 115200, 14400)


def test_reader_that_refuses_another_speed_is_not_said_to_have_it() -> None:
    refused = encode_reply(SamStatus.HOST_COMMAND_ERROR)
    peer = ScriptedReader([refused, refused], greets=True)
    with pytest.raises(NotReady) as not_ready:
        set_baud_rate(peer.port, 115200, 57600)
    peer.close()
    assert not_ready.value.status.code == "sam.host_command_error"
    assert peer.requests == [encode_request(Command.SET_BAUD_57600)] * 2


def test_word_of_the_chip_itself_is_kept_for_the_one_who_mends() -> None:
    with scripted(FOUND, encode_frame(b"\x6a\x82\x81")) as reader:
        assert reader.read_card() is CardPresence.READ_FAILED
        assert reader.diagnostics()["last_card_status"] == "6a82"


def test_pass_number_of_a_permit_comes_with_the_reading() -> None:
    permit = PERSON.model_copy(update={"kind": CardKind.RESIDENCE_PERMIT, "nation_code": ""})
    text = bytearray(encode_card_text(permit))
    text[220:238] = "H12345678".encode("utf-16-le")
    read = encode_reply(SamStatus.OK, join_card_blocks(bytes(text), bytes(1024)))
    with scripted(FOUND, SELECTED, read, NO_ITEM) as reader:
        reading = reader.read_card_with_photo()
    assert isinstance(reading, CardReading)
    assert reading.extras == {"pass_number": "H12345678", "issue_count": "01"}
    assert "H12345678" not in repr(reading)


def test_self_test_names_the_step_that_failed() -> None:
    with scripted(encode_reply(SamStatus.SELF_TEST_FAILED), greets=False) as reader:
        steps = [(step.code, step.outcome.value, step.detail) for step in reader.self_test()]
    assert steps == [
        ("port", "passed", ""),
        ("answers", "passed", ""),
        ("sam.status", "failed", "sam.self_test_failed"),
        ("sam.id", "not_done", ""),
    ]


def test_card_lifted_between_find_and_select() -> None:
    lifted = encode_reply(SamStatus.SELECT_FAILED)
    with scripted(FOUND, lifted) as reader:
        assert reader.read_card() is CardPresence.READ_FAILED


frames = st.sampled_from([FOUND, SELECTED, READ, NO_ITEM, SPOILED, READ[:700]]) | st.sampled_from(
    SamStatus
).filter(lambda s: s > 0).map(encode_reply)
FUZZED = SamDeadlines(0.02, 0.02, 0.02, gap_s=0.01, poll_interval_s=0)


@settings(max_examples=40, deadline=None)
@given(answers=st.lists(frames | st.binary(max_size=60), max_size=8), greets=st.booleans())
def test_any_conversation_ends_in_a_value_or_a_device_error(
    answers: list[bytes], *, greets: bool
) -> None:
    with scripted(*answers, deadlines=FUZZED, greets=greets) as reader:
        assert isinstance(reader.status(), DeviceStatus)
        assert isinstance(_outcome(reader.read_card), Identity | CardPresence | DeviceError)
        assert isinstance(_outcome(reader.card_removal), CardRemoval | DeviceError)
        assert len(reader.self_test()) == 4


def _outcome(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except DeviceError as error:
        return error
