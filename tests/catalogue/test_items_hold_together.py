"""The illustrative items keep the rules that real implementation lists keep."""

from collections.abc import Callable

import pytest
from catalogue_data import Row, by_key, rows, table

from yici.contract.identifiers import check_credit_code

ITEMS = rows("items.jsonl")
UNITS, LICENCES = by_key("units.jsonl"), by_key("licence_types.jsonl")
SHARES, MATERIALS = by_key("data_sharing.jsonl"), by_key("material_library.jsonl")
FIELDS, CODES = by_key("field_library.jsonl"), table("codes.toml")
each_item = pytest.mark.parametrize("item", ITEMS, ids=[item["code"] for item in ITEMS])


@pytest.mark.parametrize("key", ["code", "task_code", "task_handle_item"])
def test_codes_are_given_once(key: str) -> None:
    assert len({item[key] for item in ITEMS}) == len(ITEMS) >= 60


def test_every_category_and_every_list_is_there() -> None:
    assert {item["category"] for item in ITEMS} == set(CODES["seed_category"])
    assert {name for item in ITEMS for name in item["lists"]} == set(CODES["lists"])


@each_item
def test_item_is_marked_as_made_up(item: Row) -> None:
    assert item["illustrative"] is True
    assert item["disclaimer"]


@each_item
def test_codes_are_put_together_as_the_standard_says(item: Row) -> None:
    unit = item["responsible_unit"]["credit_code"]
    assert item["task_code"] == unit + item["exercise_level_code"] + item["catalog_code"]
    lengths = [len(item[key]) for key in ("catalog_code", "task_code", "task_handle_item")]
    assert lengths == [12, 31, 33]
    assert item["task_handle_item"].startswith(item["task_code"])
    assert CODES["seed_category"][item["category"]]["task_type"] == item["task_type_code"]


@each_item
def test_limits_and_visits_agree(item: Row) -> None:
    promised, statutory = item["promised_limit"]["value"], item["statutory_limit"]
    instant = item["case_type"] == "instant"
    assert instant == (promised == 0) == ("immediate" in item["four_ways"])
    assert statutory is None or statutory["value"] >= promised
    assert item["once"] == (item["visits"] <= 1)
    assert item["visits"] == 0 or item["visit_reason"]
    assert item["online_depth"] != 4 or item["visits"] == 0
    assert "online" in item["four_ways"] or item["visits"] >= 1


@each_item
def test_names_point_at_something(item: Row) -> None:
    named = [item["responsible_unit"], *item["co_units"]]
    assert {unit["key"] for unit in named} <= set(UNITS)
    assert {material["key"] for material in item["materials"]} <= set(MATERIALS)
    assert set(item["data_sharing"]) <= set(SHARES)
    assert item["result"]["e_licence"] in {*LICENCES, None}
    added = {o["adds_material"] for s in item["scenarios"] for o in s["options"]}
    assert added <= {*MATERIALS, None}
    assert set(item["lists"]) <= set(CODES["lists"])
    assert set(item["four_ways"]) <= set(CODES["four_ways"])
    assert item["kiosk"]["level"] in CODES["kiosk_level"]
    assert item["kiosk"]["offline"] in CODES["kiosk_offline"]


@each_item
def test_materials_and_questions_are_asked_once_and_with_their_condition(item: Row) -> None:
    codes = [material["code"] for material in item["materials"]]
    assert len(set(codes)) == len(codes)
    for material in item["materials"]:
        assert material["necessity"] == "required" or material["condition"]
    keys = [field["key"] for group in item["form"]["groups"] for field in group["fields"]]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set(FIELDS)


@each_item
def test_what_has_to_be_paid_is_not_taken_off_line(item: Row) -> None:
    fee = item["fee"]
    assert not fee["charged"] or fee["items"]
    if fee["charged"] and fee["kind"] == "levy":
        assert item["kiosk"]["offline"] == "block"
    if item["kiosk"]["level"] == "query_print":
        assert item["kiosk"]["offline"] == "block"
    if item["kiosk"]["level"] == "guide":
        assert item["kiosk"]["offline"] == "guide_only"


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_units_have_well_formed_credit_codes(unit: Row) -> None:
    assert check_credit_code(unit["credit_code"]) is None


LIBRARIES: dict[str, tuple[tuple[Row, ...], Callable[[Row], bool]]] = {
    "licence types": (
        rows("licence_types.jsonl"),
        lambda row: len(row["licence_type_code"]) == 21 and row["issuing_unit"] in UNITS,
    ),
    "data sharing": (
        rows("data_sharing.jsonl"),
        lambda row: row["library"] in CODES["data_library"] and row["provider_unit"] in UNITS,
    ),
    "materials": (
        rows("material_library.jsonl"),
        lambda row: row["e_licence"] in {*LICENCES, None} and row["data_share"] in {*SHARES, None},
    ),
    "fields": (
        rows("field_library.jsonl"),
        lambda row: row["type"] != "code" or row["code_set"] in CODES,
    ),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_point_at_something(library: str) -> None:
    entries, holds = LIBRARIES[library]
    assert entries
    assert [row["key"] for row in entries if not holds(row)] == []


@pytest.mark.parametrize(
    "name",
    [
        "items.jsonl",
        "packages.jsonl",
        "units.jsonl",
        "licence_types.jsonl",
        "data_sharing.jsonl",
        "material_library.jsonl",
        "field_library.jsonl",
        "divisions.jsonl",
        "halls.jsonl",
        "personas.jsonl",
    ],
)
def test_files_are_plain_utf8_lines(name: str) -> None:
    from catalogue_data import raw

    data = raw(name)
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert rows(name)
