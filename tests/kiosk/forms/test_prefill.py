"""What the card answers is not asked again, and is not changed."""

from datetime import date
from importlib.resources import as_file, files

import pytest

from yici.contract.form_rules import NOT_ANSWERED_HERE, find_fault
from yici.contract.forms import FieldSource, FieldType, visible_fields
from yici.contract.items import read_pack
from yici.contract.people import Assurance, Identity, Sex
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.kiosk.forms.prefill import input_kind_of, is_from_card, prefill
from yici.kiosk.journeys.application import can_apply_here

LINES = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()
ITEMS = [item for item in read_pack(LINES) if can_apply_here(item)]
ALONE = {"proxy": False}
with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
    PERSONAS = load_personas(path)


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=PERSONAS)
def test_every_card_answers_every_question_that_it_is_asked(persona: Persona) -> None:
    """A wrong or missing answer from the chip could not be mended by the resident."""
    for item in ITEMS:
        known = prefill(item.form, persona.identity, ALONE)
        for field in visible_fields(item.form, ALONE):
            if field.source is FieldSource.ID_CARD:
                fault = find_fault(field, known.get(field.key), today=date(2026, 11, 25))
                assert fault is None, f"{item.code}: {field.key} is {fault}"
                assert is_from_card(persona.identity, field.key, known[field.key])


def test_the_newest_address_is_taken() -> None:
    moved = PERSONAS["P01"].identity.model_copy(update={"newest_address": "新居路2号"})
    assert prefill(ITEMS[0].form, moved, ALONE)["registered_address"] == "新居路2号"


def test_what_the_card_does_not_know_stays_open() -> None:
    foreigner = Identity(name="A", id_number="911124198108030024", sex=Sex.NOT_STATED)
    known = prefill(ITEMS[0].form, foreigner, ALONE)
    assert "ethnicity" not in known
    assert "birth_date" not in known


def test_typed_names_are_filled_in_and_can_be_changed() -> None:
    typed = PERSONAS["P01"].identity.model_copy(update={"assurance": Assurance.TYPED})
    known = prefill(ITEMS[0].form, typed, ALONE)
    assert known["name"] == typed.name
    assert not is_from_card(typed, "name", known["name"])


def test_a_changed_answer_is_no_longer_the_cards() -> None:
    person = PERSONAS["P01"].identity
    assert not is_from_card(person, "name", "别人")
    assert not is_from_card(person, "mobile", "13800138000")
    assert not is_from_card(person, "name", None)


def test_every_question_that_is_typed_has_its_keyboard() -> None:
    chosen = {FieldType.BOOLEAN, FieldType.CODE, FieldType.ENUM, FieldType.MULTI_ENUM}
    for item in ITEMS:
        for field in visible_fields(item.form, ALONE):
            if field.type not in NOT_ANSWERED_HERE:
                has_keyboard = input_kind_of(field) != "none"
                assert has_keyboard == (field.type not in chosen), f"{item.code}: {field.key}"
