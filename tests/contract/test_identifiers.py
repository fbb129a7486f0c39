"""Numbers against published samples, and every single mistyped character."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract import identifiers
from yici.contract.identifiers import Violation
from yici.contract.people import Sex

TODAY = date(2025, 6, 1)

CITIZENS = ["11010519491231002X", "440524188001010014", "34052419800101001X"]
PERMITS = ["810000199408230021", "830000199201300022"]
FOREIGNERS = ["932682198501010017", "911124198108030024", "931586198001010028"]
CREDIT_CODES = [
    "91350100M000100Y43",
    "91440300708461136T",
    "91110108551385082Q",
    "91110000600037341L",
]


def with_check(first_17: str) -> str:
    return first_17 + identifiers.personal_check_character(first_17)


@pytest.mark.parametrize("number", CITIZENS)
def test_published_citizen_numbers_are_right(number: str) -> None:
    assert identifiers.check_citizen_number(number, today=TODAY) is None
    assert identifiers.check_id_number(number, today=TODAY) is None


@pytest.mark.parametrize("number", PERMITS)
def test_published_permit_numbers_are_right(number: str) -> None:
    assert identifiers.check_residence_permit_number(number, today=TODAY) is None
    assert identifiers.check_id_number(number, today=TODAY) is None


@pytest.mark.parametrize("number", [*FOREIGNERS, "CAN110081080310"])
def test_published_permanent_residence_numbers_are_right(number: str) -> None:
    assert identifiers.check_permanent_residence_number(number, today=TODAY) is None
    assert identifiers.check_id_number(number, today=TODAY) is None


@pytest.mark.parametrize(
    ("number", "violation"),
    [
        ("", Violation.EMPTY),
        ("110105194912310021", Violation.WRONG_CHECK_CHARACTER),
        ("11010519491231002x", Violation.WRONG_CHARACTER),  # not normalised
        ("1101051949X2310021", Violation.WRONG_CHARACTER),
        ("11010519491231002٣", Violation.WRONG_CHARACTER),  # an Arabic digit
        ("110105491231002", Violation.WRONG_LENGTH),  # the 15-digit number, withdrawn in 2013
        ("11010519491231002XX", Violation.WRONG_CHARACTER),
        (with_check("11010519491331002"), Violation.NO_SUCH_DATE),
        (with_check("11010520230229002"), Violation.NO_SUCH_DATE),
        (with_check("11010500000101002"), Violation.NO_SUCH_DATE),
        (with_check("11010520250602002"), Violation.DATE_IN_FUTURE),
        (with_check("01010519491231002"), Violation.WRONG_BEGINNING),
        ("810000199408230021", Violation.WRONG_BEGINNING),
    ],
)
def test_wrong_citizen_number_says_what_is_wrong(number: str, violation: Violation) -> None:
    assert identifiers.check_citizen_number(number, today=TODAY) is violation


def test_born_today_is_no_future() -> None:
    number = with_check("11010520250601002")
    assert identifiers.check_citizen_number(number, today=TODAY) is None


@pytest.mark.parametrize(
    ("number", "violation"),
    [
        (with_check("81010519940823002"), Violation.WRONG_BEGINNING),
        (with_check("71000019940823002"), Violation.WRONG_BEGINNING),
        ("810000199408230022", Violation.WRONG_CHECK_CHARACTER),
        ("CA1110081080310", Violation.WRONG_CHARACTER),
        ("CAN11008108031X", Violation.WRONG_CHARACTER),
        ("CAN1100810803", Violation.WRONG_LENGTH),
        ("911124198108030025", Violation.WRONG_CHECK_CHARACTER),
        ("", Violation.EMPTY),
    ],
)
def test_wrong_number_of_any_kind(number: str, violation: Violation) -> None:
    assert identifiers.check_id_number(number, today=TODAY) is violation


dates = st.dates(min_value=date(1880, 1, 1), max_value=TODAY)
regions = st.integers(110000, 659999).map(str)


@given(region=regions, birth=dates, sequence=st.integers(0, 999))
def test_numbers_made_by_the_standard_are_right_and_say_who(
    region: str, birth: date, sequence: int
) -> None:
    number = with_check(f"{region}{birth:%Y%m%d}{sequence:03}")
    assert identifiers.check_citizen_number(number, today=TODAY) is None
    assert identifiers.find_birth_date(number) == birth
    assert identifiers.find_sex(number) is (Sex.MALE if sequence % 2 else Sex.FEMALE)


@given(
    number=st.sampled_from(CITIZENS + PERMITS + FOREIGNERS),
    position=st.integers(0, 17),
    digit=st.sampled_from("0123456789X"),
)
def test_one_mistyped_digit_is_found(number: str, position: int, digit: str) -> None:
    mistyped = number[:position] + digit + number[position + 1 :]
    found = identifiers.check_id_number(mistyped, today=TODAY)
    assert (found is None) == (mistyped == number)


@given(number=st.sampled_from(CITIZENS + PERMITS + FOREIGNERS), position=st.integers(0, 16))
def test_two_swapped_neighbours_are_found(number: str, position: int) -> None:
    first, second = number[position], number[position + 1]
    swapped = number[:position] + second + first + number[position + 2 :]
    found = identifiers.check_id_number(swapped, today=TODAY)
    assert (found is None) == (swapped == number)


@given(ahead=st.integers(1, 300_000))
def test_birth_in_the_future_is_refused(ahead: int) -> None:
    number = with_check(f"110105{TODAY + timedelta(days=ahead):%Y%m%d}001")
    found = identifiers.check_citizen_number(number, today=TODAY)
    assert found is Violation.DATE_IN_FUTURE


@pytest.mark.parametrize("number", ["", "1", "CAN110081080310", "11010520230229002X"])
def test_number_without_a_birth_date_tells_none(number: str) -> None:
    assert identifiers.find_birth_date(number) is None


@pytest.mark.parametrize("code", [*CREDIT_CODES, "N2110105MF0000010R"])
def test_published_credit_codes_are_right(code: str) -> None:
    assert identifiers.check_credit_code(code) is None


@pytest.mark.parametrize("registrar", "123456789ANY")
def test_credit_codes_of_every_registrar(registrar: str) -> None:
    first_16 = f"{registrar}1430181MA4L0000"
    first_17 = first_16 + identifiers.organisation_check_character(first_16[8:])
    code = first_17 + identifiers.credit_check_character(first_17)
    assert identifiers.check_credit_code(code) is None


@pytest.mark.parametrize(
    ("code", "violation"),
    [
        ("", Violation.EMPTY),
        ("91350100M000100Y42", Violation.WRONG_CHECK_CHARACTER),
        ("91350100M000100Y4", Violation.WRONG_LENGTH),
        ("91350100MO00100Y43", Violation.WRONG_CHARACTER),
        ("913501A0M000100Y43", Violation.WRONG_CHARACTER),
        ("B1350100M000100Y43", Violation.WRONG_BEGINNING),
        ("91350100m000100y43", Violation.WRONG_CHARACTER),  # not normalised
    ],
)
def test_wrong_credit_code_says_what_is_wrong(code: str, violation: Violation) -> None:
    assert identifiers.check_credit_code(code) is violation


def test_credit_code_with_a_wrong_organisation_code_inside() -> None:
    first_17 = "91350100M000100Y5"
    code = first_17 + identifiers.credit_check_character(first_17)
    assert identifiers.check_credit_code(code) is Violation.WRONG_ORGANISATION_CODE


@given(
    code=st.sampled_from(CREDIT_CODES),
    position=st.integers(0, 17),
    character=st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
def test_one_mistyped_character_of_a_credit_code_is_found(
    code: str, position: int, character: str
) -> None:
    mistyped = code[:position] + character + code[position + 1 :]
    assert (identifiers.check_credit_code(mistyped) is None) == (mistyped == code)


@pytest.mark.parametrize(
    ("number", "violation"),
    [
        ("13800138000", None),
        ("19912345678", None),
        ("+8613800138000", None),
        ("008613800138000", None),
        ("", Violation.EMPTY),
        ("12800138000", Violation.WRONG_BEGINNING),
        ("23800138000", Violation.WRONG_BEGINNING),
        ("1380013800", Violation.WRONG_LENGTH),
        ("1380013800O", Violation.WRONG_CHARACTER),
        ("+85212345678", Violation.WRONG_CHARACTER),
    ],
)
def test_mobile_numbers(number: str, violation: Violation | None) -> None:
    assert identifiers.check_mobile(number) is violation


@pytest.mark.parametrize(
    "typed", ["138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "8613800138000"]
)
def test_mobile_numbers_lose_the_country_code(typed: str) -> None:
    assert identifiers.normalise_mobile(typed) == "13800138000"


@pytest.mark.parametrize("typed", ["+85212345678", "86138001380", ""])
def test_what_is_no_mobile_number_stays_wrong(typed: str) -> None:
    assert identifiers.check_mobile(identifiers.normalise_mobile(typed)) is not None


@pytest.mark.parametrize(
    ("number", "violation"),
    [
        ("4111111111111111", None),
        ("6200000000000005", None),
        ("", Violation.EMPTY),
        ("4111111111111112", Violation.WRONG_CHECK_CHARACTER),
        ("411111111111116", Violation.WRONG_LENGTH),
        ("4111x11111111111", Violation.WRONG_CHARACTER),
    ],
)
def test_bank_cards(number: str, violation: Violation | None) -> None:
    assert identifiers.check_bank_card(number) is violation


@given(
    body=st.text("0123456789", min_size=15, max_size=18),
    position=st.integers(0, 17),
    digit=st.sampled_from("0123456789"),
)
def test_one_mistyped_digit_of_a_bank_card_is_found(body: str, position: int, digit: str) -> None:
    number = body + identifiers.luhn_check_digit(body)
    assert identifiers.check_bank_card(number) is None
    position %= len(number)
    mistyped = number[:position] + digit + number[position + 1 :]
    assert (identifiers.check_bank_card(mistyped) is None) == (mistyped == number)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" 110105 19491231 002x ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("11010519491231002×", "11010519491231002X"),
        ("11010519491231002Х", "11010519491231002X"),  # Cyrillic
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("\u200b91350100m000100y43\n", "91350100M000100Y43"),
    ],
)
def test_typed_numbers_are_normalised(typed: str, normal: str) -> None:
    assert identifiers.normalise(typed) == normal


@given(st.text())
def test_any_text_is_answered_and_normalising_twice_changes_nothing(text: str) -> None:
    normal = identifiers.normalise(text)
    assert identifiers.normalise(normal) == normal
    for candidate in (text, normal):
        identifiers.check_id_number(candidate, today=TODAY)
        identifiers.check_credit_code(candidate)
        identifiers.check_mobile(candidate)
        identifiers.check_bank_card(candidate)
        identifiers.find_birth_date(candidate)
        identifiers.find_sex(candidate)
