"""The parts that twins of serial devices share: a port to plug and pull, a wrong speed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.transports.pty_port import PtyPort
from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine
from yici.drivers.transports.wrong_speed import heard_at_another_speed

SPEEDS = (9600, 19200, 38400, 57600, 115200)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PtyPort]:
    port = PtyPort(tmp_path / "port")
    yield port
    port.close()


@pytest.mark.parametrize("baud_rate", SPEEDS)
def test_port_knows_the_speed_that_the_host_has_set(port: PtyPort, baud_rate: int) -> None:
    with SerialLine(str(port.path), baud_rate=baud_rate):
        assert port.find_host_baud_rate() == baud_rate


def test_speed_that_no_device_has_is_none(port: PtyPort) -> None:
    with SerialLine(str(port.path), baud_rate=250_000):
        assert port.find_host_baud_rate() is None


def test_pulled_port_is_gone_and_a_new_one_takes_its_path(port: PtyPort) -> None:
    line = SerialLine(str(port.path), baud_rate=9600)
    port.close()
    port.close()
    assert not port.path.is_symlink()
    with pytest.raises(LineLost) as lost:
        line.read(timeout_s=5)
    assert lost.value.fault is LineFault.LOST
    again = PtyPort(port.path)
    with SerialLine(str(port.path), baud_rate=9600) as line:
        again.write(b"back")
        assert line.read(timeout_s=5) == b"back"
    again.close()


def test_host_that_does_not_listen_blocks_nobody(port: PtyPort) -> None:
    for _ in range(100):
        port.write(b"x" * 4096)
    assert port.read() == b""


def test_path_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileExistsError):
        PtyPort(path)
    assert path.read_text() == "mine"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_link_left_by_a_killed_twin_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.symlink_to("/dev/pts/999999")
    port = PtyPort(path)
    with SerialLine(str(path), baud_rate=9600):
        pass
    port.close()


@given(data=st.binary(max_size=40), speed=st.sampled_from(SPEEDS))
def test_same_speed_hears_what_was_sent(data: bytes, speed: int) -> None:
    assert heard_at_another_speed(data, sent_at=speed, heard_at=speed) == data


@given(
    data=st.binary(min_size=1, max_size=40),
    speeds=st.tuples(st.sampled_from(SPEEDS), st.sampled_from(SPEEDS)),
)
def test_another_speed_hears_something_within_the_time_of_the_line(
    data: bytes, speeds: tuple[int, int]
) -> None:
    sent_at, heard_at = speeds
    heard = heard_at_another_speed(data, sent_at=sent_at, heard_at=heard_at)
    assert 1 <= len(heard) <= len(data) * max(1, heard_at / sent_at) * 10 / 9.5 + 1
