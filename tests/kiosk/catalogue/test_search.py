"""People find an item by its name, an everyday word, pinyin or initials."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.items import read_pack
from yici.kiosk.catalogue.search import Catalogue

LINES = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()
CATALOGUE = Catalogue(read_pack(LINES))
ITEMS = CATALOGUE.popular(len(CATALOGUE))


def codes(query: str) -> list[str]:
    return [item.code for item in CATALOGUE.search(query)]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("领农村养老金", "RS-006"),  # an alias
        ("60岁办养老", "RS-006"),
        ("居民养老申领", "RS-006"),  # the short name
        ("城乡居民基本养老保险待遇申领", "RS-006"),  # the whole name
        ("jmylsl", "RS-006"),  # initials
        ("JMYLSL", "RS-006"),
        ("juminyanglaoshenling", "RS-006"),  # pinyin
        ("我想给孩子上户口", "GA-002"),  # a sentence with an alias in it
        ("社保卡丢了", "RS-010"),
        ("生孩子报销", "YB-007"),
        ("宅 基 地", "NY-001"),  # blanks do not matter
    ],
)
def test_what_people_say_finds_what_they_want(query: str, wanted: str) -> None:
    assert codes(query)[0] == wanted


@pytest.mark.parametrize("item", ITEMS, ids=[item.code for item in ITEMS])
def test_every_item_is_found_by_each_of_its_names(item: object) -> None:
    search = item.search  # type: ignore[attr-defined]  # a ServiceItem
    known = [
        item.name,  # type: ignore[attr-defined]
        item.short_name,  # type: ignore[attr-defined]
        *search.aliases,
        search.pinyin.full,
        search.pinyin.initials,
    ]
    lost = [text for text in known if item.code not in codes(text)]  # type: ignore[attr-defined]
    assert lost == []


def test_a_whole_name_stands_before_everything_else() -> None:
    for item in ITEMS:
        assert codes(item.name)[0] == item.code or CATALOGUE.search(item.name)[0].name == item.name


def test_among_equals_the_most_used_comes_first() -> None:
    found = CATALOGUE.search("居民")
    inside = [item for item in found if item.short_name.startswith("居民")]
    assert len(inside) > 2
    assert [i.popularity for i in inside] == sorted((i.popularity for i in inside), reverse=True)


@pytest.mark.parametrize("query", ["", "   ", "\u3000", "zzzzqq", "residence permit", "？！"])
def test_nothing_is_found_for_nothing(query: str) -> None:
    assert codes(query) == []


@given(query=st.text(max_size=30), limit=st.integers(1, 10))
def test_any_query_is_answered_with_items_of_the_catalogue(query: str, limit: int) -> None:
    found = CATALOGUE.search(query, limit)
    assert len(found) <= limit
    assert len({item.code for item in found}) == len(found)
    assert all(CATALOGUE.find(item.code) is item for item in found)


def test_categories_hold_every_item_once() -> None:
    counted = CATALOGUE.categories()
    assert sum(count for _, _, count in counted) == len(CATALOGUE)
    assert [c for _, _, c in counted] == sorted((c for _, _, c in counted), reverse=True)
    for key, _, count in counted:
        assert len(CATALOGUE.of_category(key)) == count


def test_an_empty_catalogue_answers_everything_with_nothing() -> None:
    empty = Catalogue([])
    assert (len(empty), empty.search("养老"), empty.categories(), empty.find("RS-006")) == (
        0,
        (),
        (),
        None,
    )
