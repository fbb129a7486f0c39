"""Serial readers: speeds, ends of lines, identifiers, and addresses."""

from contextlib import closing
from pathlib import Path

import pytest

from yici.drivers.code_reader.code_lines import Prefix
from yici.drivers.code_reader.serial_line import connect
from yici.drivers.code_reader.serial_line.address import SerialReaderAddress, parse_address
from yici.drivers.code_reader.serial_line.twin import SerialReaderFault, SerialReaderTwin
from yici.drivers.device import DeviceState, NeedsStaff

CODE = b"430199198506120012"


def test_port_set_to_another_speed_than_the_reader_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reader"
    with (
        SerialReaderTwin(path, baud_rate=115200) as twin,
        closing(connect(f"{path}@9600")) as wrong,
    ):
        assert wrong.status().works
        twin.show_code(b"https://example.test/slip/ABCD-EFGH")
        with pytest.raises(NeedsStaff) as raised:
            wrong.find_code(timeout_ms=30_000)
        assert raised.value.status.state is DeviceState.WRONG_SETTING
        wrong.close()
        with closing(connect(f"{path}@115200")) as right:
            found = right.find_code(timeout_ms=10_000)
            assert found is not None
            assert found.content == b"https://example.test/slip/ABCD-EFGH"


def test_wrong_setting_is_taken_back_by_the_next_good_code(tmp_path: Path) -> None:
    with SerialReaderTwin(tmp_path / "reader") as twin, closing(connect(twin.address)) as reader:
        assert reader.status().works
        twin.set_fault(SerialReaderFault.WRONG_SPEED)
        twin.show_code(CODE)
        with pytest.raises(NeedsStaff):
            reader.find_code(timeout_ms=30_000)
        twin.set_fault("none")
        found = reader.find_code(timeout_ms=10_000)
        assert found is not None
        assert found.content == CODE
        assert reader.status().state is DeviceState.READY


def test_reader_without_an_end_of_line_is_read_by_its_pause(tmp_path: Path) -> None:
    with SerialReaderTwin(tmp_path / "reader") as twin, closing(connect(twin.address)) as reader:
        assert reader.status().works
        twin.set_fault(SerialReaderFault.NO_END)
        twin.show_code(CODE)
        found = reader.find_code(timeout_ms=10_000)
        assert found is not None
        assert found.content == CODE


def test_line_that_never_ends_is_dropped_and_counted(tmp_path: Path) -> None:
    with SerialReaderTwin(tmp_path / "reader") as twin, closing(connect(twin.address)) as reader:
        assert reader.status().works
        twin.set_fault(SerialReaderFault.NEVER_ENDS)
        twin.show_code(CODE)
        assert reader.find_code(timeout_ms=1500) is None
        assert reader.diagnostics()["dropped_too_long"] == 1


def test_agreed_identifier_says_what_kind_of_code_it_was(tmp_path: Path) -> None:
    path = tmp_path / "reader"
    with (
        SerialReaderTwin(path, prefix=b"]Q1") as twin,
        closing(connect(f"{path}?prefix=aim")) as reader,
    ):
        assert reader.status().works
        twin.show_code(CODE)
        found = reader.find_code(timeout_ms=10_000)
        assert found is not None
        assert (found.content, found.symbology) == (CODE, "qr")


def test_reader_that_was_not_heard_yet_says_so(tmp_path: Path) -> None:
    """An open port is all that is known of a line on which nobody can be asked."""
    with SerialReaderTwin(tmp_path / "reader") as twin, closing(connect(twin.address)) as reader:
        assert reader.status().code == "reader.not_heard_yet"
        twin.show_code(CODE)
        assert reader.find_code(timeout_ms=10_000) is not None
        assert reader.status().code == ""


def test_addresses() -> None:
    assert parse_address("/dev/kiosk/code-reader") == SerialReaderAddress("/dev/kiosk/code-reader")
    assert parse_address("/dev/ttyS1@115200?prefix=aim") == SerialReaderAddress(
        "/dev/ttyS1", 115200, Prefix.AIM
    )
    assert parse_address("socket://192.0.2.7:4001").port == "socket://192.0.2.7:4001"
    for wrong in ("/dev/ttyS1@0", "/dev/ttyS1?prefix=x", "COM3", "socket://host", "tcp://h:1"):
        with pytest.raises(ValueError, match=r"speed|prefix|looks like|no port"):
            parse_address(wrong)
