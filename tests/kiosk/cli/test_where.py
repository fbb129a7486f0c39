"""Commands find their terminal by option, by the named settings file, or say what is missing."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from yici.kiosk.cli.outbox import outbox
from yici.kiosk.cli.where import SETTINGS_VARIABLE


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(SETTINGS_VARIABLE, raising=False)


def test_settings_file_that_is_named_tells_where_the_terminal_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terminal.toml").write_text('[storage]\nstate_dir = "here"\n', "utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "terminal.toml"))
    result = CliRunner().invoke(outbox, ["list", "--json"])
    assert (result.exit_code, result.output.strip()) == (0, "[]")
    assert (tmp_path / "here").is_dir()


def test_broken_settings_file_is_one_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "terminal.toml").write_text("[storage]\nstate_dir = 3\n", "utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "terminal.toml"))
    result = CliRunner().invoke(outbox, ["list"])
    assert result.exit_code == 2
    assert "storage.state_dir must be a text in quotes" in result.output


def test_nothing_named_and_nothing_there_asks_for_the_option() -> None:
    result = CliRunner().invoke(outbox, ["list"])
    assert result.exit_code == 2
    assert "--state-dir" in result.output
