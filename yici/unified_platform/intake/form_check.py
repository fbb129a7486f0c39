"""Look at a received form against the item version that it answers.

Two degrees. A form that nobody could work with (an answer of another shape than its question)
is rejected. Anything that a person can settle (a missing answer, a number whose check digit is
wrong) is kept with the case for staff: the resident was told that the submission is stored, and
is not sent away by a machine for something that a clerk can ask about.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yici.contract.forms import FieldType, FormField, visible_fields
from yici.contract.identifiers import (
    Violation,
    check_bank_card,
    check_credit_code,
    check_id_number,
    check_mobile,
    normalise,
)
from yici.contract.items import Necessity, ServiceItem
from yici.contract.problems import FieldProblem
from yici.contract.submission import SubmissionForm

MAX_TEXT = 4000
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class FormFindings:
    """`unusable` rejects the submission, `faults` are shown to staff."""

    unusable: tuple[FieldProblem, ...]
    faults: tuple[FieldProblem, ...]


_LISTS = frozenset({FieldType.MULTI_ENUM, FieldType.TABLE, FieldType.ADDRESS, FieldType.DIVISION})
_PATTERNS = {
    FieldType.MONTH: re.compile(r"[0-9]{4}-[0-9]{2}"),
    FieldType.YEAR: re.compile(r"[0-9]{4}"),
    FieldType.INTEGER: re.compile(r"-?[0-9]{1,15}"),
    FieldType.DECIMAL: re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?"),
}


def check_form(form: SubmissionForm, item: ServiceItem, *, today: date) -> FormFindings:
    """`today` is the day on which the form was received."""
    facts = {key: value is True for key, value in form.answers.items()}
    unusable: list[FieldProblem] = []
    faults: list[FieldProblem] = []
    known = {field.key: field for group in item.form.groups for field in group.fields}
    for key, value in form.answers.items():
        field = known.get(key)
        if not _has_usable_shape(field, value):
            unusable.append(_fault(key, "wrong_shape", "答案的格式不对"))
        elif field is not None and not _is_empty(value):
            faults += _check_value(field, value, today=today)
    for field in visible_fields(item.form, facts):
        asked = field.required and field.type is not FieldType.SIGNATURE  # ink is a part
        if asked and _is_empty(form.answers.get(field.key)):
            faults.append(_fault(field.key, "missing", f"{field.label}没有填"))
    faults += _check_materials(form, item)
    return FormFindings(tuple(unusable), tuple(faults))


def _fault(key: str, code: str, message: str) -> FieldProblem:
    pointer = key.replace("~", "~0").replace("/", "~1")  # RFC 6901
    return FieldProblem(pointer=f"/answers/{pointer}", code=code, message=message)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _has_usable_shape(field: FormField | None, value: Any) -> bool:
    if value is None or isinstance(value, bool | int | float):
        return True
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if field is not None and field.type not in _LISTS:
        return False
    if isinstance(value, Mapping):
        return len(value) <= MAX_ROWS and all(_has_usable_shape(None, v) for v in value.values())
    return len(value) <= MAX_ROWS and all(_has_usable_shape(None, v) for v in value)


def _check_value(field: FormField, value: Any, *, today: date) -> list[FieldProblem]:
    text = str(value)
    if field.max_length is not None and len(text) > field.max_length:
        return [_fault(field.key, "too_long", f"{field.label}太长")]
    pattern = _PATTERNS.get(field.type)
    if pattern is not None and not pattern.fullmatch(text):
        return [_fault(field.key, "wrong_format", f"{field.label}的写法不对")]
    if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
        return _check_range(field, float(text))
    if field.type is FieldType.DATE and not _is_date(text):
        return [_fault(field.key, "no_such_date", f"{field.label}不是日期")]
    if field.type is FieldType.ENUM and field.options and text not in field.options:
        return [_fault(field.key, "unknown_option", f"{field.label}不在选项中")]
    return _check_number(field, text, today=today)


def _check_range(field: FormField, number: float) -> list[FieldProblem]:
    low, high = field.minimum, field.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return [_fault(field.key, "out_of_range", f"{field.label}超出范围")]
    return []


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_number(field: FormField, text: str, *, today: date) -> list[FieldProblem]:
    checks: dict[FieldType, Callable[[str], Violation | None]] = {
        FieldType.ID_NUMBER: lambda number: check_id_number(number, today=today),
        FieldType.CREDIT_CODE: check_credit_code,
        FieldType.MOBILE: check_mobile,
        FieldType.BANK_CARD: check_bank_card,
    }
    check = checks.get(field.type)
    violation = check(normalise(text)) if check is not None else None
    if violation is None:
        return []
    return [_fault(field.key, violation.value, f"{field.label}核对不上, 请与本人核实")]


def _check_materials(form: SubmissionForm, item: ServiceItem) -> list[FieldProblem]:
    decided = {entry.key for entry in form.materials}
    return [
        FieldProblem(
            pointer=f"/materials/{material.key}", code="missing", message=f"缺少{material.name}"
        )
        for material in item.materials
        if material.necessity is Necessity.REQUIRED and material.key not in decided
    ]
