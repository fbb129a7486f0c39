"""Checks of the numbers that residents bring: identity, organisation, telephone, bank card.

Every `check_…` takes a text as `normalise` returns it and answers with the first thing that is
wrong, or None; screens turn the Violation into a sentence. A region code is never a reason to
refuse: old cards carry codes of counties that no longer exist.

Sources: GB 11643-1999 (citizen number), GB 32100-2015 (unified social credit code), GB 11714-1997
(organisation code), ISO/IEC 7812-1 (bank card).
"""

import unicodedata
from datetime import date, datetime
from enum import StrEnum

from yici.contract.people import Sex


class Violation(StrEnum):
    """The first thing that is wrong with a number."""

    EMPTY = "empty"
    WRONG_CHARACTER = "wrong_character"  # a character that can't stand there
    WRONG_LENGTH = "wrong_length"
    WRONG_BEGINNING = "wrong_beginning"  # no number of this kind begins so
    NO_SUCH_DATE = "no_such_date"  # the birth date inside is not in the calendar
    DATE_IN_FUTURE = "date_in_future"
    WRONG_CHECK_CHARACTER = "wrong_check_character"  # most often one mistyped or swapped digit
    WRONG_ORGANISATION_CODE = "wrong_organisation_code"  # the code inside a credit code


# what people and recognisers write for the check character X
_LOOKS_LIKE_X = str.maketrans({"×": "X", "Х": "X", "х": "X"})  # multiplication sign, Cyrillic
_SEPARATORS = frozenset("-‐‑‒–—−·.")

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def normalise(text: str) -> str:
    """Full-width to half-width, capital letters, no spaces and separators; never fails."""
    # character by character: what a separator kept apart must not compose when it is gone
    return "".join(_normalise_character(c) for c in text)


def _normalise_character(character: str) -> str:
    folded = unicodedata.normalize("NFKD", character).translate(_LOOKS_LIKE_X).upper()
    return "".join(c for c in folded if c not in _SEPARATORS and c.isprintable() and c != " ")


def check_id_number(text: str, *, today: date) -> Violation | None:
    """Any of the numbers that an ID-card reader reads, told apart by how they begin."""
    if text[:1] in _LETTERS:
        return check_permanent_residence_number(text, today=today)
    if text[:1] == "9":
        return check_permanent_residence_number(text, today=today)
    if text[:1] in {"7", "8"}:
        return check_residence_permit_number(text, today=today)
    return check_citizen_number(text, today=today)


def check_citizen_number(text: str, *, today: date) -> Violation | None:
    """居民身份证号码, 18 characters."""
    return _check_personal_number(text, beginnings=("1", "2", "3", "4", "5", "6"), today=today)


def check_residence_permit_number(text: str, *, today: date) -> Violation | None:
    """港澳台居民居住证 number, 18 characters."""
    return _check_personal_number(text, beginnings=("810000", "820000", "830000"), today=today)


def check_permanent_residence_number(text: str, *, today: date) -> Violation | None:
    """外国人永久居留身份证 number: 18 characters since 2023; before, 3 letters and 12 digits.

    The inside of the old number is not checked: no source for its check digit was found.
    """
    if text[:1] in _LETTERS:
        return _check_old_permanent_residence_number(text)
    return _check_personal_number(text, beginnings=("9",), today=today)


def find_birth_date(id_number: str) -> date | None:
    """The birth date inside an 18-character number; None where there is none."""
    if len(id_number) != 18:
        return None
    return find_compact_date(id_number[6:14])


def find_sex(id_number: str) -> Sex | None:
    """The sex that an 18-character number states by its 17th digit: odd is male.

    A card's own sex field goes before it.
    """
    if len(id_number) != 18 or id_number[16] not in _DIGITS:
        return None
    return Sex.MALE if int(id_number[16]) % 2 else Sex.FEMALE


def personal_check_character(first_17_digits: str) -> str:
    """ISO 7064 MOD 11-2 of GB 11643."""
    total = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(first_17_digits))
    return "10X98765432"[total % 11]


def _check_personal_number(
    text: str, *, beginnings: tuple[str, ...], today: date
) -> Violation | None:
    """The form that citizens, permits and the 2023 permanent residence share."""
    shape = _check_shape(text, allowed=_DIGITS, allowed_last=_DIGITS | {"X"}, lengths=(18,))
    if shape is not None:
        return shape
    if not text.startswith(beginnings):
        return Violation.WRONG_BEGINNING
    birth_date = find_compact_date(text[6:14])
    if birth_date is None:
        return Violation.NO_SUCH_DATE
    if birth_date > today:
        return Violation.DATE_IN_FUTURE
    if personal_check_character(text[:17]) != text[17]:
        return Violation.WRONG_CHECK_CHARACTER
    return None


