"""The pinyin engine: what it offers, in which order, and that nothing makes it stumble."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yici.ui.input.pinyin import MAX_LETTERS, Candidate, PinyinEngine, Purpose, normalise
from yici.ui.input.syllables import FOLDED, SPELLING_VARIANTS, SYLLABLES

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def engine() -> PinyinEngine:
    return PinyinEngine()


def texts(engine: PinyinEngine, letters: str, purpose: Purpose = Purpose.TEXT) -> list[str]:
    return [candidate.text for candidate in engine.convert(letters, purpose).candidates]


def rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def reads_as(reading: str, letters: str, *, may_go_on: bool) -> bool:
    """Whether letters can be typed for a reading; written without the engine's own tables of paths.

    A syllable is typed whole, as one that sounds alike, or by its beginning.
    """
    if not letters:
        return may_go_on or not reading
    if not reading:
        return False
    syllable, _, rest = reading.partition(" ")
    for length in range(1, min(6, len(letters)) + 1):
        piece = SPELLING_VARIANTS.get(letters[:length], letters[:length])
        alike = piece in SYLLABLES and FOLDED[piece] == FOLDED[syllable]
        if (alike or syllable.startswith(piece)) and reads_as(
            rest, letters[length:].removeprefix("'"), may_go_on=may_go_on
        ):
            return True
    return False


def is_honest(candidate: Candidate, letters: str) -> bool:
    """The reading belongs to the letters it uses up; only a longer word may read on."""
    used = letters[: candidate.consumed].strip("'")
    return (
        0 < candidate.consumed <= len(letters)
        and len(candidate.reading.split(" ")) == len(candidate.text)
        and reads_as(candidate.reading, used, may_go_on=candidate.consumed == len(letters))
    )


ANY_ASCII = st.text(st.characters(max_codepoint=127), max_size=80)
PINYIN_LIKE = st.lists(
    st.sampled_from([*sorted(SYLLABLES), "zh", "s", "g", "'", "v", "xi'an"]), max_size=9
).map("".join)


@given(letters=st.one_of(ANY_ASCII, PINYIN_LIKE), purpose=st.sampled_from(Purpose))
def test_any_text_gives_only_candidates_that_read_like_it(
    engine: PinyinEngine, letters: str, purpose: Purpose
) -> None:
    conversion = engine.convert(letters, purpose)
    cleaned = normalise(letters)
    for candidate in conversion.candidates:
        assert is_honest(candidate, cleaned), candidate
    offered = [candidate.text for candidate in conversion.candidates]
    assert len(set(offered)) == len(offered)


@given(syllables=st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=6))
def test_every_row_of_syllables_can_be_converted_whole(
    engine: PinyinEngine, syllables: list[str]
) -> None:
    letters = "'".join(syllables)
    best = engine.convert(letters).candidates[0]
    assert best.consumed == len(letters)
    assert len(best.text) >= len(syllables)


@settings(max_examples=4)  # two engines that read their word lists anew each time
@given(letters=PINYIN_LIKE)
def test_same_letters_give_same_candidates_whatever_was_typed_before(letters: str) -> None:
    fresh, used = PinyinEngine(), PinyinEngine()
    used.convert("zhangshili", Purpose.FAMILY_NAME)
    used.convert("nihao")
    assert fresh.convert(letters) == used.convert(letters)


def test_very_long_text_is_read_up_to_its_limit(engine: PinyinEngine) -> None:
    assert engine.convert("shi" * 200).candidates[0].consumed == MAX_LETTERS


@pytest.mark.parametrize("letters", ["", "'", "iii", "123", "，"])
def test_what_is_no_pinyin_gives_nothing(engine: PinyinEngine, letters: str) -> None:
    assert engine.convert(letters).candidates == ()


def test_apostrophe_decides_between_one_syllable_and_two(engine: PinyinEngine) -> None:
    assert texts(engine, "xi'an")[0] == "西安"
    assert texts(engine, "xian")[0] == "先"
    assert engine.convert("xi'an").spelled == "xi an"


def test_abbreviation_finds_the_word(engine: PinyinEngine) -> None:
    assert texts(engine, "zgrmzf")[0] == "中国人民政府"
    assert texts(engine, "zhenzhengf")[0] == "镇政府"


def test_sounds_that_southerners_mix_up_still_find_the_word(engine: PinyinEngine) -> None:
    assert texts(engine, "lihao").index("你好") < 3
    assert texts(engine, "senfenzen")[0] == "身份证"
    assert "湖南" in texts(engine, "fulan")[:3]


def test_umlaut_can_be_typed_in_every_way_that_people_know(engine: PinyinEngine) -> None:
    for letters in ("nver", "nyuer", "nuer"):
        assert texts(engine, letters)[0] == "女儿"
    assert "绿" in texts(engine, "lu")[:60]


def test_spelled_as_typed_comes_before_sounds_alike(engine: PinyinEngine) -> None:
    offered = engine.convert("si").candidates
    exact = [candidate.reading == "si" for candidate in offered]
    assert exact == sorted(exact, reverse=True)


def test_family_name_comes_first_where_a_name_begins(engine: PinyinEngine) -> None:
    assert texts(engine, "zeng", Purpose.FAMILY_NAME)[0] == "曾"
    assert texts(engine, "ouyang", Purpose.FAMILY_NAME)[0] == "欧阳"
    assert texts(engine, "shan", Purpose.FAMILY_NAME)[0] == "单"
    assert texts(engine, "shan", Purpose.TEXT)[0] == "山"


def test_number_is_followed_by_what_it_counts(engine: PinyinEngine) -> None:
    assert texts(engine, "hao", Purpose.AFTER_DIGIT)[0] == "号"
    assert texts(engine, "haolou", Purpose.AFTER_DIGIT)[0] == "号楼"
    assert texts(engine, "hao")[0] == "好"


def test_rare_name_characters_can_be_reached(engine: PinyinEngine) -> None:
    for syllable, character in (("yan", "䶮"), ("di", "𬱖"), ("kun", "堃"), ("yue", "玥")):
        assert character in texts(engine, syllable, Purpose.GIVEN_NAME)


def test_names_of_this_county_come_up(engine: PinyinEngine) -> None:
    catalogue = files("yici.catalogue").joinpath("divisions.jsonl").read_text(encoding="utf-8")
    divisions = [json.loads(line) for line in catalogue.splitlines()]
    spelled = [division for division in divisions if "pinyin" in division]
    assert len(spelled) > 30
    for division in spelled:
        assert division["name"] in texts(engine, division["pinyin"]["full"])[:3]


def test_words_of_a_township_hall_come_first(engine: PinyinEngine) -> None:
    ranks = [
        offered.index(text) if text in (offered := texts(engine, letters)) else len(offered)
        for letters, text in rows("township_words.tsv")
    ]
    assert sum(rank == 0 for rank in ranks) >= 0.85 * len(ranks)
    assert sum(rank < 5 for rank in ranks) >= 0.95 * len(ranks)


def test_characters_of_names_are_on_the_first_pages(engine: PinyinEngine) -> None:
    places = {"family": Purpose.FAMILY_NAME, "given": Purpose.GIVEN_NAME}
    ranks = [
        texts(engine, syllable, places[place]).index(character)
        for syllable, character, place in rows("name_characters.tsv")
    ]
    assert sum(rank < 9 for rank in ranks) >= 0.85 * len(ranks)
    assert sum(rank < 30 for rank in ranks) >= 0.98 * len(ranks)
