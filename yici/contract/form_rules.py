"""Checks of answers against a form: the same rules on the terminal and on the platform.

Answers are what a person sees and types: text for most types, a list of texts for MULTI_ENUM,
`yes`/`no` for BOOLEAN, ISO dates (2026-11-25), months (2026-11) and years (2026).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from unicodedata import category

from yici.contract.code_sets import get_code_set
from yici.contract.forms import FieldType, FormDefinition, FormField, visible_fields
from yici.contract.identifiers import (
    Violation,
    check_bank_card,
    check_credit_code,
    check_id_number,
    check_mobile,
    normalise,
)

Answer = str | list[str]
Answers = Mapping[str, Answer]


class Fault(StrEnum):
    """What is wrong with an answer; the screens have a sentence for each, and for Violation."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    NOT_AN_OPTION = "not_an_option"
    UNPRINTABLE = "unprintable"
    UNKNOWN_FIELD = "unknown_field"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field's first fault; `code` is a Fault or a Violation."""

    key: str
    code: Fault | Violation


# asked elsewhere than among the form's fields
NOT_ANSWERED_HERE = frozenset({FieldType.SIGNATURE, FieldType.TABLE})

_NORMALISED = frozenset(
    {FieldType.ID_NUMBER, FieldType.CREDIT_CODE, FieldType.MOBILE, FieldType.BANK_CARD}
)
# control and invisible characters; private use and blocks newer than our tables stay, since
# names on real cards hold them
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DEFAULT_MAX_LENGTH = {FieldType.TEXTAREA: 300, FieldType.ADDRESS: 200}


def clean(field: FormField, answer: Answer) -> Answer:
    """The answer as it is stored: numbers without spaces, text without outer blanks."""
    if isinstance(answer, list):
        return [part.strip() for part in answer if part.strip()]
    if field.type in _NORMALISED:
        return normalise(answer)
    return answer.strip()


def find_fault(field: FormField, answer: Answer | None, *, today: date) -> Fault | Violation | None:
    """The first fault of one answer, or None."""
    cleaned = clean(field, answer) if answer is not None else ""
    if not cleaned:
        return Fault.MISSING if field.required else None
    if isinstance(cleaned, list):
        return _multi_fault(field, cleaned)
    if any(category(character) in _UNPRINTABLE and character != "\n" for character in cleaned):
        return Fault.UNPRINTABLE
    check = _CHECKS.get(field.type, _check_text)
    return check(field, cleaned, today)


def find_faults(
    form: FormDefinition, answers: Answers, facts: dict[str, bool], *, today: date
) -> tuple[FieldFault, ...]:
    """Every visible field's first fault, and every answer to a question that isn't asked."""
    asked = {f.key: f for f in visible_fields(form, facts) if f.type not in NOT_ANSWERED_HERE}
    faults = [
        FieldFault(key, fault)
        for key, field in asked.items()
        if (fault := find_fault(field, answers.get(key), today=today)) is not None
    ]
    faults += [FieldFault(key, Fault.UNKNOWN_FIELD) for key in answers if key not in asked]
    return tuple(faults)


def _multi_fault(field: FormField, chosen: list[str]) -> Fault | None:
    if field.type is not FieldType.MULTI_ENUM or len(set(chosen)) != len(chosen):
        return Fault.NOT_AN_OPTION
    return None if set(chosen) <= set(field.options) else Fault.NOT_AN_OPTION


def _check_text(field: FormField, text: str, today: date) -> Fault | None:
    del today
    limit = field.max_length or _DEFAULT_MAX_LENGTH.get(field.type, 100)
    return Fault.TOO_LONG if len(text) > limit else None


def _check_number(field: FormField, text: str, today: date) -> Fault | None:
    del today
    if len(text) > 18 or not _NUMBER.fullmatch(text):
        return Fault.NOT_A_NUMBER
    number = Decimal(text)
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        return Fault.NOT_A_NUMBER
    if field.minimum is not None and number < Decimal(str(field.minimum)):
        return Fault.TOO_SMALL
    if field.maximum is not None and number > Decimal(str(field.maximum)):
        return Fault.TOO_LARGE
    return Fault.TOO_SMALL if field.minimum is None and number < 0 else None


def _is_iso(text: str, filler: str) -> bool:
    whole = text + filler
    try:
        return date.fromisoformat(whole).isoformat() == whole
    except ValueError:
        return False


def _check_date(field: FormField, text: str, today: date) -> Fault | None:
    del field, today
    return None if _is_iso(text, "") else Fault.NOT_A_DATE


def _check_month(field: FormField, text: str, today: date) -> Fault | None:
    del field, today
    return None if _is_iso(text, "-01") else Fault.NOT_A_DATE


def _check_year(field: FormField, text: str, today: date) -> Fault | None:
    del field
    if not _is_iso(text, "-01-01"):
        return Fault.NOT_A_DATE
    return None if 1900 <= int(text) <= today.year + 10 else Fault.NOT_A_DATE


def _check_option(field: FormField, text: str, today: date) -> Fault | None:
    del today
    return None if text in dict(choices_of(field)) else Fault.NOT_AN_OPTION


def _check_no_list(field: FormField, text: str, today: date) -> Fault:
    del field, text, today
    return Fault.NOT_AN_OPTION


def _check_with(check: Callable[[str], Violation | None]) -> Callable[..., Violation | None]:
    def checked(field: FormField, text: str, today: date) -> Violation | None:
        del field, today
        return check(text)

    return checked


def _check_id_number(field: FormField, text: str, today: date) -> Violation | None:
    del field
    return check_id_number(text, today=today)


_CHECKS: dict[FieldType, Callable[[FormField, str, date], Fault | Violation | None]] = {
    FieldType.ID_NUMBER: _check_id_number,
    FieldType.CREDIT_CODE: _check_with(check_credit_code),
    FieldType.MOBILE: _check_with(check_mobile),
    FieldType.BANK_CARD: _check_with(check_bank_card),
    FieldType.DATE: _check_date,
    FieldType.MONTH: _check_month,
    FieldType.YEAR: _check_year,
    FieldType.INTEGER: _check_number,
    FieldType.DECIMAL: _check_number,
    FieldType.BOOLEAN: _check_option,
    FieldType.CODE: _check_option,
    FieldType.ENUM: _check_option,
    FieldType.MULTI_ENUM: _check_no_list,
}


def choices_of(field: FormField) -> tuple[tuple[str, str], ...]:
    """Stored value and label of each choice; empty for fields without choices."""
    if field.type is FieldType.BOOLEAN:
        return (("yes", "是"), ("no", "否"))
    if field.type is FieldType.CODE:
        return tuple(get_code_set(field.code_set).items())
    return tuple((option, option) for option in field.options)
