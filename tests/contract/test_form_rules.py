"""The rules of answers: every type of field takes the good and names each fault; none raises."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yici.contract.form_rules import (
    Answer,
    Fault,
    FieldFault,
    choices_of,
    clean,
    find_fault,
    find_faults,
)
from yici.contract.forms import FieldSource, FieldType, FormDefinition, FormField, FormGroup
from yici.contract.identifiers import Violation

TODAY = date(2026, 11, 25)


def field(kind: FieldType, *, required: bool = True, key: str = "q", **more: Any) -> FormField:
    needed: dict[FieldType, dict[str, Any]] = {
        FieldType.CODE: {"code_set": "sex"},
        FieldType.ENUM: {"options": ("甲", "乙")},
        FieldType.MULTI_ENUM: {"options": ("甲", "乙", "丙")},
    }
    return FormField(
        key=key,
        label="问",
        type=kind,
        source=FieldSource.USER,
        required=required,
        **{**needed.get(kind, {}), **more},
    )


GOOD: list[tuple[FieldType, Answer]] = [
    (FieldType.TEXT, "欧阳娜娜"),
    (FieldType.TEXTAREA, "第一行\n第二行"),
    (FieldType.ID_NUMBER, "430199 19621103 0029"),
    (FieldType.CREDIT_CODE, "91350100M000100Y43"),
    (FieldType.MOBILE, "138 0013 8000"),
    (FieldType.BANK_CARD, "6200 0000 0000 0005"),
    (FieldType.DATE, "2028-02-29"),
    (FieldType.MONTH, "2026-11"),
    (FieldType.YEAR, "2026"),
    (FieldType.INTEGER, "12"),
    (FieldType.DECIMAL, "12.50"),
    (FieldType.BOOLEAN, "no"),
    (FieldType.CODE, "2"),
    (FieldType.ENUM, "乙"),
    (FieldType.MULTI_ENUM, ["丙", "甲"]),
    (FieldType.ADDRESS, "测试路1号"),
    (FieldType.DIVISION, "430181123"),
]

BAD: list[tuple[FieldType, dict[str, Any], Answer, Fault | Violation]] = [
    (FieldType.TEXT, {}, "长" * 101, Fault.TOO_LONG),
    (FieldType.TEXT, {"max_length": 3}, "四个字了", Fault.TOO_LONG),
    (FieldType.TEXT, {}, "a\x00b", Fault.UNPRINTABLE),
    (FieldType.TEXT, {}, "a\u202eb", Fault.UNPRINTABLE),  # turns the text round
    (FieldType.TEXT, {}, "a\u2028b", Fault.UNPRINTABLE),
    (FieldType.TEXTAREA, {}, "长" * 301, Fault.TOO_LONG),
    (FieldType.ADDRESS, {}, "长" * 201, Fault.TOO_LONG),
    (FieldType.ID_NUMBER, {}, "430199196211030020", Violation.WRONG_CHECK_CHARACTER),
    (FieldType.ID_NUMBER, {}, "43019919621103", Violation.WRONG_LENGTH),
    (FieldType.CREDIT_CODE, {}, "91350100M000100Y42", Violation.WRONG_CHECK_CHARACTER),
    (FieldType.MOBILE, {}, "1380013800", Violation.WRONG_LENGTH),
    (FieldType.BANK_CARD, {}, "6200000000000006", Violation.WRONG_CHECK_CHARACTER),
    (FieldType.DATE, {}, "2026-02-29", Fault.NOT_A_DATE),
    (FieldType.DATE, {}, "20260228", Fault.NOT_A_DATE),
    (FieldType.DATE, {}, "2026-2-28", Fault.NOT_A_DATE),
    (FieldType.DATE, {}, "2026-W09-6", Fault.NOT_A_DATE),
    (FieldType.MONTH, {}, "2026-13", Fault.NOT_A_DATE),
    (FieldType.MONTH, {}, "2026", Fault.NOT_A_DATE),
    (FieldType.YEAR, {}, "1899", Fault.NOT_A_DATE),
    (FieldType.YEAR, {}, "2037", Fault.NOT_A_DATE),
    (FieldType.YEAR, {}, "9" * 5000, Fault.NOT_A_DATE),
    (FieldType.YEAR, {}, "２０２６", Fault.NOT_A_DATE),
    (FieldType.INTEGER, {}, "1.5", Fault.NOT_A_NUMBER),
    (FieldType.INTEGER, {}, "sNaN", Fault.NOT_A_NUMBER),
    (FieldType.INTEGER, {}, "1_000", Fault.NOT_A_NUMBER),
    (FieldType.INTEGER, {}, "１２", Fault.NOT_A_NUMBER),
    (FieldType.INTEGER, {}, "1e5", Fault.NOT_A_NUMBER),
    (FieldType.DECIMAL, {}, "Infinity", Fault.NOT_A_NUMBER),
    (FieldType.DECIMAL, {}, "NaN", Fault.NOT_A_NUMBER),
    (FieldType.DECIMAL, {}, "一百", Fault.NOT_A_NUMBER),
    (FieldType.DECIMAL, {}, "1" * 19, Fault.NOT_A_NUMBER),
    (FieldType.INTEGER, {}, "-1", Fault.TOO_SMALL),
    (FieldType.INTEGER, {"min": 2, "max": 5}, "1", Fault.TOO_SMALL),
    (FieldType.INTEGER, {"min": 2, "max": 5}, "6", Fault.TOO_LARGE),
    (FieldType.DECIMAL, {"min": 0, "max": 0.3}, "0.31", Fault.TOO_LARGE),
    (FieldType.BOOLEAN, {}, "是", Fault.NOT_AN_OPTION),
    (FieldType.CODE, {}, "7", Fault.NOT_AN_OPTION),
    (FieldType.ENUM, {}, "丙", Fault.NOT_AN_OPTION),
    (FieldType.ENUM, {}, ["甲"], Fault.NOT_AN_OPTION),
    (FieldType.TEXT, {}, ["甲"], Fault.NOT_AN_OPTION),
    (FieldType.MULTI_ENUM, {}, ["甲", "丁"], Fault.NOT_AN_OPTION),
    (FieldType.MULTI_ENUM, {}, ["甲", "甲"], Fault.NOT_AN_OPTION),
    (FieldType.MULTI_ENUM, {}, "anything", Fault.NOT_AN_OPTION),
]


def test_every_type_that_is_asked_has_its_good_example() -> None:
    asked_elsewhere = {FieldType.TABLE, FieldType.SIGNATURE}
    assert {kind for kind, _ in GOOD} == set(FieldType) - asked_elsewhere


@pytest.mark.parametrize(("kind", "answer"), GOOD, ids=[kind.value for kind, _ in GOOD])
def test_good_answer_has_no_fault(kind: FieldType, answer: Answer) -> None:
    assert find_fault(field(kind), answer, today=TODAY) is None


@pytest.mark.parametrize(
    ("kind", "more", "answer", "fault"),
    BAD,
    ids=[f"{kind.value}-{fault.value}-{str(answer)[:12]!a}" for kind, _, answer, fault in BAD],
)
def test_bad_answer_says_what_is_wrong(
    kind: FieldType, more: dict[str, Any], answer: Answer, fault: Fault | Violation
) -> None:
    assert find_fault(field(kind, **more), answer, today=TODAY) == fault


@pytest.mark.parametrize(
    "name", ["\ue863某", "\U00031350某", "\U0002ebf0某", "湖南省\u3000示例市", "阿依古丽·买买提江"]
)
def test_names_and_addresses_that_cards_hold_are_taken(name: str) -> None:
    """Private use, characters newer than the tables here, a full-width blank."""
    assert find_fault(field(FieldType.TEXT), name, today=TODAY) is None


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("nothing", [None, "", "   ", []])
def test_nothing_is_missing_where_it_is_required(kind: FieldType, nothing: Answer | None) -> None:
    assert find_fault(field(kind), nothing, today=TODAY) is Fault.MISSING
    assert find_fault(field(kind, required=False), nothing, today=TODAY) is None


kinds = st.sampled_from(FieldType)
numbers = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str), st.integers().map(str)
)
texts = st.one_of(st.text(), numbers, st.dates().map(str), st.from_regex(r"[0-9]{1,20}"))
answers = st.one_of(texts, st.lists(texts, max_size=4))


@given(kind=kinds, answer=answers, limit=st.none() | st.integers(1, 10))
@example(kind=FieldType.INTEGER, answer="sNaN123", limit=None)
@example(kind=FieldType.INTEGER, answer="1E999999", limit=None)
def test_no_answer_makes_the_rules_raise(
    kind: FieldType, answer: Answer, limit: int | None
) -> None:
    asked = field(kind, max_length=limit, min=limit, max=limit)
    fault = find_fault(asked, answer, today=TODAY)
    assert fault is None or isinstance(fault, Fault | Violation)


@given(kind=kinds, answer=answers)
def test_a_cleaned_answer_is_judged_the_same_and_stays_clean(
    kind: FieldType, answer: Answer
) -> None:
    asked = field(kind)
    cleaned = clean(asked, answer)
    assert clean(asked, cleaned) == cleaned
    assert find_fault(asked, cleaned, today=TODAY) == find_fault(asked, answer, today=TODAY)


@pytest.mark.parametrize("kind", [FieldType.BOOLEAN, FieldType.CODE, FieldType.ENUM])
def test_every_choice_that_is_offered_is_taken(kind: FieldType) -> None:
    offered = choices_of(field(kind))
    assert offered
    assert all(find_fault(field(kind), value, today=TODAY) is None for value, _ in offered)


FORM = FormDefinition(
    version=1,
    groups=(
        FormGroup(key="a", label="甲", fields=(field(FieldType.MOBILE, key="mobile"),)),
        FormGroup(
            key="b",
            label="乙",
            visible_when="proxy == true",
            fields=(field(FieldType.TEXT, key="agent_name"),),
        ),
        FormGroup(key="c", label="丙", fields=(field(FieldType.SIGNATURE, key="signature"),)),
    ),
)


def test_only_what_is_asked_is_required() -> None:
    good = {"mobile": "13800138000"}
    assert find_faults(FORM, good, {"proxy": False}, today=TODAY) == ()
    missing = FieldFault("agent_name", Fault.MISSING)
    assert find_faults(FORM, good, {"proxy": True}, today=TODAY) == (missing,)


def test_answers_to_questions_that_are_not_asked_are_faults() -> None:
    smuggled = {"mobile": "13800138000", "agent_name": "王测", "signature": "x", "other": "y"}
    faults = find_faults(FORM, smuggled, {"proxy": False}, today=TODAY)
    assert {fault.key for fault in faults} == {"agent_name", "signature", "other"}
    assert {fault.code for fault in faults} == {Fault.UNKNOWN_FIELD}
