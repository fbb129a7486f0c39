"""Look at a received form against the item version that it answers.

Two degrees. A form that nobody could work with (answers that are no answers) is rejected.
Anything that a person can settle (a missing answer, a number whose check digit is wrong) is kept
with the case for staff: the resident was told that the submission is stored, and is not sent
away by a machine for something that a clerk can ask about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yici.contract.form_rules import Fault, FieldFault, find_faults
from yici.contract.forms import FormDefinition
from yici.contract.identifiers import Violation
from yici.contract.items import Necessity, ServiceItem
from yici.contract.problems import FieldProblem
from yici.contract.submission import SubmissionForm

MAX_TEXT = 4000
MAX_LIST = 200
MAX_ANSWERS = 500


@dataclass(frozen=True, slots=True)
class FormFindings:
    """`unusable` rejects the submission, `faults` are shown to staff."""

    unusable: tuple[FieldProblem, ...]
    faults: tuple[FieldProblem, ...]


_MESSAGES: dict[Fault | Violation, str] = {
    Fault.MISSING: "没有填",
    Fault.TOO_LONG: "太长",
    Fault.NOT_A_NUMBER: "不是数字",
    Fault.TOO_SMALL: "小于下限",
    Fault.TOO_LARGE: "大于上限",
    Fault.NOT_A_DATE: "不是有效的日期",
    Fault.NOT_AN_OPTION: "不在选项中",
    Fault.UNPRINTABLE: "含有无法显示的字符",
    Fault.UNKNOWN_FIELD: "表单里没有这一项",
}
_NUMBER_MESSAGE = "号码核对不上, 请与本人核实"


def check_form(form: SubmissionForm, item: ServiceItem, *, today: date) -> FormFindings:
    """`today` is the day on which the form was received."""
    unusable = _unusable(form.answers)
    if unusable:
        return FormFindings(unusable, ())
    facts = {"proxy": _answers_for_another(item.form, form.answers)}
    labels = {field.key: field.label for group in item.form.groups for field in group.fields}
    faults = tuple(
        _answer_problem(fault, labels.get(fault.key, fault.key))
        for fault in find_faults(item.form, form.answers, facts, today=today)
    )
    return FormFindings((), faults + _material_problems(form, item))


def _unusable(answers: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    if len(answers) > MAX_ANSWERS:
        return (FieldProblem(pointer="/answers", code="too_many", message="答案太多"),)
    return tuple(
        FieldProblem(pointer=_pointer(key), code="wrong_shape", message="答案的格式不对")
        for key, value in answers.items()
        if not _is_answer(value)
    )


def _is_answer(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if not isinstance(value, list) or len(value) > MAX_LIST:
        return False
    return all(isinstance(part, str) and len(part) <= MAX_TEXT for part in value)


def _answers_for_another(form: FormDefinition, answers: Mapping[str, Any]) -> bool:
    """The form doesn't say whether somebody acts for another; the answered questions do."""
    asked_of_proxies = (group for group in form.groups if group.visible_when)
    return any(field.key in answers for group in asked_of_proxies for field in group.fields)


def _pointer(key: str) -> str:
    return f"/answers/{key.replace('~', '~0').replace('/', '~1')}"  # RFC 6901


def _answer_problem(fault: FieldFault, label: str) -> FieldProblem:
    message = _MESSAGES.get(fault.code, _NUMBER_MESSAGE)
    return FieldProblem(
        pointer=_pointer(fault.key), code=fault.code.value, message=f"{label}: {message}"
    )


def _material_problems(form: SubmissionForm, item: ServiceItem) -> tuple[FieldProblem, ...]:
    decided = {entry.key for entry in form.materials}
    return tuple(
        FieldProblem(
            pointer=f"/materials/{material.key}",
            code=Fault.MISSING.value,
            message=f"缺少材料: {material.name}",
        )
        for material in item.materials
        if material.necessity is Necessity.REQUIRED and material.key not in decided
    )
