"""The serial line over real ptys and sockets: bytes, deadlines, hang-ups."""

import os
import pty
import select
import socket
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine


class Wire:
    """Both ends of a pty; the far end is ours."""

    def __init__(self) -> None:
        self.far, self.near = pty.openpty()
        tty.setraw(self.near)
        self.port = os.ttyname(self.near)

    def hang_up(self) -> None:
        for descriptor in (self.far, self.near):
            if descriptor >= 0:
                os.close(descriptor)
        self.far = self.near = -1


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.hang_up()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=600))
def test_all_byte_values_pass_both_ways(wire: Wire, data: bytes) -> None:
    with SerialLine(wire.port, baud_rate=115200) as line:
        assert line.write(data, timeout_s=5) == len(data)
        heard = b""
        while len(heard) < len(data):
            heard += os.read(wire.far, 4096)
        assert heard == data

        os.write(wire.far, data)
        back = b""
        while len(back) < len(data):
            piece = line.read(timeout_s=5)
            assert piece
            back += piece
        assert back == data


def test_read_of_a_silent_line_ends_with_nothing(wire: Wire) -> None:
    with SerialLine(wire.port, baud_rate=9600) as line:
        assert line.read(timeout_s=0.01) == b""


def test_write_to_a_device_that_takes_nothing_ends_with_the_bytes_taken(wire: Wire) -> None:
    with SerialLine(wire.port, baud_rate=9600) as line:
        taken = line.write(b"x" * 200_000, timeout_s=0.05)
        assert 0 < taken < 200_000


def test_discarded_input_is_not_read(wire: Wire) -> None:
    with SerialLine(wire.port, baud_rate=9600) as line:
        os.write(wire.far, b"old")
        assert line.read(timeout_s=5) == b"old"
        os.write(wire.far, b"stale")
        assert select.select([wire.near], [], [], 5)[0]  # it has arrived
        line.discard_input()
        assert line.read(timeout_s=0.01) == b""


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda line: line.read(timeout_s=5), id="read"),
        pytest.param(lambda line: line.write(b"x", timeout_s=5), id="write"),
        pytest.param(SerialLine.discard_input, id="discard_input"),
    ],
)
def test_hang_up_is_line_lost_in_every_call(
    wire: Wire, call: Callable[[SerialLine], object]
) -> None:
    line = SerialLine(wire.port, baud_rate=9600)
    wire.hang_up()
    with pytest.raises(LineLost) as lost:
        call(line)
    assert lost.value.fault is LineFault.LOST
    line.close()
    line.close()


def test_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LineLost) as lost:
        SerialLine(str(tmp_path / "no-such-port"), baud_rate=9600)
    assert lost.value.fault is LineFault.MISSING


def test_port_that_is_no_serial_port(tmp_path: Path) -> None:
    plain_file = tmp_path / "plain"
    plain_file.touch()
    with pytest.raises(LineLost):
        SerialLine(str(plain_file), baud_rate=9600)


def test_port_held_by_another_program_is_in_use(wire: Wire) -> None:
    with SerialLine(wire.port, baud_rate=9600), pytest.raises(LineLost) as lost:
        SerialLine(wire.port, baud_rate=9600)
    assert lost.value.fault is LineFault.IN_USE


@pytest.mark.parametrize(
    "port",
    ["", "a\0b", "rfc2217://localhost:1", "socket://localhost", "socket://:1", "socket://h:70000"],
)
def test_what_can_be_no_port_is_refused_with_the_way_to_write_one(port: str) -> None:
    with pytest.raises(ValueError, match="socket://host:port"):
        SerialLine(port, baud_rate=9600)


@pytest.mark.parametrize("baud_rate", [0, -1, 10**12])
def test_speed_that_no_line_can_have_is_refused(baud_rate: int) -> None:
    with pytest.raises(ValueError, match="bits per second"):
        SerialLine("/dev/null", baud_rate=baud_rate)


def test_serial_server_over_tcp_and_its_hang_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with SerialLine(f"socket://{host}:{port}", baud_rate=9600) as line:
            peer, _ = server.accept()
            with peer:
                assert line.write(b"ping", timeout_s=5) == 4
                assert peer.recv(16) == b"ping"
                peer.sendall(b"pong")
                assert line.read(timeout_s=5) == b"pong"
            with pytest.raises(LineLost):
                line.read(timeout_s=5)


def test_serial_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
    with pytest.raises(LineLost) as lost:
        SerialLine(f"socket://{host}:{port}", baud_rate=9600)
    assert lost.value.fault is LineFault.MISSING
