"""The two files that a social-security card shows to everybody: records ↔ who holds it; pure.

A record is tag, length, value. Text is GB 18030, filled up with zeros or spaces; numbers (`cn` in
LD/T 32.3) are two digits a byte, filled up with F. A name longer than its 30 bytes goes on in a
record of its own, which may begin in the middle of a character.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from typing import Final

from yici.contract.identifiers import find_compact_date, personal_check_character
from yici.contract.people import Assurance, Identity, Sex
from yici.drivers.social_security_card_reader.pcsc.apdu import CodecError

ISSUER_FILE: Final = 0xEF05
HOLDER_FILE: Final = 0xEF06
NAME_BYTES: Final = 30
NAME_EXTENSION_BYTES: Final = 20


class Tag(IntEnum):
    """The records that are asked for."""

    CARD_NUMBER = 0x07
    SOCIAL_SECURITY_NUMBER = 0x08  # 公民身份号码 for citizens
    NAME = 0x09
    NAME_EXTENSION = 0x4E
    SEX = 0x0A  # GB/T 2261.1, one digit as text
    NATION = 0x0B  # GB/T 3304
    BIRTHPLACE = 0x0C  # GB/T 2260
    BIRTH_DATE = 0x0D


# what may be missing on a card that can still be read
OPTIONAL: Final = frozenset(Tag) - {Tag.SOCIAL_SECURITY_NUMBER, Tag.NAME}
HOLDER_TAGS: Final = (
    Tag.SOCIAL_SECURITY_NUMBER,
    Tag.NAME,
    Tag.NAME_EXTENSION,
    Tag.SEX,
    Tag.NATION,
    Tag.BIRTH_DATE,
)

_NUMBER = re.compile(r"[0-9A-Z]{4,18}")


def decode_record(record: bytes) -> tuple[int, bytes]:
    """Tag and value; bytes behind the value are filling. Raises CodecError."""
    if len(record) < 2 or len(record) < 2 + record[1]:
        raise CodecError("a record that ends before its value")
    return record[0], record[2 : 2 + record[1]]


def encode_record(tag: int, value: bytes) -> bytes:
    """Raises CodecError for a value that is too long."""
    if len(value) > 0xFF:
        raise CodecError(f"a value of {len(value)} bytes")
    return bytes([tag, len(value)]) + value


def decode_holder(records: Mapping[int, bytes]) -> Identity:
    """Who holds the card, from the values of the holder's file.

    What can't be right is named in `manual_check`. Raises CodecError without a name and a number.
    """
    number = _text(records.get(Tag.SOCIAL_SECURITY_NUMBER, b"")).upper()
    name = _text(records.get(Tag.NAME, b"")[:NAME_BYTES] + records.get(Tag.NAME_EXTENSION, b""))
    if not name or not _NUMBER.fullmatch(number):
        raise CodecError("no name or no number")
    birth_date = find_compact_date(_digits(records.get(Tag.BIRTH_DATE, b"")))
    return Identity(
        assurance=Assurance.SOCIAL_SECURITY_CARD,
        name=name,
        sex=_sex(_text(records.get(Tag.SEX, b""))),
        nation_code=_digits(records.get(Tag.NATION, b"")),
        birth_date=birth_date,
        id_number=number,
        manual_check=_doubts(name, number, birth_date),
    )


def encode_holder(identity: Identity, *, birthplace: str = "430199") -> dict[int, bytes]:
    """What a card of this person holds. Raises CodecError for a name that no card can hold."""
    name = identity.name.encode("gb18030")
    if len(name) > NAME_BYTES + NAME_EXTENSION_BYTES:
        raise CodecError(f"a name of {len(name)} bytes")
    born = f"{identity.birth_date:%Y%m%d}" if identity.birth_date else "F" * 8
    records: dict[int, bytes] = {
        Tag.SOCIAL_SECURITY_NUMBER: identity.id_number.encode("ascii"),
        Tag.NAME: name[:NAME_BYTES].ljust(NAME_BYTES, b"\0"),
        Tag.SEX: identity.sex.value.encode("ascii"),
        Tag.NATION: bytes.fromhex(identity.nation_code or "FF"),
        Tag.BIRTHPLACE: bytes.fromhex(birthplace),
        Tag.BIRTH_DATE: bytes.fromhex(born),
    }
    if len(name) > NAME_BYTES:
        records[Tag.NAME_EXTENSION] = name[NAME_BYTES:].ljust(NAME_EXTENSION_BYTES, b"\0")
    return records


def _text(value: bytes) -> str:
    return value.decode("gb18030", errors="replace").strip("\0 \u3000")


def _digits(value: bytes) -> str:
    digits = value.hex().rstrip("f")
    return digits if digits.isdigit() else ""


def _sex(text: str) -> Sex:
    return Sex(text) if text in set(Sex) else Sex.NOT_STATED


def _doubts(name: str, number: str, birth_date: date | None) -> frozenset[str]:
    doubts = set()
    if any(_is_doubtful(character) for character in name):
        doubts.add("name")
    # foreigners' numbers have other forms, which nobody can check by their digits
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) and not _is_consistent(number):
        doubts.add("id_number")
    if birth_date is None:
        doubts.add("birth_date")
    return frozenset(doubts)


def _is_consistent(number: str) -> bool:
    return personal_check_character(number[:17]) == number[17]


def _is_doubtful(character: str) -> bool:
    """Private use, broken or invisible: a clerk has to compare."""
    kinds = ("Co", "Cs", "Cc", "Cf", "Cn")
    return character == "\ufffd" or unicodedata.category(character) in kinds
