"""Card texts of the four layouts: published samples, broken characters, round trips."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.people import CardKind, Identity, Sex
from yici.drivers.id_card_reader.sam.card_text import (
    TEXT_SIZE,
    CardTextError,
    decode_card_text,
    decode_extras,
    decode_newest_address,
    encode_card_text,
    encode_newest_address,
)

# published sample numbers, invented names; the first two state another sex than their number

CITIZEN_TEXT = bytes.fromhex(
    "205f094e37682c672000200020002000200020002000200020002000200031003000310031003900"
    "3400390031003200330031001753ac4e025e1d6733963a5337682c67578853903100f75320002000"
    "20002000200020002000200020002000200020002000200020002000200020002000200020002000"
    "20003100310030003100300035003100390034003900310032003300310030003000320058001753"
    "ac4e025e6c51895b405c1d6733960652405c20002000200020002000320030003200300030003100"
    "300031007f951f672000200020002000200020002000200020002000200020002000200020002000"
    "20002000200020002000200020002000"
)

RESIDENCE_PERMIT_TEXT = bytes.fromhex(
    "4e67db5637682c672000200020002000200020002000200020002000200031002000200031003900"
    "3900340030003800320033007f5e1c4e01777f5ede5d025e2959b36c3a5337682c67ef8d3200f753"
    "20002000200020002000200020002000200020002000200020002000200020002000200020002000"
    "20003800310030003000300030003100390039003400300038003200330030003000320031007f5e"
    "de5d025e6c51895b405c200020002000200020002000200020002000320030003100390030003100"
    "30003100320030003200340030003100300031004800310032003300340035003600370038003000"
    "31002000200020004a00200020002000"
)

PERMANENT_RESIDENCE_2017_TEXT = bytes.fromhex(
    "5a00480045004e0047004a00490041004e002c002000590041004e004700420045004e0020002000"
    "20002000200020002000200020002000200020002000200020002000200020002000200020002000"
    "20002000200020002000200020002000200020002000200020002000200020002000200020002000"
    "3200430041004e00310031003000300038003100300038003000330031003000430041004e00c18b"
    "f64e37682c6720002000200020002000200020002000200020002000320030003100370030003600"
    "31003700320030003200370030003600310036003100390038003100300038003000330030003100"
    "31003500300030004900200020002000"
)

PERMANENT_RESIDENCE_2023_TEXT = bytes.fromhex(
    "c18bf64e37682c672000200020002000200020002000200020002000200032003000300031003900"
    "3800310030003800300033005a00480045004e0047004a00490041004e002c002000590041004e00"
    "4700420045004e0020005a00480045004e00470020004a00490041004e002000590041004e004700"
    "42003900310031003100320034003100390038003100300038003000330030003000320034002000"
    "20002000200020002000200020002000200020002000200020002000320030003200330031003200"
    "300031003200300033003300310031003300300045004e0020005a00480045004e00470020002000"
    "20003100320034005900200020002000"
)


IDENTITIES = {
    CITIZEN_TEXT: Identity(
        kind=CardKind.CITIZEN,
        name="张三样本",
        sex=Sex.MALE,
        nation_code="01",
        birth_date=date(1949, 12, 31),
        address="北京市朝阳区样本街道1号",
        id_number="11010519491231002X",
        issuer="北京市公安局朝阳分局",
        valid_from=date(2020, 1, 1),
        valid_to=None,
    ),
    RESIDENCE_PERMIT_TEXT: Identity(
        kind=CardKind.RESIDENCE_PERMIT,
        name="李四样本",
        sex=Sex.MALE,
        birth_date=date(1994, 8, 23),
        address="广东省广州市天河区样本路2号",
        id_number="810000199408230021",
        issuer="广州市公安局",
        valid_from=date(2019, 1, 1),
        valid_to=date(2024, 1, 1),
    ),
    PERMANENT_RESIDENCE_2017_TEXT: Identity(
        kind=CardKind.PERMANENT_RESIDENCE_2017,
        name="证件样本",
        name_latin="ZHENGJIAN, YANGBEN",
        sex=Sex.FEMALE,
        nationality="CAN",
        birth_date=date(1981, 8, 3),
        id_number="CAN110081080310",
        valid_from=date(2017, 6, 17),
        valid_to=date(2027, 6, 16),
    ),
    PERMANENT_RESIDENCE_2023_TEXT: Identity(
        kind=CardKind.PERMANENT_RESIDENCE_2023,
        name="证件样本",
        name_latin="ZHENGJIAN, YANGBEN ZHENG JIAN YANGBEN ZHENG",
        sex=Sex.FEMALE,
        nationality="124",
        birth_date=date(1981, 8, 3),
        id_number="911124198108030024",
        issuer="国家移民管理局",
        valid_from=date(2023, 12, 1),
        valid_to=date(2033, 11, 30),
    ),
}


@pytest.mark.parametrize("text", IDENTITIES, ids=[i.kind for i in IDENTITIES.values()])
def test_published_layout_is_read(text: bytes) -> None:
    assert decode_card_text(text) == IDENTITIES[text]


EXTRAS = {
    CITIZEN_TEXT: {},
    RESIDENCE_PERMIT_TEXT: {"pass_number": "H12345678", "issue_count": "01"},
    PERMANENT_RESIDENCE_2017_TEXT: {"version": "01", "authority": "1500"},
    PERMANENT_RESIDENCE_2023_TEXT: {"renewals": "00"},
}


@pytest.mark.parametrize("text", EXTRAS, ids=[i.kind for i in IDENTITIES.values()])
def test_what_a_special_card_states_beside_the_person(text: bytes) -> None:
    assert decode_extras(text) == EXTRAS[text]
    with pytest.raises(CardTextError):
        decode_extras(text[1:])


@pytest.mark.parametrize("text", IDENTITIES, ids=[i.kind for i in IDENTITIES.values()])
def test_made_card_is_the_published_one_to_the_byte(text: bytes) -> None:
    made = encode_card_text(IDENTITIES[text])
    if text is RESIDENCE_PERMIT_TEXT:  # its pass number is not part of an Identity
        made = made[:220] + text[220:238] + made[238:]
    assert made == text


def citizen_with(field_offset: int, replacement: bytes) -> Identity:
    end = field_offset + len(replacement)
    return decode_card_text(CITIZEN_TEXT[:field_offset] + replacement + CITIZEN_TEXT[end:])


def test_private_use_character_is_kept_and_a_clerk_compares() -> None:
    identity = citizen_with(2, "\ue863".encode("utf-16-le"))
    assert identity.name == "张\ue863样本"
    assert identity.manual_check == {"name"}


@pytest.mark.parametrize("character", ["\ufffd", "\ufffe", "\u200b", "\x07", "\x00"])
def test_character_that_no_name_has_is_kept_for_the_clerk(character: str) -> None:
    identity = citizen_with(2, character.encode("utf-16-le"))
    assert identity.name == f"张{character}样本"
    assert identity.manual_check == {"name"}


def test_half_a_surrogate_pair_is_kept_where_it_can_be_stored() -> None:
    identity = citizen_with(2, b"\x40\xd8")
    assert identity.name == "张\U0010d840样本"
    assert identity.manual_check == {"name"}
    assert Identity.model_validate_json(identity.model_dump_json()) == identity


def test_rare_character_beyond_the_basic_plane_needs_no_clerk() -> None:
    for rare in ("𬱖", "\U00032500"):  # the second is newer than the tables of this Python
        identity = citizen_with(2, rare.encode("utf-16-le"))
        assert identity.name == f"张{rare}本"
        assert not identity.manual_check


def test_unknown_nation_is_kept() -> None:
    identity = citizen_with(32, "77".encode("utf-16-le"))
    assert (identity.nation_code, identity.manual_check) == ("77", frozenset())


@pytest.mark.parametrize(
    ("offset", "text", "field"),
    [
        (36, "20230230", "birth_date"),
        (188, "2020年1月", "valid_from"),
        (204, "长长期期", "valid_to"),
        (30, "7", "sex"),
        (122, "110105194912310021", "id_number"),
    ],
)
def test_field_that_cannot_be_is_left_to_a_clerk(offset: int, text: str, field: str) -> None:
    identity = citizen_with(offset, text.encode("utf-16-le"))
    assert identity.manual_check == {field}


def test_unreadable_end_does_not_become_no_end() -> None:
    identity = citizen_with(204, "20XX".encode("utf-16-le"))
    assert decode_card_text(encode_card_text(identity)).manual_check == {"valid_to"}


@pytest.mark.parametrize("size", [0, 255, 257, 1024])
def test_text_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(CardTextError):
        decode_card_text(b" " * size)


def test_empty_card_is_refused() -> None:
    with pytest.raises(CardTextError):
        decode_card_text(" ".encode("utf-16-le") * 128)


def test_foreigner_without_a_chinese_name_is_called_by_the_latin_one() -> None:
    chinese = IDENTITIES[PERMANENT_RESIDENCE_2017_TEXT]
    latin_only = chinese.model_copy(update={"name": chinese.name_latin})
    assert decode_card_text(encode_card_text(latin_only)) == latin_only


def test_name_that_no_card_could_hold_is_refused() -> None:
    identity = IDENTITIES[CITIZEN_TEXT].model_copy(update={"name": "长" * 16})
    with pytest.raises(CardTextError, match="15"):
        encode_card_text(identity)


@given(st.binary(min_size=TEXT_SIZE, max_size=TEXT_SIZE))
def test_any_text_is_an_identity_that_can_be_stored_or_a_codec_error(text: bytes) -> None:
    try:
        identity = decode_card_text(text)
    except CardTextError:
        return
    assert Identity.model_validate_json(identity.model_dump_json()) == identity
    assert all(value for value in decode_extras(text).values())


def field(units: int) -> st.SearchStrategy[str]:
    """Text that fits into so many UTF-16 units, as cards hold it."""
    return st.text(
        st.characters(categories=("L", "N", "P"), max_codepoint=0xFFFF), max_size=units
    ) | st.just("龑䶮𬱖")


days = st.dates(min_value=date(1000, 1, 1))


@st.composite
def identities(draw: st.DrawFn) -> Identity:
    kind = draw(st.sampled_from(CardKind))
    published = next(i for i in IDENTITIES.values() if i.kind is kind)
    update: dict[str, object] = {
        "name": draw(field(15).filter(bool)),
        "sex": draw(st.sampled_from(Sex)),
        "birth_date": draw(days),
        "valid_from": draw(days),
        "valid_to": draw(st.none() | days),
    }
    if published.address:
        update |= {"address": draw(field(35)), "issuer": draw(field(15))}
    else:
        update |= {
            "name_latin": draw(field(46)),
            "nationality": draw(st.sampled_from(["CAN", "124", ""])),
        }
    return published.model_copy(update=update)


@given(identities())
def test_identity_comes_back_from_a_card_as_it_was(identity: Identity) -> None:
    assert decode_card_text(encode_card_text(identity)) == identity


@given(field(35))
def test_newest_address_comes_back_as_it_was(address: str) -> None:
    assert decode_newest_address(encode_newest_address(address)) == address


def test_half_a_character_of_newest_address_is_refused() -> None:
    with pytest.raises(CardTextError):
        decode_newest_address(b"\x20\x00\x20")