def _check_old_permanent_residence_number(text: str) -> Violation | None:
    if set(text[:3]) - _LETTERS or set(text[3:]) - _DIGITS:
        return Violation.WRONG_CHARACTER
    return None if len(text) == 15 else Violation.WRONG_LENGTH


_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
# 1 编制 2 外交 3 司法 4 文化 5 民政 6 旅游 7 宗教 8 工会 9 市场监管 A 军队 N 农业 Y 其他
_REGISTRARS = frozenset("123456789ANY")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_credit_code(text: str) -> Violation | None:
    """统一社会信用代码, 18 characters, including those of village collectives (N…)."""
    allowed = frozenset(_CREDIT_ALPHABET)
    shape = _check_shape(text, allowed=allowed, allowed_last=allowed, lengths=(18,))
    if shape is not None:
        return shape
    if text[0] not in _REGISTRARS:
        return Violation.WRONG_BEGINNING
    if set(text[2:8]) - _DIGITS:
        return Violation.WRONG_CHARACTER
    if credit_check_character(text[:17]) != text[17]:
        return Violation.WRONG_CHECK_CHARACTER
    # the one collective's code that could be found (N…) does not hold this inner check
    if text[0] in _DIGITS and organisation_check_character(text[8:16]) != text[16]:
        return Violation.WRONG_ORGANISATION_CODE
    return None


def credit_check_character(first_17_characters: str) -> str:
    """GB 32100: powers of 3 modulo 31; the characters must be of its alphabet."""
    total = sum(
        _CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first_17_characters)
    )
    return _CREDIT_ALPHABET[-total % 31]


def organisation_check_character(first_8_characters: str) -> str:
    """GB 11714: A is 10 … Z is 35; X stands for ten."""
    weighted = zip(first_8_characters, _ORGANISATION_WEIGHTS, strict=True)
    total = sum(int(c, 36) * weight for c, weight in weighted)
    return "0123456789X"[-total % 11]


def check_mobile(text: str) -> Violation | None:
    """A mobile number of the Chinese mainland: 11 digits, `+86` or `0086` may stand before."""
    number = text.removeprefix("+86").removeprefix("0086")
    shape = _check_shape(number, allowed=_DIGITS, allowed_last=_DIGITS, lengths=(11,))
    if shape is not None:
        return shape
    return None if number[0] == "1" and number[1] in "3456789" else Violation.WRONG_BEGINNING


def normalise_mobile(text: str) -> str:
    """As `normalise`, and without the country code: the 11 digits to store and to dial."""
    number = normalise(text).removeprefix("+").removeprefix("00")
    return number[2:] if len(number) == 13 and number.startswith("86") else number


def check_bank_card(text: str) -> Violation | None:
    """A bank card's number: 16 to 19 digits with the Luhn check digit."""
    shape = _check_shape(text, allowed=_DIGITS, allowed_last=_DIGITS, lengths=range(16, 20))
    if shape is not None:
        return shape
    return None if luhn_check_digit(text[:-1]) == text[-1] else Violation.WRONG_CHECK_CHARACTER


def luhn_check_digit(digits: str) -> str:
    """ISO/IEC 7812-1 annex B; every second digit from the right counts double."""
    total = 0
    for position, c in enumerate(reversed(digits)):
        value = int(c) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _check_shape(
    text: str,
    *,
    allowed: frozenset[str],
    allowed_last: frozenset[str],
    lengths: tuple[int, ...] | range,
) -> Violation | None:
    """Characters before length: a letter in the middle is the better hint."""
    if not text:
        return Violation.EMPTY
    if set(text[:-1]) - allowed or text[-1] not in allowed_last:
        return Violation.WRONG_CHARACTER
    return None if len(text) in lengths else Violation.WRONG_LENGTH


def find_compact_date(yyyymmdd: str) -> date | None:
    """The calendar date written as eight digits; None for anything else."""
    if len(yyyymmdd) != 8 or set(yyyymmdd) - _DIGITS:
        return None
    try:
        return datetime.strptime(yyyymmdd, "%Y%m%d").date()  # noqa: DTZ007 - a calendar date has no zone
    except ValueError:
        return None
