"""Personas are synthetic people, and nothing else gets in."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import yici.catalogue
from yici.contract.people import Sex
from yici.drivers.id_card_reader.personas import load_personas
from yici.drivers.id_card_reader.sam.card_text import decode_card_text, encode_card_text

LINES = """\
{"key": "P02", "synthetic": true, "name": "李样本", "id_number": "430199196211030029", "sex": "2",\
 "ethnicity": "01", "birth_date": "1962-11-03", "registered_address": "湖南省示例市示例区试路1号",\
 "issuing_authority": "示例市公安局", "valid": "20120101-长期", "note": "需要语音"}

{"key": "P06", "synthetic": true, "name": "龑䶮𬱖", "id_number": "430199197807200070", "sex": "1",\
 "ethnicity": "16", "birth_date": "1978-07-20", "registered_address": "湖南省示例市示例区试路1号",\
 "issuing_authority": "示例市公安局", "valid": "20160720-20360720"}
"""


def test_personas_are_people_whose_cards_can_be_made(tmp_path: Path) -> None:
    path = tmp_path / "personas.jsonl"
    path.write_text(LINES, encoding="utf-8")
    personas = load_personas(path)
    assert list(personas) == ["P02", "P06"]
    first, second = personas["P02"].identity, personas["P06"].identity
    assert (first.sex, first.birth_date, first.valid_to) == (Sex.FEMALE, date(1962, 11, 3), None)
    assert second.valid_to == date(2036, 7, 20)
    for persona in personas.values():
        assert decode_card_text(encode_card_text(persona.identity)) == persona.identity


def test_every_persona_of_the_catalogue_has_a_card_that_reads_back() -> None:
    personas = load_personas(Path(yici.catalogue.__file__).with_name("personas.jsonl"))
    assert personas
    for persona in personas.values():
        assert decode_card_text(encode_card_text(persona.identity)) == persona.identity
        assert persona.identity.id_number.startswith("430199")  # a region that nobody lives in


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda t: t.replace('"synthetic": true', '"synthetic": false'), id="real"),
        pytest.param(lambda t: t.replace('"name"', '"nom"'), id="nameless"),
        pytest.param(lambda t: t.replace("{", "[", 1), id="no-json"),
        pytest.param(lambda t: t.replace('"sex": "2"', '"sex": "f"'), id="sex"),
    ],
)
def test_line_that_is_no_persona_is_named(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    path = tmp_path / "personas.jsonl"
    path.write_text(spoil(LINES), encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        load_personas(path)
