"""The reader from the command line: what is printed, and with what the command ends."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from yici.contract.people import Identity, Sex
from yici.drivers.id_card_reader.sam.twin import Pace, SamFault, SamTwin
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin
from yici.drivers.transports.serial_line import SerialLine
from yici.kiosk.cli.device_id_card_reader import id_card_reader

PERSON = Identity(
    name="龑䶮𬱖",
    sex=Sex.MALE,
    nation_code="16",
    birth_date=date(1978, 7, 20),
    address="湖南省示例市示例区测试路1号",
    id_number="430199197807200070",
    issuer="示例市公安局",
    valid_from=date(2016, 7, 20),
    valid_to=date(2036, 7, 20),
)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[SamTwin]:
    with SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE) as twin:
        yield twin


def run(*arguments: str) -> Result:
    return CliRunner().invoke(id_card_reader, ["read", *arguments])


def run_verb(verb: str, twin: SamTwin | SdtUsbTwin, *arguments: str) -> Result:
    driver = "sam" if isinstance(twin, SamTwin) else "sdt_usb"
    named = ["--driver", driver, "--port", twin.address]
    return CliRunner().invoke(id_card_reader, [verb, *named, *arguments])


def run_on(twin: SamTwin, *arguments: str) -> Result:
    return run("--driver", "sam", "--port", str(twin.path), "--wait", "0", *arguments)


def as_json(result: Result) -> Any:
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_card_is_printed_whole(twin: SamTwin) -> None:
    twin.put_card(PERSON)
    result = run_on(twin, "--json")
    assert result.exit_code == 0
    printed = as_json(result)
    assert printed["outcome"] == "read"
    assert printed["status"] == {"kind": "id_card_reader", "state": "ready", "code": ""}
    assert Identity.model_validate(printed["identity"]) == PERSON
    assert "龑䶮𬱖" in result.stdout


def test_card_laid_down_while_the_command_waits(twin: SamTwin) -> None:
    laying = threading.Timer(0.5, twin.put_card, (PERSON,))
    laying.start()
    result = run("--driver", "sam", "--port", str(twin.path), "--wait", "60", "--json")
    laying.join()
    assert result.exit_code == 0
    assert as_json(result)["identity"]["id_number"] == PERSON.id_number


def test_card_without_json_is_readable(twin: SamTwin) -> None:
    twin.put_card(PERSON)
    result = run_on(twin)
    assert result.exit_code == 0
    assert "name: 龑䶮𬱖" in result.stdout


def test_no_card_in_time(twin: SamTwin) -> None:
    result = run_on(twin, "--json")
    assert result.exit_code == 1
    printed = as_json(result)
    assert (printed["outcome"], printed["identity"]) == ("absent", None)
    assert printed["status"]["state"] == "ready"
    assert "lay it down" in run_on(twin).stdout


def test_card_that_cannot_be_read(twin: SamTwin) -> None:
    twin.put_card(PERSON)
    twin.set_faults(SamFault.READ_FAILED)
    result = run_on(twin, "--json")
    assert result.exit_code == 1
    assert as_json(result)["outcome"] == "read_failed"


def test_port_that_another_program_holds(twin: SamTwin) -> None:
    with SerialLine(str(twin.path), baud_rate=115200):
        result = run_on(twin, "--json")
        assert result.exit_code == 1
        assert as_json(result)["status"]["state"] == "busy"
        assert "Another program" in run_on(twin).stdout


def test_silent_reader(twin: SamTwin) -> None:
    twin.set_faults(SamFault.SILENT)
    result = run_on(twin, "--json")
    assert result.exit_code == 1
    assert as_json(result)["status"] == {
        "kind": "id_card_reader",
        "state": "unknown",
        "code": "sam.silent",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--driver", "nobody", "--port", "/dev/null"], ["nobody", "sam"]),
        (["--driver", "sam", "--port", "/nowhere/reader"], ["/nowhere/reader", "--port"]),
        (["--driver", "sam", "--port", "gopher://reader"], ["gopher", "socket://host:port"]),
        (["--driver", "sam"], ["--port"]),
        (["--driver", "sam", "--port", "/dev/null", "--baud", "fast"], ["fast"]),
    ],
)
def test_wrong_usage_is_one_sentence_on_stderr(arguments: list[str], words: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr.strip().splitlines()[-1]


def test_status_is_told_with_facts_and_without_a_resident(twin: SamTwin) -> None:
    twin.put_card(PERSON)
    assert run_on(twin).exit_code == 0
    result = run_verb("status", twin, "--json")
    assert result.exit_code == 0
    told = as_json(result)
    assert told["status"]["state"] == "ready"
    assert told["diagnostics"]["sam_model"] == "05.03"
    assert run_verb("status", twin).stdout == "The reader is ready.\n"


def test_self_test_tells_every_step(twin: SamTwin) -> None:
    result = run_verb("self-test", twin)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "port: passed",
        "answers: passed",
        "sam.status: passed",
        "sam.id: passed 05.03",
    ]


def test_self_test_of_a_reader_that_answers_garbage(twin: SamTwin) -> None:
    twin.set_fault("bad_checksum")
    result = run_verb("self-test", twin, "--json")
    assert result.exit_code == 1
    outcomes = [step["outcome"] for step in as_json(result)["steps"]]
    assert outcomes == ["passed", "failed", "not_done", "not_done"]


def test_chip_that_is_no_identity_card(twin: SamTwin) -> None:
    twin.put_other_card()
    result = run_on(twin)
    assert result.exit_code == 1
    assert "no identity card" in result.stdout


def test_removal_is_seen(twin: SamTwin) -> None:
    twin.put_card(PERSON)
    taking = threading.Timer(0.5, twin.take_card)
    taking.start()
    result = run_verb("removal", twin, "--wait", "60")
    taking.join()
    assert result.exit_code == 0
    assert result.stdout == "removed\n"
    assert "take it away" in result.stderr


def test_removal_without_a_card(twin: SamTwin) -> None:
    result = run_verb("removal", twin, "--wait", "0")
    assert result.exit_code == 1
    assert "lay it down" in result.stdout


def test_reader_on_usb(tmp_path: Path) -> None:
    with SdtUsbTwin(tmp_path / "bus") as usb:
        usb.put_card(PERSON)
        assert "name: 龑䶮𬱖" in run_verb("read", usb).stdout
        usb.set_fault("no_permission")
        result = run_verb("read", usb)
        assert result.exit_code == 1
        assert "join the group" in result.stdout
    result = run_verb("status", usb)
    assert result.exit_code == 1
    assert "plug it in" in result.stdout


def test_lost_speed_is_printed(tmp_path: Path) -> None:
    with SamTwin(tmp_path / "slow", baud_rate=57600, pace=Pace.AT_ONCE) as twin:
        result = CliRunner().invoke(id_card_reader, ["find-speed", "--port", twin.address])
    assert (result.exit_code, result.stdout) == (0, "57600\n")
    gone = CliRunner().invoke(id_card_reader, ["find-speed", "--port", twin.address])
    assert gone.exit_code == 1
    assert "plug it in" in gone.stderr


def test_speed_is_set(tmp_path: Path) -> None:
    def set_speed(address: str, present: str, wanted: str) -> Result:
        return CliRunner().invoke(
            id_card_reader, ["set-speed", "--port", address, "--baud", present, wanted]
        )

    with SamTwin(tmp_path / "slow", baud_rate=57600, pace=Pace.AT_ONCE) as twin:
        assert set_speed(twin.address, "57600", "115200").exit_code == 0
        assert run_on(twin).exit_code == 1  # it answers at the usual speed, and there is no card
        assert set_speed(twin.address, "115200", "14400").exit_code == 2
    assert set_speed(twin.address, "115200", "9600").exit_code == 1
