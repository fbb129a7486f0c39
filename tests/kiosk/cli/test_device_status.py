"""All devices at once from the command line: what is printed, and with what the command ends."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.drivers.social_security_card_reader.pcsc.twin import PcscTwin
from yici.drivers.stable_names import FoundDevice
from yici.kiosk.cli import device_status
from yici.kiosk.cli.device import device
from yici.kiosk.cli.device_advice import advice_for


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[SamTwin]:
    with SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE) as twin:
        yield twin


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EscPosTwin]:
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        yield twin


@pytest.fixture
def settings(tmp_path: Path, reader: SamTwin, printer: EscPosTwin) -> Path:
    path = tmp_path / "terminal.toml"
    path.write_text(
        f'[id_card_reader]\nport = "{reader.path}"\n'
        f'[receipt_printer]\naddress = "{printer.address}"\n'
    )
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(device, [str(argument) for argument in arguments])


def states(result: Result) -> dict[str, str]:
    answer: Any = json.loads(result.stdout)
    return {row["kind"]: row["state"] for row in answer["devices"]}


def test_every_kind_has_its_line_and_all_is_well(settings: Path) -> None:
    result = run("status", "--settings", settings, "--json")
    assert result.exit_code == 0, result.output
    found = states(result)
    assert set(found) == set(DeviceKind)
    working = {kind for kind, state in found.items() if state == "ready"}
    assert working == {"id_card_reader", "receipt_printer"}
    assert set(found.values()) == {"ready", "not_configured"}


def test_what_does_not_work_is_told_with_what_to_do(
    settings: Path, reader: SamTwin, printer: EscPosTwin
) -> None:
    reader.unplug()
    printer.set_condition(TwinCondition.PAPER_OUT)
    result = run("status", "--settings", settings)
    assert result.exit_code == 1
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert "plug it in" in lines["id-card-reader"]
    assert "The paper is out" in lines["receipt-printer"]


def test_watching_tells_every_change(settings: Path, reader: SamTwin) -> None:
    command = [sys.executable, "-m", "yici", "device", "status", "--watch", "--json"]
    watching = subprocess.Popen(
        [*command, "--settings", str(settings)], stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None

    def wait_for(state: DeviceState) -> None:
        assert watching.stdout is not None
        for line in watching.stdout:
            row = json.loads(line)
            if row["kind"] == DeviceKind.ID_CARD_READER and row["state"] == state:
                return
        pytest.fail(f"ended before the reader was {state}")

    try:
        wait_for(DeviceState.READY)
        reader.unplug()
        wait_for(DeviceState.DISCONNECTED)
        reader.plug_in()
        wait_for(DeviceState.READY)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=30) == 1
    finally:
        watching.kill()
        watching.wait()
        watching.stdout.close()


def test_self_test_of_one_kind_and_of_all(settings: Path, reader: SamTwin) -> None:
    one = run("self-test", "id-card-reader", "--settings", settings, "--json")
    assert one.exit_code == 0, one.output
    assert list(json.loads(one.stdout)) == ["id_card_reader"]
    reader.unplug()
    both = run("self-test", "--settings", settings)
    assert both.exit_code == 1
    assert "failed" in both.stdout
    assert "receipt-printer" in both.stdout


def test_a_kind_that_the_settings_do_not_name_is_named_wrongly(settings: Path) -> None:
    result = run("self-test", "scanner", "--settings", settings)
    assert result.exit_code == 2
    assert "add its table" in result.stderr


def test_settings_that_can_not_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[nonsense]\n")
    assert run("status", "--settings", tmp_path / "bad.toml").exit_code == 2
    assert run("status", "--settings", tmp_path / "none.toml").exit_code == 2


def test_names_prints_the_rule_for_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = FoundDevice("/dev/ttyUSB0", "tty", (), "0403", "6001", "A1B2C3", "", "FTDI FT232")
    monkeypatch.setattr(device_status, "found_devices", lambda: (adapter,))
    listed = run("names")
    assert listed.exit_code == 0
    assert "0403:6001" in listed.stdout
    rule = run("names", "--rule-for", "/dev/ttyUSB0", "--as", "id-card-reader")
    assert rule.exit_code == 0
    assert 'SYMLINK+="kiosk/id-card-reader"' in rule.stdout
    assert run("names", "--rule-for", "/dev/ttyUSB9", "--as", "id-card-reader").exit_code == 1
    assert run("names", "--rule-for", "/dev/ttyUSB0", "--as", "../sda").exit_code == 2
    assert run("names", "--rule-for", "/dev/ttyUSB0").exit_code == 2


@pytest.mark.parametrize("state", DeviceState)
def test_every_state_has_a_sentence(state: DeviceState) -> None:
    assert advice_for(DeviceStatus(DeviceKind.SCANNER, state, "no.such_code")).endswith(".")


def test_social_security_card_from_the_command_line() -> None:
    with PcscTwin() as twin:
        command = ("social-security-card", "read", "--reader", twin.address)
        nobody = run(*command, "--wait", "0", "--json")
        assert nobody.exit_code == 1
        assert json.loads(nobody.stdout)["outcome"] == "absent"
        twin.act("put_card", "P01")
        somebody = run(*command, "--wait", "30", "--json")
        assert somebody.exit_code == 0, somebody.output
        assert json.loads(somebody.stdout)["identity"]["assurance"] == "social_security_card"
        twin.unplug()
        gone = run(*command, "--wait", "0")
        assert gone.exit_code == 1
        assert "pcsc.no_reader" in gone.stdout
    assert run("social-security-card", "read", "--reader", "tcp://x").exit_code == 2
