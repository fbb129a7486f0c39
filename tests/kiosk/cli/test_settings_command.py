"""`yici settings`: what is wrong with a file, and what can be set."""

import json
from dataclasses import fields
from pathlib import Path

from click.testing import CliRunner

from yici.command_line import main
from yici.config.declaration import TerminalSettings


def test_good_file_is_called_good(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text("[session]\nidle_s = 60\n")
    answer = CliRunner().invoke(main, ["settings", "check", str(path)])
    assert answer.exit_code == 0
    assert answer.output == f"{path}: good\n"


def test_every_fault_is_a_line_and_the_exit_code_says_so(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    path.write_text("[session]\nidle_s = 1\n[hal]\n")
    answer = CliRunner().invoke(main, ["settings", "check", str(path)])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 2


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["settings", "check", str(tmp_path / "none.toml")])
    assert answer.exit_code == 2
    assert "can't be read" in answer.stderr


def test_list_names_every_setting_for_people_and_for_programs() -> None:
    expected = [
        f"{table.name}.{entry.name}"
        for table in fields(TerminalSettings)
        for entry in fields(table.default_factory)  # type: ignore[arg-type]  # a dataclass
    ]
    rows = json.loads(CliRunner().invoke(main, ["settings", "list", "--json"]).output)
    assert [row["setting"] for row in rows] == expected
    assert all(row["title"] and row["title_zh"] for row in rows)
    told = CliRunner().invoke(main, ["settings", "list"]).output.splitlines()
    assert [line.split(" = ")[0] for line in told] == expected
    assert "session.idle_s = 120 s  # Idle time before the question" in told
