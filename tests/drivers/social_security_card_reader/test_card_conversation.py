"""Bytes to and from the card: published ones, made ones, and any."""

from datetime import date
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yici.contract.people import Assurance, Identity, Sex
from yici.drivers.social_security_card_reader import SscPresence
from yici.drivers.social_security_card_reader.pcsc.apdu import (
    CodecError,
    decode_response,
    exchange,
    read_record_by_number,
    read_record_by_tag,
    select_application,
    select_file,
)
from yici.drivers.social_security_card_reader.pcsc.card_files import (
    HOLDER_FILE,
    Tag,
    decode_holder,
    decode_record,
    encode_holder,
)
from yici.drivers.social_security_card_reader.pcsc.reading import read_holder
from yici.drivers.social_security_card_reader.pcsc.virtual_card import CardManner, card_of

MOST_TRANSMISSIONS = 45
NAMES = st.text(
    st.characters(
        codec="gb18030", exclude_categories=("Cc", "Cs", "Co", "Cf", "Cn", "Zs", "Zl", "Zp")
    ),
    min_size=1,
    max_size=12,
)
PEOPLE = st.builds(
    Identity,
    name=NAMES,
    id_number=st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
    sex=st.sampled_from(Sex),
    nation_code=st.sampled_from(["", "01", "56"]),
    birth_date=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
)


def test_published_commands_and_records() -> None:
    """Commands as terminals send them; records laid out by hand after LD/T 32.3."""
    assert select_application().hex().upper() == "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
    assert select_file(HOLDER_FILE).hex().upper() == "00A4020002EF06"
    assert read_record_by_tag(Tag.NAME).hex().upper() == "00B2090000"
    assert read_record_by_number(2).hex().upper() == "00B2020400"
    said = {
        "00A404000F7378312E73682EC9E7BBE1B1A3D5CF": "6112",
        "00C0000012": "6F10" + "00" * 16 + "9000",
        "00A4020002EF06": "9000",
        "00B2080000": "0812" + b"430199196211030029".hex() + "9000",
        "00B2090000": "6C20",
        "00B2090020": "091E" + "C0EED1F9B1BE" + "00" * 24 + "9000",
        "00B24E0000": "6A83",
        "00B20A0000": "0A01329000",
        "00B20B0000": "0B01019000",
        "00B20D0000": "0D04196211039000",
    }
    read = read_holder(lambda command: bytes.fromhex(said[command.hex().upper()]))
    assert read == Identity(
        assurance=Assurance.SOCIAL_SECURITY_CARD,
        name="李样本",
        id_number="430199196211030029",
        sex=Sex.FEMALE,
        nation_code="01",
        birth_date=date(1962, 11, 3),
    )


@given(PEOPLE, st.sampled_from([CardManner.OPEN, CardManner.BY_NUMBER, CardManner.FETCHED]))
def test_what_a_card_holds_is_what_is_read(person: Identity, manner: CardManner) -> None:
    try:
        card = card_of(person, manner)
    except CodecError:
        assert len(person.name.encode("gb18030")) > 50
        return
    read = read_holder(card.answer)
    assert isinstance(read, Identity)
    assert (read.name, read.id_number) == (person.name, person.id_number)
    assert (read.sex, read.birth_date) == (person.sex, person.birth_date)
    assert read.nation_code == person.nation_code
    assert ("birth_date" in read.manual_check) == (person.birth_date is None)


@given(st.lists(st.binary(max_size=300), max_size=60))
@settings(max_examples=300)
def test_any_card_gives_a_value(answers: list[bytes]) -> None:
    said = iter(answers)
    transmit = Mock(side_effect=lambda _: next(said, b"\x90\x00"))
    assert isinstance(read_holder(transmit), Identity | SscPresence)
    assert transmit.call_count <= MOST_TRANSMISSIONS


@given(
    st.lists(st.sampled_from([0x90, 0x61, 0x6C, 0x69, 0x6A, 0x00, 0xFF]), max_size=60), st.data()
)
def test_a_card_that_only_sends_status_words_comes_to_an_end(
    words: list[int], data: st.DataObject
) -> None:
    said = iter([bytes([word, data.draw(st.integers(0, 255))]) for word in words])
    transmit = Mock(side_effect=lambda _: next(said, b"\x61\x10"))
    assert isinstance(read_holder(transmit), SscPresence)
    assert transmit.call_count <= MOST_TRANSMISSIONS


@given(st.dictionaries(st.integers(0, 255), st.binary(max_size=60)))
def test_any_records_give_somebody_or_a_codec_error(records: dict[int, bytes]) -> None:
    try:
        identity = decode_holder(records)
    except CodecError:
        return
    assert identity.name
    assert identity.assurance is Assurance.SOCIAL_SECURITY_CARD


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_none(record: bytes) -> None:
    try:
        tag, value = decode_record(record)
    except CodecError:
        return
    assert record.startswith(bytes([tag, len(value)]) + value)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_response_or_none(answer: bytes) -> None:
    try:
        response = decode_response(answer)
    except CodecError:
        assert not 2 <= len(answer) <= 258
        return
    assert response.data + response.status_word.to_bytes(2, "big") == answer


def test_an_answer_that_is_always_yet_to_come_is_fetched_once() -> None:
    transmit = Mock(return_value=b"\x61\x10")
    exchange(transmit, select_application())
    assert transmit.call_count == 2


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({Tag.SOCIAL_SECURITY_NUMBER: b"430199196211030020"}, "id_number"),
        ({Tag.NAME: "李\ue123本".encode("gb18030")}, "name"),
        ({Tag.NAME: b"\xc0\xee\xff\xff"}, "name"),
        ({Tag.BIRTH_DATE: bytes.fromhex("19620230")}, "birth_date"),
    ],
)
def test_what_can_not_be_right_is_named_and_not_dropped(
    changes: dict[Tag, bytes], doubt: str
) -> None:
    person = Identity(
        name="李样本",
        id_number="430199196211030029",
        sex=Sex.FEMALE,
        birth_date=date(1962, 11, 3),
    )
    assert decode_holder({**encode_holder(person), **changes}).manual_check == {doubt}


def test_a_name_goes_on_in_the_middle_of_a_character() -> None:
    person = Identity(name="阿" + "𬱖" * 10, id_number="430199196211030029")
    records = encode_holder(person)
    assert len(records[Tag.NAME]) == 30
    assert records[Tag.NAME_EXTENSION]
    assert decode_holder(records).name == person.name
