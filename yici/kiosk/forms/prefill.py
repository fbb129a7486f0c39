"""What the card already answers."""

from yici.contract.code_sets import find_label
from yici.contract.form_rules import Answer
from yici.contract.forms import FieldSource, FieldType, FormDefinition, FormField, visible_fields
from yici.contract.people import Assurance, Identity


def prefill(form: FormDefinition, identity: Identity, facts: dict[str, bool]) -> dict[str, Answer]:
    """Answers to the questions whose source is the card, as far as this identity knows them."""
    known = _known(identity)
    return {
        field.key: known[field.key]
        for field in visible_fields(form, facts)
        if field.source is FieldSource.ID_CARD and known.get(field.key)
    }


def _known(identity: Identity) -> dict[str, Answer]:
    nation = identity.nation_code
    return {
        "name": identity.name,
        "id_number": identity.id_number,
        "sex": identity.sex.value if find_label("sex", identity.sex.value) else "",
        "ethnicity": nation if find_label("ethnicity", nation) else "",
        "birth_date": identity.birth_date.isoformat() if identity.birth_date else "",
        "registered_address": identity.current_address,
    }


def is_from_card(identity: Identity, key: str, answer: Answer | None) -> bool:
    """Whether the answer still is what the chip says: then it is shown and not edited."""
    return (
        identity.assurance is Assurance.CARD
        and bool(answer)
        and _known(identity).get(key) == answer
    )


# which keyboard a question is answered with
_INPUT_KINDS: dict[FieldType, str] = {
    FieldType.TEXT: "pinyin",
    FieldType.TEXTAREA: "pinyin",
    FieldType.ADDRESS: "pinyin",
    FieldType.DIVISION: "pinyin",
    FieldType.ID_NUMBER: "id_number",
    FieldType.CREDIT_CODE: "latin",
    FieldType.MOBILE: "mobile",
    FieldType.BANK_CARD: "number",
    FieldType.INTEGER: "number",
    FieldType.DECIMAL: "number",
    FieldType.DATE: "date",
    FieldType.MONTH: "date",
    FieldType.YEAR: "number",
}


def input_kind_of(field: FormField) -> str:
    """The keyboard for a question; one for a person's name offers family names first."""
    if field.type is FieldType.TEXT and field.label.endswith("姓名"):
        return "name"
    return _INPUT_KINDS.get(field.type, "none")
