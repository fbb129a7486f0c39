"""`yici device code-reader read` as a technician uses it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from yici.drivers.code_reader import SeenCode
from yici.drivers.code_reader.camera.twin import CodeCameraTwin
from yici.drivers.code_reader.serial_line.twin import SerialReaderFault, SerialReaderTwin
from yici.kiosk.cli.device import device
from yici.kiosk.cli.device_code_reader import as_text


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(device, ["code-reader", "read", *arguments])


def test_shown_code_is_printed(tmp_path: Path) -> None:
    with SerialReaderTwin(tmp_path / "reader") as twin:
        twin.show_code("办事1号".encode())
        asked = ("--driver", "serial_line", "--address", twin.address, "--wait", "20")
        result = _run(*asked)
        assert (result.exit_code, result.stdout) == (0, "办事1号\n")
        report = json.loads(_run(*asked, "--json").stdout)
    assert report["outcome"] == "read"
    assert report["code"]["hex"] == "办事1号".encode().hex()
    assert report["status"]["state"] == "ready"


def test_code_before_a_camera_is_printed_with_its_kind() -> None:
    with CodeCameraTwin() as twin:
        twin.show_code(b"https://example.test/1")
        result = _run("--driver", "camera", "--address", twin.address, "--wait", "20", "--json")
    assert json.loads(result.stdout)["code"]["symbology"] == "qr"


def test_nothing_shown_ends_with_1_and_a_sentence(tmp_path: Path) -> None:
    with SerialReaderTwin(tmp_path / "reader") as twin:
        result = _run("--driver", "serial_line", "--address", twin.address, "--wait", "0.2")
    assert result.exit_code == 1
    assert "hold it still" in result.stderr


def test_reader_that_is_not_there_or_talks_garbage_ends_with_1(tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")
    result = _run("--driver", "serial_line", "--address", missing, "--wait", "0.2", "--json")
    assert result.exit_code == 1
    assert "plug it in" in result.stderr
    assert json.loads(result.stdout)["status"]["state"] == "disconnected"
    with SerialReaderTwin(tmp_path / "reader") as twin:
        twin.set_fault(SerialReaderFault.GARBAGE)
        twin.show_code(b"1")
        result = _run("--driver", "serial_line", "--address", twin.address, "--wait", "20")
    assert result.exit_code == 1
    assert "check the speed" in result.stderr


def test_wrong_names_end_with_2() -> None:
    for driver, address in (("vendor", "/dev/x"), ("serial_line", "COM3"), ("camera", "x")):
        result = _run("--driver", driver, "--address", address)
        assert result.exit_code == 2
        assert result.stderr.endswith(".\n")


def test_what_a_code_holds_can_not_steer_the_terminal() -> None:
    assert as_text(SeenCode(b"\x1b[2Ja\x1db")) == "\\x1b[2Ja\\x1db"
    assert as_text(SeenCode("张三".encode("gb18030"))) == "张三"
    assert as_text(SeenCode(b"\xff\xfe\xff")) == "\\xff\\xfe\\xff"
