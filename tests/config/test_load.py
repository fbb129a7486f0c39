"""The settings file: every fault at once, a sentence each; what is left out keeps its default."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.config import declaration
from yici.config.declaration import Declared, TerminalSettings
from yici.config.load import BadSettings, load_settings

EXAMPLE = Path(declaration.__file__).with_name("terminal.example.toml")
TABLES = {table.name: table.default_factory for table in fields(TerminalSettings)}  # type: ignore[misc]  # each table has a factory
SETTINGS = [
    (table, entry.name, entry.default, entry.metadata["declared"])
    for table, made in TABLES.items()
    for entry in fields(made)  # type: ignore[arg-type]  # a dataclass
]


def written(folder: Path, text: str) -> Path:
    path = folder / "terminal.toml"
    path.write_text(text, "utf-8")
    return path


def faults(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as caught:
        load_settings(written(folder, text))
    return caught.value.faults


def test_the_example_is_good_and_means_what_it_says() -> None:
    settings = load_settings(EXAMPLE)
    assert settings.hall.code == "H430181123"
    assert settings.receipt_printer.address == "tcp://192.168.1.50:9100"
    assert settings.session.idle_s == 120, "left out: the default"


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")) == TerminalSettings()


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    told = faults(
        tmp_path,
        """
        hall = "here"
        [sesion]
        idle_s = 60
        [session]
        idle_s = 5
        idle_warning_s = "30"
        hard_cap_s = true
        idel_s = 60
        [panel]
        width_px = 1080.0
        """,
    )
    assert len(told) == 7
    for part in (
        "hall must be a table",
        "[sesion] is no table",
        "session.idle_s must be between 30 and 300 s, not 5",
        "session.idle_warning_s must be a whole number, not '30'",
        "session.hard_cap_s must be a whole number, not True",
        "session.idel_s is no setting; known are idle_s",
        "panel.width_px must be a whole number, not 1080.0",
    ):
        assert any(sentence.startswith(part) for sentence in told), part


def test_missing_file_and_broken_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="can't be read"):
        load_settings(tmp_path / "none.toml")
    assert "not valid TOML" in faults(tmp_path, "[hall")[0]
    (tmp_path / "terminal.toml").write_bytes(b'[hall]\nname = "\xff"')
    with pytest.raises(BadSettings, match="not valid TOML"):
        load_settings(tmp_path / "terminal.toml")


def test_a_directory_instead_of_a_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="can't be read"):
        load_settings(tmp_path)


def test_state_directory_is_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    near = load_settings(written(tmp_path, '[storage]\nstate_dir = "state"'))
    assert near.storage.state_dir == str(tmp_path / "state")
    far = load_settings(written(tmp_path, '[storage]\nstate_dir = "/var/lib/yici"'))
    assert far.storage.state_dir == "/var/lib/yici"


@pytest.mark.parametrize(("table", "name", "default", "declared"), SETTINGS)
def test_every_setting_is_declared_whole(
    table: str, name: str, default: Any, declared: Declared
) -> None:
    assert declared.title_zh
    assert declared.title_en
    assert type(default) in (str, int), "the loader knows texts and whole numbers"
    if isinstance(default, int):
        assert declared.unit, f"{table}.{name} says no unit"
        assert declared.minimum is not None
        assert declared.maximum is not None
        assert declared.minimum <= default <= declared.maximum
    assert not declared.choices or default in declared.choices


BOUNDED = [entry for entry in SETTINGS if entry[3].minimum is not None]


@pytest.mark.parametrize(("table", "name", "default", "declared"), BOUNDED)
def test_bounds_are_kept_on_both_sides(
    table: str, name: str, default: Any, declared: Declared, tmp_path: Path
) -> None:
    low, high = declared.minimum, declared.maximum
    assert low is not None
    assert high is not None
    for good in (low, high):
        loaded = load_settings(written(tmp_path, f"[{table}]\n{name} = {good}"))
        assert getattr(getattr(loaded, table), name) == good
    for bad in (low - 1, high + 1):
        (sentence,) = faults(tmp_path, f"[{table}]\n{name} = {bad}")
        assert f"{table}.{name}" in sentence
        assert str(bad) in sentence


values = st.one_of(
    st.integers(-9, 10**6).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.floats(0, 9).map(lambda value: f"{value:.3f}"),
    st.sampled_from(['"text"', "[1, 2]", "{ a = 1 }", "2026-11-25", '""']),
)


@given(data=st.data())
def test_any_toml_is_settings_or_sentences(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = st.sampled_from([*(name for _, name, _, _ in SETTINGS), "other"])
    tables = data.draw(
        st.dictionaries(st.sampled_from([*TABLES, "other"]), st.dictionaries(names, values))
    )
    text = "\n".join(
        f"[{table}]\n" + "\n".join(f"{name} = {value}" for name, value in entries.items())
        for table, entries in tables.items()
    )
    path = written(tmp_path_factory.mktemp("settings"), text)
    try:
        outcome: tuple[str, ...] | TerminalSettings = load_settings(path)
    except BadSettings as error:
        outcome = error.faults
    assert isinstance(outcome, TerminalSettings) or (outcome and all(outcome))
