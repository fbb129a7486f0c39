"""What may be typed into a field of each kind, checked while it is being typed.

A kind is what a field calls its `inputKind`. The rules only keep out what can't become right;
whether the finished text is right is the form's business.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum


class InputKind(StrEnum):
    """Which keys a field needs."""

    PINYIN = "pinyin"  # Chinese text
    NAME = "name"  # a person's name, in Chinese
    LATIN = "latin"
    NUMBER = "number"
    ID_NUMBER = "id_number"  # 18 characters, GB 11643
    MOBILE = "mobile"  # 11 digits
    CODE = "code"  # Crockford base 32: no I, L, O, U
    DATE = "date"  # becomes YYYY-MM-DD
    NONE = "none"  # no keyboard


ID_NUMBER_LENGTH = 18
MOBILE_LENGTH = 11
DATE_LENGTH = 10
DATE_SEPARATOR = "-"

_BEGINNINGS: dict[InputKind, re.Pattern[str]] = {
    InputKind.NUMBER: re.compile(r"[0-9]*(\.[0-9]*)?"),
    InputKind.ID_NUMBER: re.compile(r"[0-9]{0,17}|[0-9]{17}[0-9X]"),
    InputKind.MOBILE: re.compile(r"(1[0-9]{0,10})?"),
    InputKind.CODE: re.compile(r"[0-9A-HJKMNP-TV-Z]*"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a text of fixed length has come, in characters."""

    typed: int
    total: int


def find_kind(name: object) -> InputKind:
    """The kind a field names; NONE for fields that name none or an unknown one."""
    try:
        return InputKind(str(name))
    except ValueError:
        return InputKind.NONE


def can_begin(kind: InputKind, text: str) -> bool:
    """Whether a right text of this kind can begin so."""
    if kind is InputKind.DATE:
        return _can_begin_date(text)
    pattern = _BEGINNINGS.get(kind)
    return pattern is None or pattern.fullmatch(text) is not None


def _can_begin_date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{0,4}|[0-9]{4}-[0-9]{0,2}|[0-9]{4}-[0-9]{2}-[0-9]{0,2}", text):
        return False
    year, month, day = text[:4], text[5:7], text[8:]
    if not any(century.startswith(year[:2]) for century in ("19", "20")):
        return False
    if month and not _within(month, 12):
        return False
    return not day or _within(day, monthrange(int(year), int(month))[1])


def _within(digits: str, most: int) -> bool:
    """Whether one or two digits can become a number from 1 to `most`."""
    if len(digits) == 1:
        return int(digits) * 10 <= most
    return 1 <= int(digits) <= most


def inserted_text(kind: InputKind, before: str, typed: str) -> str:
    """What a key puts in after `before`: dates get their separators by themselves."""
    if kind is InputKind.DATE and len(before) in (4, 7):
        return DATE_SEPARATOR + typed
    return typed


def find_progress(kind: InputKind, text: str) -> Progress | None:
    """How many characters are typed of how many; None for kinds without a fixed length."""
    total = {
        InputKind.ID_NUMBER: ID_NUMBER_LENGTH,
        InputKind.MOBILE: MOBILE_LENGTH,
        InputKind.DATE: DATE_LENGTH - 2,
    }.get(kind)
    if total is None:
        return None
    return Progress(len(text.replace(DATE_SEPARATOR, "")), total)
