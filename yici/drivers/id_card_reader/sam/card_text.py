"""The chip's 256 bytes of text and the person in them: four layouts, both directions.

UTF-16LE, padded with spaces, at fixed places. The character at byte 248 tells the layout.
Sources: GA/T 490-2019 (citizen), the 2018 trial rules for residence permits (J), the 2017 and
2023 layouts of the permanent-residence card (I, Y), as published by reader makers.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from yici.contract.identifiers import check_id_number, find_compact_date
from yici.contract.people import CardKind, Identity, Sex
from yici.drivers.id_card_reader.sam.frames import CodecError

TEXT_SIZE = 256
NEWEST_ADDRESS_SIZE = 70
NO_END = "长期"

_KIND_OFFSET = 248


class _Span(NamedTuple):
    """Where a field or a part of it lies, in bytes."""

    offset: int
    size: int


_Layout = Mapping[str, tuple[_Span, ...]]

_CITIZEN: _Layout = {
    "name": (_Span(0, 30),),
    "sex": (_Span(30, 2),),
    "nation_code": (_Span(32, 4),),
    "birth_date": (_Span(36, 16),),
    "address": (_Span(52, 70),),
    "id_number": (_Span(122, 36),),
    "issuer": (_Span(158, 30),),
    "valid_from": (_Span(188, 16),),
    "valid_to": (_Span(204, 16),),
}

_LAYOUTS: Mapping[CardKind, _Layout] = {
    CardKind.CITIZEN: _CITIZEN,
    CardKind.RESIDENCE_PERMIT: {k: v for k, v in _CITIZEN.items() if k != "nation_code"},
    CardKind.PERMANENT_RESIDENCE_2017: {
        "name_latin": (_Span(0, 120),),
        "sex": (_Span(120, 2),),
        "id_number": (_Span(122, 30),),
        "nationality": (_Span(152, 6),),
        "name": (_Span(158, 30),),
        "valid_from": (_Span(188, 16),),
        "valid_to": (_Span(204, 16),),
        "birth_date": (_Span(220, 16),),
    },
    CardKind.PERMANENT_RESIDENCE_2023: {
        "name": (_Span(0, 30),),
        "sex": (_Span(30, 2),),
        "birth_date": (_Span(36, 16),),
        "name_latin": (_Span(52, 70), _Span(220, 22)),
        "id_number": (_Span(122, 36),),
        "valid_from": (_Span(188, 16),),
        "valid_to": (_Span(204, 16),),
        "nationality": (_Span(242, 6),),
    },
}

# what a card states beside the person; an Identity has no place for it
_EXTRAS: Mapping[CardKind, Mapping[str, _Span]] = {
    CardKind.CITIZEN: {},
    CardKind.RESIDENCE_PERMIT: {"pass_number": _Span(220, 18), "issue_count": _Span(238, 4)},
    CardKind.PERMANENT_RESIDENCE_2017: {"version": _Span(236, 4), "authority": _Span(240, 8)},
    CardKind.PERMANENT_RESIDENCE_2023: {
        "renewals": _Span(32, 4),
        "previous_number": _Span(250, 6),
    },
}

_KIND_OF_MARK = {
    "J": CardKind.RESIDENCE_PERMIT,
    "I": CardKind.PERMANENT_RESIDENCE_2017,
    "Y": CardKind.PERMANENT_RESIDENCE_2023,
}

# what a card carries beside the person, for cards that we make ourselves
_FILLING: Mapping[CardKind, Mapping[int, str]] = {
    CardKind.CITIZEN: {},
    CardKind.RESIDENCE_PERMIT: {238: "01"},  # issue count
    CardKind.PERMANENT_RESIDENCE_2017: {236: "01", 240: "1500"},  # version, authority
    CardKind.PERMANENT_RESIDENCE_2023: {32: "00"},  # renewals
}

# not on this chip, but always the same; the 2017 card had two issuers over the years
_ISSUER = {CardKind.PERMANENT_RESIDENCE_2023: "国家移民管理局"}


class CardTextError(CodecError):
    """Not a card's text, or an identity that no card could hold."""


def decode_card_text(text: bytes) -> Identity:
    """The person in `text` (256 bytes).

    A field that can't be what it should be is kept or left out, and named in `manual_check`:
    the person is served and a clerk compares. An unknown nation's code is kept.
    Raises CardTextError for another size, or without a number or a name.
    """
    if len(text) != TEXT_SIZE:
        raise CardTextError(f"a card's text has {TEXT_SIZE} bytes, not {len(text)}")
    kind = _kind_of(text)
    fields = {
        name: _decode(b"".join(text[s.offset : s.offset + s.size] for s in spans))
        for name, spans in _LAYOUTS[kind].items()
    }
    if not fields["name"]:
        fields["name"] = fields.get("name_latin", "")
    if not fields["name"] or not fields["id_number"]:
        raise CardTextError("a card's text has a name and a number")
    return _identity(kind, fields)


def decode_extras(text: bytes) -> dict[str, str]:
    """What the card in `text` (256 bytes) states beside the person, as it is written there.

    `pass_number`, `issue_count` (J); `version`, `authority` (I); `renewals`, `previous_number`
    (Y: the part of the number that links to an older card). Empty fields are left out.
    Raises CardTextError for another size.
    """
    if len(text) != TEXT_SIZE:
        raise CardTextError(f"a card's text has {TEXT_SIZE} bytes, not {len(text)}")
    spans = _EXTRAS[_kind_of(text)]
    found = {name: _decode(text[s.offset : s.offset + s.size]) for name, s in spans.items()}
    return {name: value for name, value in found.items() if value}


