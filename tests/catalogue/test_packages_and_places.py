"""Life-event packages, places, people and the case study's numbers."""

from collections import Counter
from datetime import date

import pytest
from catalogue_data import Row, by_key, rows, table

from yici.contract.identifiers import check_id_number, find_birth_date, find_sex

ITEMS = {item["code"]: item for item in rows("items.jsonl")}
PACKAGES, PEOPLE = rows("packages.jsonl"), rows("personas.jsonl")
DIVISIONS, HALLS = rows("divisions.jsonl"), rows("halls.jsonl")
TOWNSHIPS = {row["code"]: row for row in DIVISIONS if row["level"] == "5"}
FACTS, CODES = table("seed_facts.toml"), table("codes.toml")
each_package = pytest.mark.parametrize("package", PACKAGES, ids=[p["code"] for p in PACKAGES])


@each_package
def test_package_is_made_of_items_that_exist_in_an_order_that_works(package: Row) -> None:
    subs = {sub["item_code"]: sub for sub in package["sub_items"]}
    assert set(subs) <= set(ITEMS)
    order = package["topological_order"]
    assert sorted(order) == sorted(subs)
    for code, sub in subs.items():
        assert set(sub["depends_on"]) <= set(order[: order.index(code)])


@each_package
def test_package_saves_questions_papers_days_and_visits(package: Row) -> None:
    told = package["oracle"]["all"]
    assert told["fields_after"] == len(package["combined_fields"]) <= told["fields_before"]
    assert told["materials_after"] == len(package["combined_materials"])
    assert told["materials_after"] <= told["materials_before"]
    assert told["days_critical_path"] <= told["days_serial"]
    assert told["visits_after"] <= 1


@each_package
def test_days_on_the_critical_path_are_what_the_dependencies_say(package: Row) -> None:
    subs = {sub["item_code"]: sub for sub in package["sub_items"]}
    ends: dict[str, int] = {}
    for code in package["topological_order"]:
        begins = max((ends[before] for before in subs[code]["depends_on"]), default=0)
        ends[code] = begins + ITEMS[code]["promised_limit"]["value"]
    assert package["oracle"]["all"]["days_critical_path"] == max(ends.values())


@each_package
def test_package_names_units_that_exist(package: Row) -> None:
    assert package["lead_unit"]["key"] in by_key("units.jsonl")
    assert package["responsible_units"]


def test_every_township_has_its_hall() -> None:
    assert len(TOWNSHIPS) == 32
    assert Counter(row["kind"] for row in TOWNSHIPS.values()) == {
        "subdistrict": 4,
        "town": 27,
        "township": 1,
    }
    assert all(len(code) == 9 and code.startswith("430181") for code in TOWNSHIPS)
    assert sorted(hall["division_code"] for hall in HALLS) == sorted(TOWNSHIPS)


def test_every_village_lies_in_a_township() -> None:
    villages = [row for row in DIVISIONS if row["level"] == "6"]
    assert villages
    assert {row["parent"] for row in villages} <= set(TOWNSHIPS)
    assert all(len(row["code"]) == 12 for row in villages)


@pytest.mark.parametrize("person", PEOPLE, ids=[p["key"] for p in PEOPLE])
def test_personas_are_nobody_and_hold_together(person: Row) -> None:
    number = person["id_number"]
    assert person["synthetic"] is True
    assert number.startswith("430199"), "a division that was never assigned"
    assert check_id_number(number, today=date(2026, 11, 25)) is None
    assert find_birth_date(number) == date.fromisoformat(person["birth_date"])
    sex = find_sex(number)
    assert sex is not None
    assert sex.value == person["sex"]


@pytest.mark.parametrize("entry", FACTS["breakdown"], ids=[e["key"] for e in FACTS["breakdown"]])
def test_the_case_studys_sums_are_told_with_their_gaps(entry: Row) -> None:
    assert sum(entry["parts"].values()) == entry["computed_total"]
    assert entry["stated_total"] - entry["computed_total"] == entry["missing"]


def test_case_states_lead_only_to_case_states() -> None:
    states = set(CODES["case_state"])
    assert set(CODES["case_transitions"]) <= states
    assert {after for row in CODES["case_transitions"].values() for after in row} <= states
