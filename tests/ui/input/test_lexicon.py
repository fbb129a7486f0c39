"""The word lists: what they hold, and that they are the ones that were built."""

import hashlib
import json
from importlib.resources import files

import pytest

from yici.ui.input.lexicon import FIRST_LETTERS, Lexicon, Names
from yici.ui.input.pinyin import PinyinEngine
from yici.ui.input.syllables import SYLLABLES

PACKAGE = files("yici.ui.input")


def lexicon_rows() -> list[list[str]]:
    text = PACKAGE.joinpath("lexicon.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


def gb2312() -> set[str]:
    cells = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return {text for one in cells if (text := one.decode("gb2312", errors="ignore"))}


@pytest.mark.parametrize("line", PACKAGE.joinpath("SHA256SUMS").read_text().splitlines())
def test_word_list_is_the_one_that_was_built(line: str) -> None:
    digest, name = line.split()
    assert hashlib.sha256(PACKAGE.joinpath(name).read_bytes()).hexdigest() == digest


def test_rows_are_words_with_a_syllable_for_each_character_in_order() -> None:
    readings = []
    for word, reading, frequency in lexicon_rows():
        syllables = reading.split(" ")
        assert len(syllables) == len(word)
        assert set(syllables) <= SYLLABLES
        assert int(frequency) > 0
        readings.append(reading)
    assert readings == sorted(readings)


def test_every_character_of_gb2312_and_of_the_catalogue_can_be_typed() -> None:
    typed = {word for word, _, _ in lexicon_rows() if len(word) == 1}
    assert len(gb2312()) == 6763
    assert gb2312() <= typed
    catalogue = files("yici.catalogue")
    for name in ("items.jsonl", "divisions.jsonl", "personas.jsonl"):
        for line in catalogue.joinpath(name).read_text(encoding="utf-8").splitlines():
            used = {one for one in json.loads(line)["name"] if one >= "\u3400"}
            assert used - typed - set("·()（），、“”") == set()


def test_nothing_is_read_before_a_letter_is_typed_and_then_only_its_section() -> None:
    lexicon = Lexicon()
    assert lexicon.loaded_letters == ""
    assert lexicon.find_section("w") is not None
    assert lexicon.find_section("v") is None
    assert lexicon.loaded_letters == "w"


def test_sections_hold_every_row_and_only_their_own() -> None:
    lexicon = Lexicon()
    words = []
    for letter in FIRST_LETTERS:
        section = lexicon.find_section(letter)
        assert section is not None
        assert {reading[0] for reading in section.readings} == {letter}
        words += [(e.word, e.reading) for kept in section.by_sound.values() for e in kept]
    assert sorted(words) == sorted((word, reading) for word, reading, _ in lexicon_rows())


def test_reading_all_parts_leaves_nothing_to_read() -> None:
    engine = PinyinEngine()
    for read_part in engine.parts_to_read():
        read_part()
    assert engine._lexicon.loaded_letters == FIRST_LETTERS


def test_every_family_name_is_also_an_ordinary_word() -> None:
    words = {(word, reading) for word, reading, _ in lexicon_rows()}
    assert {(entry.word, entry.reading) for entry in Names().family()} <= words
