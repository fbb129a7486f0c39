"""Declarative forms: what an item asks, as data."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FieldType(StrEnum):
    """How a field is asked and checked."""

    TEXT = "text"
    TEXTAREA = "textarea"
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    MOBILE = "mobile"
    BANK_CARD = "bank_card"
    DATE = "date"
    MONTH = "month"
    YEAR = "year"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CODE = "code"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"
    ADDRESS = "address"
    DIVISION = "division"
    TABLE = "table"
    SIGNATURE = "signature"


class FieldSource(StrEnum):
    """Who knows the answer first."""

    ID_CARD = "id_card"
    USER = "user"
    DATA_SHARE = "data_share"
    GEO = "geo"


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class FormField(_Definition):
    """One question. `options` are literal choices, `code_set` names a coded list."""

    key: str
    label: str
    type: FieldType
    source: FieldSource
    required: bool
    sensitive: bool = False
    help: str = ""
    max_length: int | None = None
    minimum: float | None = Field(default=None, alias="min")
    maximum: float | None = Field(default=None, alias="max")
    default: int | str | None = None
    unit: str = ""
    code_set: str = ""
    options: tuple[str, ...] = ()
    level: str = ""


class FormGroup(_Definition):
    """Questions asked on one page. `visible_when` is `fact == value`, nothing cleverer."""

    key: str
    label: str
    fields: tuple[FormField, ...]
    visible_when: str = ""


class FormDefinition(_Definition):
    """The whole form of an item."""

    version: int
    groups: tuple[FormGroup, ...]


def is_visible(group: FormGroup, facts: dict[str, bool]) -> bool:
    """Whether the group is asked, given what is known (for example `proxy`)."""
    if not group.visible_when:
        return True
    fact, _, expected = group.visible_when.partition("==")
    return facts.get(fact.strip(), False) is (expected.strip() == "true")


def visible_fields(form: FormDefinition, facts: dict[str, bool]) -> tuple[FormField, ...]:
    """The questions that are asked, in order."""
    return tuple(
        field for group in form.groups if is_visible(group, facts) for field in group.fields
    )
