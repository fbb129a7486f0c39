"""The IPP codec: the standard's own example, and any bytes at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.document_printer.ipp.codec import (
    MAX_DEPTH,
    Attribute,
    AttributeGroup,
    Group,
    IppCodecError,
    Message,
    Syntax,
    Value,
    boolean,
    decode,
    encode,
    integer,
    text,
)
from yici.drivers.document_printer.ipp.operations import (
    NotUnderstood,
    all_job_facts,
    job_facts,
    printer_facts,
)

URI = "ipp://printer.example.com/ipp/print/pinetree"

# RFC 8010 appendix A.1, "Print-Job Request", octet by octet
PRINT_JOB_OCTETS = b"".join(
    (
        b"\x01\x01\x00\x02\x00\x00\x00\x01\x01",
        b"\x47\x00\x12attributes-charset\x00\x05utf-8",
        b"\x48\x00\x1battributes-natural-language\x00\x05en-us",
        b"\x45\x00\x0bprinter-uri\x00\x2c" + URI.encode(),
        b"\x42\x00\x08job-name\x00\x06foobar",
        b"\x22\x00\x16ipp-attribute-fidelity\x00\x01\x01",
        b"\x02",
        b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x14",
        b"\x44\x00\x05sides\x00\x13two-sided-long-edge",
        b"\x03%!PDF...",
    )
)
PRINT_JOB = Message(
    code=0x0002,
    request_id=1,
    groups=(
        AttributeGroup(
            Group.OPERATION,
            (
                text(Syntax.CHARSET, "attributes-charset", "utf-8"),
                text(Syntax.NATURAL_LANGUAGE, "attributes-natural-language", "en-us"),
                text(Syntax.URI, "printer-uri", URI),
                text(Syntax.NAME, "job-name", "foobar"),
                boolean("ipp-attribute-fidelity", is_true=True),
            ),
        ),
        AttributeGroup(
            Group.JOB,
            (integer("copies", 20), text(Syntax.KEYWORD, "sides", "two-sided-long-edge")),
        ),
    ),
    document=b"%!PDF...",
    version=(1, 1),
)

names = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)
plain_values = st.one_of(
    st.builds(Value, st.just(Syntax.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Value, st.just(Syntax.ENUM), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Value, st.just(Syntax.BOOLEAN), st.booleans()),
    st.builds(Value, st.sampled_from([Syntax.TEXT, Syntax.KEYWORD]), st.text(max_size=20)),
    st.builds(Value, st.just(Syntax.NO_VALUE), st.none()),
    st.builds(Value, st.just(Syntax.OCTET_STRING), st.binary(max_size=20)),
)
values = st.recursive(
    plain_values,
    lambda inner: st.builds(
        Value,
        st.just(Syntax.BEGIN_COLLECTION),
        st.lists(
            st.builds(Attribute, names, st.lists(inner, min_size=1, max_size=3).map(tuple)),
            max_size=3,
        ).map(tuple),
    ),
    max_leaves=8,
)
attributes = st.builds(Attribute, names, st.lists(values, min_size=1, max_size=3).map(tuple))
messages = st.builds(
    Message,
    st.integers(0, 0x7FFF),
    st.integers(-(2**31), 2**31 - 1),
    st.lists(
        st.builds(
            AttributeGroup,
            st.sampled_from([Group.OPERATION, Group.JOB, Group.PRINTER, Group.UNSUPPORTED]),
            st.lists(attributes, max_size=4).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    st.binary(max_size=50),
)


def test_standards_example_is_written_octet_by_octet() -> None:
    assert encode(PRINT_JOB) == PRINT_JOB_OCTETS


def test_standards_example_is_read() -> None:
    assert decode(PRINT_JOB_OCTETS) == PRINT_JOB


@given(messages)
def test_what_was_written_is_read_as_it_was(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_codec_error(data: bytes) -> None:
    _read_all(b"\x02\x00\x00\x00\x00\x00\x00\x01" + data)
    _read_all(data)


@given(st.integers(0, len(PRINT_JOB_OCTETS) - 1), st.integers(0, 255))
def test_one_wrong_byte_is_a_message_or_a_codec_error(place: int, byte: int) -> None:
    changed = bytearray(PRINT_JOB_OCTETS)
    changed[place] = byte
    _read_all(bytes(changed))


@pytest.mark.parametrize("length", range(8, len(PRINT_JOB_OCTETS) - 9, 7))
def test_message_that_breaks_off_is_refused(length: int) -> None:
    with pytest.raises(IppCodecError):
        decode(PRINT_JOB_OCTETS[:length])


def test_collections_in_collections_without_end_are_refused() -> None:
    deeper = b"\x34\x00\x00\x00\x00\x4a\x00\x00\x00\x01a"
    head = b"\x02\x00\x00\x00\x00\x00\x00\x01\x04\x34\x00\x01x\x00\x00\x4a\x00\x00\x00\x01a"
    with pytest.raises(IppCodecError, match="too many values"):
        decode(head + deeper * (MAX_DEPTH + 1) * 1000)


def test_text_that_does_not_fit_is_refused() -> None:
    too_long = AttributeGroup(Group.JOB, (text(Syntax.TEXT, "a", "x" * 70_000),))
    with pytest.raises(IppCodecError):
        encode(Message(2, 1, (too_long,)))


def _read_all(data: bytes) -> None:
    try:
        message = decode(data)
    except IppCodecError:
        return
    for read in (printer_facts, job_facts):
        try:
            read(message)
        except NotUnderstood:
            continue
    all_job_facts(message)
