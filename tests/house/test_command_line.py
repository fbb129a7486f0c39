"""Every noun of the command line is there and explains itself."""

import click
import pytest
from click.testing import CliRunner

from yici.command_line import NOUNS, main


@pytest.mark.parametrize("noun", NOUNS)
def test_noun_is_there_and_explains_itself(noun: str) -> None:
    command = main.get_command(click.Context(main), noun)
    assert isinstance(command, click.Command)
    answer = CliRunner().invoke(main, [noun, "--help"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Usage:")


def test_list_of_nouns_names_each_with_its_line() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    for noun, (_, _, line) in NOUNS.items():
        assert f"{noun} " in answer.output
        assert line.split(";", maxsplit=1)[0][:30] in answer.output


def test_unknown_noun_is_a_sentence() -> None:
    answer = CliRunner().invoke(main, ["fax"])
    assert answer.exit_code == 2
    assert "No such command 'fax'" in answer.output
