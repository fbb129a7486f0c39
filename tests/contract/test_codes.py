"""The code sets are whole, and unknown codes stay visible."""

from yici.contract.codes import NATION_NAMES, SEX_NAMES, nation_name
from yici.contract.people import Sex


def test_there_are_56_nations_and_the_two_of_card_practice() -> None:
    numbers = [code for code in NATION_NAMES if code <= "56"]
    assert numbers == [f"{n:02}" for n in range(1, 57)]
    assert len(set(NATION_NAMES.values())) == 58


def test_known_codes_stand_at_their_numbers() -> None:
    known = {"01": "汉", "05": "维吾尔", "10": "朝鲜", "16": "哈尼", "30": "土", "43": "乌孜别克"}
    known |= {"50": "塔塔尔", "56": "基诺"}
    assert {code: nation_name(code) for code in known} == known


def test_unknown_nation_is_shown_by_its_code() -> None:
    assert nation_name("57") == "57"


def test_every_sex_has_a_name() -> None:
    assert set(SEX_NAMES) == set(Sex)
