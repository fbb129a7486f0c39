"""Catalogue packs: the real catalogue is read whole, and a bad line is named."""

import json
from importlib.resources import files
from typing import Any

import pytest

from yici.contract.form_rules import choices_of
from yici.contract.forms import FieldType, is_visible, visible_fields
from yici.contract.items import BadPack, KioskLevel, Necessity, OfflineRule, read_pack

LINES = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()


def test_every_item_of_the_catalogue_is_read() -> None:
    items = list(read_pack(LINES))
    assert len(items) == 99
    assert len({item.code for item in items}) == 99
    pension = next(item for item in items if item.code == "RS-006")
    assert pension.short_name == "居民养老申领"
    assert pension.kiosk.level is KioskLevel.APPLY
    assert pension.kiosk.offline is OfflineRule.QUEUE
    assert [m.key for m in pension.materials if m.necessity is Necessity.REQUIRED] == [
        "id",
        "bankcard",
    ]


def test_every_choice_question_of_the_catalogue_offers_something() -> None:
    for item in read_pack(LINES):
        for group in item.form.groups:
            for field in group.fields:
                if field.type in (FieldType.CODE, FieldType.ENUM):
                    assert choices_of(field), f"{item.code}: {field.key} offers nothing"
                if field.type is FieldType.MULTI_ENUM:
                    assert field.options, f"{item.code}: {field.key} offers nothing"


def test_the_agents_questions_are_asked_of_an_agent_only() -> None:
    (form,) = [item.form for item in read_pack(LINES) if item.code == "RS-006"]
    alone = {field.key for field in visible_fields(form, {"proxy": False})}
    together = {field.key for field in visible_fields(form, {"proxy": True})}
    assert together - alone == {
        "agent_name",
        "agent_id_number",
        "agent_relation",
        "agent_mobile",
    }
    agent = next(group for group in form.groups if group.key == "agent")
    assert not is_visible(agent, {})


def test_blank_lines_are_passed_over_and_unknown_keys_kept_out() -> None:
    entry: dict[str, Any] = json.loads(LINES[0])
    entry["invented_in_a_later_release"] = {"a": 1}
    (item,) = read_pack(["", json.dumps(entry), "  "])
    assert item.code == entry["code"]
    assert not hasattr(item, "invented_in_a_later_release")


@pytest.mark.parametrize("wrong", ["{}", "not json", "[]", "\x00", '{"code":1}'])
def test_a_bad_line_is_named_and_what_stands_before_it_was_read(wrong: str) -> None:
    items = read_pack([LINES[0], LINES[1], wrong])
    assert [next(items).code, next(items).code]
    with pytest.raises(BadPack, match="line 3"):
        next(items)
