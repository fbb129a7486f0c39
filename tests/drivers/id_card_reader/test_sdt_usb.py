"""What is the USB reader's own: four endpoints, and whatever bytes come through them."""

import contextlib
import errno
import tempfile
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yici.contract.people import Identity
from yici.drivers.device import DeviceError, DeviceState, DeviceStatus
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.sam.card_text import encode_card_text
from yici.drivers.id_card_reader.sam.frames import (
    Command,
    Damage,
    SamStatus,
    encode_reply,
    encode_request,
    join_card_blocks,
)
from yici.drivers.id_card_reader.sam.questions import SamDeadlines
from yici.drivers.id_card_reader.sdt_usb import driver as sdt_usb
from yici.drivers.id_card_reader.sdt_usb.driver import connect
from yici.drivers.id_card_reader.sdt_usb.line import SdtUsbLine
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin
from yici.drivers.transports.usb_bulk import NoUsbLibrary

PERSON = Identity(name="张示例", id_number="430199198506120012")
FUZZED = SamDeadlines(0.03, 0.03, 0.03, gap_s=0.02, poll_interval_s=0)


class ScriptedTwin(SdtUsbTwin):
    """Says the next of its answers to whatever it is asked."""

    def __init__(self, path: Path, answers: list[bytes]) -> None:
        super().__init__(path)
        self._answers = answers

    def reply_to(self, _: bytes | Damage) -> tuple[bytes, frozenset[StrEnum]]:
        return self._answers.pop(0) if self._answers else b"", frozenset()


replies = [
    encode_reply(SamStatus.OK),
    encode_reply(SamStatus.OK, bytes(8)),
    encode_reply(SamStatus.OK, bytes(16)),
    encode_reply(SamStatus.CARD_FOUND, bytes(4)),
    encode_reply(SamStatus.OK, join_card_blocks(encode_card_text(PERSON), bytes(1024))),
    encode_reply(SamStatus.NO_CARD),
]
answers = st.sampled_from(replies) | st.binary(max_size=100) | st.builds(
    lambda reply, cut: reply[:cut], st.sampled_from(replies), st.integers(1, 900)
)  # fmt: skip


@settings(max_examples=15)
@given(st.lists(answers, max_size=10))
def test_any_bytes_on_the_endpoints_give_a_value_or_a_device_error(said: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as made, ScriptedTwin(Path(made) / "bus", said) as twin:
        reader = connect(twin.address, deadlines=FUZZED)
        assert isinstance(reader.status(), DeviceStatus)
        with contextlib.suppress(DeviceError):
            assert isinstance(reader.read_card(), Identity | CardPresence)
        reader.close()


class RecordedDevice:
    """Takes the place of the transport: what was written where."""

    def __init__(self) -> None:
        self.written: list[tuple[int, bytes]] = []

    def write(self, endpoint: int, data: bytes, *, timeout_s: float) -> int:
        assert timeout_s > 0
        self.written.append((endpoint, data))
        return len(data)


def test_request_is_split_as_makers_describe_it() -> None:
    device = RecordedDevice()
    line = SdtUsbLine(device)  # type: ignore[arg-type]  # only its writing is asked for
    assert line.write(encode_request(Command.FIND_CARD), timeout_s=1) == 10
    assert device.written == [
        (0x02, bytes.fromhex("AAAAAA96690003")),
        (0x06, bytes.fromhex("200122")),
    ]


def test_late_reply_is_drained_before_the_next_question(tmp_path: Path) -> None:
    with SdtUsbTwin(tmp_path / "bus") as twin:
        hasty = SamDeadlines(0.1, 0.1, 0.1, gap_s=0.1, poll_interval_s=0)
        reader = connect(twin.address, deadlines=hasty)
        twin.set_fault("slow")
        assert reader.status().code == "sam.silent"
        twin.set_fault("none")
        twin.put_card(PERSON)
        patient = connect(twin.address, deadlines=SamDeadlines(poll_interval_s=0))
        identity = patient.read_card()
        assert isinstance(identity, Identity)
        assert identity.id_number == PERSON.id_number
        patient.close()
        reader.close()


def test_missing_libusb_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise NoUsbLibrary(errno.ENOENT)

    monkeypatch.setattr(sdt_usb, "UsbBulkDevice", missing)
    reader = connect("usb:0400:C35A")
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.WRONG_SETTING, "usb.no_library")


@pytest.mark.parametrize("address", ["usb:400:C35A", "usb:0400", "/dev/ttyUSB0", "usb+unix:"])
def test_address_that_is_no_usb_device(address: str) -> None:
    with pytest.raises(ValueError, match="usb:0400:C35A"):
        connect(address)


def test_real_address_without_such_a_reader_is_disconnected() -> None:
    reader = connect("usb:0400:C35A")
    status = reader.status()
    assert (status.state, status.code) == (DeviceState.DISCONNECTED, "line.missing")
    reader.close()
