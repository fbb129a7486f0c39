"""Settings that lead somewhere else than to the printer, and what staff are told."""

import collections
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.drivers.receipt_printer.conftest import HASTY
from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin
from yici.drivers.registry import get_connect
from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine
from yici.drivers.transports.tcp import TcpLine


def ask(address: str) -> DeviceStatus:
    printer = connect(address, timing=HASTY)
    try:
        status = printer.status()
        outcome = printer.print_image(Image.new("1", (576, 8)))
        assert outcome.effect is PrintEffect.NOT_PRINTED
        return status
    finally:
        printer.close()


@contextmanager
def server_that_says(greeting: bytes) -> Iterator[str]:
    """A TCP service that answers whatever it hears with `greeting`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def serve() -> None:
            for _ in range(2):
                client, _ = listener.accept()
                with client:
                    client.settimeout(20)
                    client.recv(64)
                    client.sendall(greeting)
                    while client.recv(64):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(20)
        assert not thread.is_alive()


def test_a_web_server_is_no_printer() -> None:
    with server_that_says(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert ask(address).state is DeviceState.WRONG_SETTING


def test_a_loopback_plug_is_no_printer() -> None:
    with server_that_says(b"\x10\x04\x01") as address:
        assert ask(address).state is DeviceState.WRONG_SETTING


def test_wrong_speed_is_a_wrong_setting(tmp_path: Path) -> None:
    with EscPosTwin.on_serial(tmp_path / "slips", tmp_path / "printer", baud_rate=9600):
        assert ask(f"serial:{tmp_path / 'printer'}@115200").state is DeviceState.WRONG_SETTING


def test_nobody_listens_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    status = ask(f"tcp://127.0.0.1:{port}")
    assert (status.state, status.code) == (DeviceState.DISCONNECTED, "line.missing")


def test_a_path_without_a_port(tmp_path: Path) -> None:
    status = ask(f"serial:{tmp_path / 'no-such-port'}")
    assert (status.state, status.code) == (DeviceState.DISCONNECTED, "line.missing")


def test_a_port_that_another_program_holds(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    with (
        EscPosTwin.on_serial(tmp_path / "slips", link),
        SerialLine(str(link), baud_rate=115200),
    ):
        assert ask(f"serial:{link}").state is DeviceState.BUSY


def test_a_printer_that_never_confirms_is_not_given_the_job() -> None:
    heard = bytearray()

    def answer_status_only(listener: socket.socket) -> None:
        for _ in range(2):
            client, _ = listener.accept()
            with client:
                client.settimeout(20)
                while data := client.recv(1 << 16):
                    heard.extend(data)
                    client.sendall(b"\x12" * data.count(b"\x10\x04"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=answer_status_only, args=(listener,))
        thread.start()
        printer = connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}", timing=HASTY)
        outcome = printer.print_image(Image.new("1", (576, 8)))
        assert outcome.effect is PrintEffect.NOT_PRINTED
        assert outcome.after.code == "escpos.no_fence"
        assert printer.status().state is DeviceState.READY
        printer.close()
        thread.join(20)
    assert b"\x1dv0" not in heard


def test_unknown_driver_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="there is: escpos"):
        get_connect(DeviceKind.RECEIPT_PRINTER, "star")


def test_a_width_that_no_printer_has_is_refused() -> None:
    with pytest.raises(ValueError, match="8 to 2048 px"):
        connect("tcp://192.0.2.7:9100", width_px=0)


def test_tcp_line_gives_up_on_a_printer_that_takes_nothing() -> None:
    job = bytes(64 << 20)  # more than the kernel buffers on both sides
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with TcpLine("127.0.0.1", listener.getsockname()[1]) as line:
            client, _ = listener.accept()
            taken = line.write(job, timeout_s=0.3)
            assert 0 < taken < len(job)
        # what was not sent is taken back: the other end sees a reset, not the rest of the job
        with client:
            client.settimeout(20)
            with pytest.raises(ConnectionResetError):
                collections.deque(iter(lambda: client.recv(1 << 20), b""), maxlen=0)


def test_tcp_line_that_is_closed_says_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = TcpLine("127.0.0.1", listener.getsockname()[1])
        line.close()
        line.close()
        with pytest.raises(LineLost) as lost:
            line.write(b"x", timeout_s=1)
        assert lost.value.fault is LineFault.LOST