def decode_newest_address(data: bytes) -> str:
    """The address item that was added to the chip after the card was made (70 bytes).

    Raises CardTextError for an odd number of bytes.
    """
    if len(data) % 2:
        raise CardTextError("UTF-16 comes in pairs of bytes")
    return _decode(data)


def needs_manual_check(text: str) -> bool:
    """Whether a clerk has to compare: private-use, broken or invisible characters.

    Characters that are only newer than our Unicode tables are not among them.
    """
    return any(_is_doubtful(c) for c in text)


def _is_doubtful(character: str) -> bool:
    code = ord(character)
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    is_doubtful_kind = unicodedata.category(character) in ("Co", "Cs", "Cc", "Cf")
    return is_noncharacter or is_doubtful_kind or character == "\ufffd"


def encode_card_text(identity: Identity) -> bytes:
    """The 256 bytes of a card that states `identity`.

    Raises CardTextError when a field is longer than its place.
    """
    fields = _fields(identity)
    card = bytearray(" ".encode("utf-16-le") * (TEXT_SIZE // 2))
    for name, spans in _LAYOUTS[identity.kind].items():
        room = sum(span.size for span in spans)
        padded = _encode(name, fields[name], size=room)
        for span in spans:
            card[span.offset : span.offset + span.size] = padded[: span.size]
            padded = padded[span.size :]
    mark = {kind: m for m, kind in _KIND_OF_MARK.items()}.get(identity.kind, " ")
    for offset, filling in (*_FILLING[identity.kind].items(), (_KIND_OFFSET, mark)):
        encoded = filling.encode("utf-16-le")
        card[offset : offset + len(encoded)] = encoded
    return bytes(card)


def encode_newest_address(address: str) -> bytes:
    """70 bytes. Raises CardTextError when the address is longer."""
    return _encode("newest_address", address, size=NEWEST_ADDRESS_SIZE)


def _kind_of(text: bytes) -> CardKind:
    mark = _decode(text[_KIND_OFFSET : _KIND_OFFSET + 2])
    return _KIND_OF_MARK.get(mark, CardKind.CITIZEN)


def _identity(kind: CardKind, fields: Mapping[str, str]) -> Identity:
    manual_check = {name for name, value in fields.items() if needs_manual_check(value)}
    dates: dict[str, date | None] = {}
    for name in ("birth_date", "valid_from", "valid_to"):
        dates[name] = find_compact_date(fields[name])
        if dates[name] is None and not (name == "valid_to" and fields[name] == NO_END):
            manual_check.add(name)
    sex = Sex.UNKNOWN
    if fields["sex"] in set(Sex):
        sex = Sex(fields["sex"])
    else:
        manual_check.add("sex")
    # the last day of the calendar: whether a birth lies in the future is not the codec's question
    if check_id_number(fields["id_number"], today=date.max) is not None:
        manual_check.add("id_number")
    return Identity(
        kind=kind,
        name=fields["name"],
        name_latin=fields.get("name_latin", ""),
        sex=sex,
        nation_code=fields.get("nation_code", ""),
        nationality=fields.get("nationality", ""),
        birth_date=dates["birth_date"],
        address=fields.get("address", ""),
        id_number=fields["id_number"],
        issuer=fields.get("issuer", _ISSUER.get(kind, "")),
        valid_from=dates["valid_from"],
        valid_to=dates["valid_to"],
        manual_check=frozenset(manual_check),
    )


def _fields(identity: Identity) -> dict[str, str]:
    stands_in = "name_latin" in _LAYOUTS[identity.kind] and identity.name == identity.name_latin
    return {
        "name": "" if stands_in else identity.name,
        "name_latin": identity.name_latin,
        "sex": identity.sex.value,
        "nation_code": identity.nation_code,
        "nationality": identity.nationality,
        "birth_date": _compact(identity.birth_date, "birth_date", identity),
        "address": identity.address,
        "id_number": identity.id_number,
        "issuer": identity.issuer,
        "valid_from": _compact(identity.valid_from, "valid_from", identity),
        "valid_to": _compact(identity.valid_to, "valid_to", identity) or NO_END,
    }


def _compact(day: date | None, name: str, identity: Identity) -> str:
    if day is not None:
        return f"{day.year:04}{day.month:02}{day.day:02}"
    # an end that could not be read must not turn into "no end"
    return "?" if name in identity.manual_check else ""


def _decode(data: bytes) -> str:
    """Every code unit is kept; padding is not part of the field."""
    text = data.decode("utf-16-le", "surrogatepass").rstrip(" \0")
    return "".join(_without_surrogate(c) for c in text)


def _without_surrogate(character: str) -> str:
    """A lone surrogate can't be stored or sent: keep its value in private-use plane 16."""
    code = ord(character)
    return chr(code + 0x100000) if 0xD800 <= code <= 0xDFFF else character


def _encode(name: str, value: str, *, size: int) -> bytes:
    encoded = value.encode("utf-16-le", "surrogatepass")
    if len(encoded) > size:
        raise CardTextError(f"{name} has room for {size // 2} characters")
    return encoded + " ".encode("utf-16-le") * ((size - len(encoded)) // 2)
