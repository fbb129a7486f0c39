"""IPP messages (RFC 8010): bytes to values and back, nothing else.

A message is a code (operation or status), a request number, groups of attributes and a document.
Every value keeps its syntax tag; values of a syntax that we don't know stay bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

MAX_ATTRIBUTE_BYTES: Final = 1 << 20
MAX_VALUES: Final = 20_000
MAX_DEPTH: Final = 8
VERSION: Final = (2, 0)


class IppCodecError(ValueError):
    """These bytes are no IPP message."""


class Group(IntEnum):
    """Delimiter tags, RFC 8010 section 3.5.1."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Syntax(IntEnum):
    """Value tags that we read or write, RFC 8010 section 3.5.2."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTET_STRING = 0x30
    BEGIN_COLLECTION = 0x34
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    NATURAL_LANGUAGE = 0x48
    MIME_MEDIA_TYPE = 0x49
    MEMBER_NAME = 0x4A


_LAST_DELIMITER: Final = 0x0F
_OUT_OF_BAND: Final = range(0x10, 0x20)
_NUMBERS: Final = (Syntax.INTEGER, Syntax.ENUM)
_STRINGS: Final = range(0x40, 0x60)

Content: TypeAlias = "int | bool | str | bytes | tuple[Attribute, ...] | None"


@dataclass(frozen=True, slots=True)
class Value:
    """`content` is None for the out-of-band values (`no-value`, `unknown`)."""

    tag: int
    content: Content


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AttributeGroup:
    tag: int
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """`code` is an operation in a request and a status in a response."""

    code: int
    request_id: int
    groups: tuple[AttributeGroup, ...]
    document: bytes = b""
    version: tuple[int, int] = VERSION

    def find(self, group_tag: int, name: str) -> Attribute | None:
        """The first attribute of that name in the first such group."""
        for group in self.groups:
            if group.tag == group_tag:
                return next((found for found in group.attributes if found.name == name), None)
        return None


def encode(message: Message) -> bytes:
    """The message's bytes. Raises IppCodecError for what doesn't fit into the format."""
    out = bytearray()
    try:
        out += struct.pack(">BBHi", *message.version, message.code, message.request_id)
        for group in message.groups:
            out.append(group.tag)
            for attribute in group.attributes:
                _put_attribute(out, attribute)
    except struct.error as error:
        raise IppCodecError("a number or a text is too long for IPP") from error
    out.append(Group.END)
    return bytes(out) + message.document


def decode(data: bytes) -> Message:
    """The message in `data`. Raises IppCodecError."""
    if len(data) < 9:
        raise IppCodecError("too short")
    major, minor, code, request_id = struct.unpack_from(">BBHi", data)
    reader = _Reader(data)
    groups = tuple(reader.groups())
    return Message(code, request_id, groups, data[reader.place :], (major, minor))


def integer(name: str, *numbers: int) -> Attribute:
    return Attribute(name, tuple(Value(Syntax.INTEGER, number) for number in numbers))


def text(syntax: Syntax, name: str, *texts: str) -> Attribute:
    """An attribute of one of the string syntaxes."""
    return Attribute(name, tuple(Value(syntax, one) for one in texts))


def boolean(name: str, *, is_true: bool) -> Attribute:
    return Attribute(name, (Value(Syntax.BOOLEAN, is_true),))


def enum(name: str, *numbers: int) -> Attribute:
    return Attribute(name, tuple(Value(Syntax.ENUM, number) for number in numbers))


def no_value(name: str) -> Attribute:
    return Attribute(name, (Value(Syntax.NO_VALUE, None),))


# --- writing


def _put_attribute(out: bytearray, attribute: Attribute) -> None:
    if not attribute.values or not attribute.name:
        raise IppCodecError("an attribute needs a name and a value")
    name = attribute.name
    for value in attribute.values:
        _put_value(out, name, value)
        name = ""  # further values of a set carry an empty name


def _put_value(out: bytearray, name: str, value: Value) -> None:
    if isinstance(value.content, tuple):
        _put(out, Syntax.BEGIN_COLLECTION, name.encode(), b"")
        for member in value.content:
            _put(out, Syntax.MEMBER_NAME, b"", member.name.encode())
            for one in member.values:
                _put_value(out, "", one)
        _put(out, Syntax.END_COLLECTION, b"", b"")
        return
    _put(out, value.tag, name.encode(), _content_bytes(value))


def _put(out: bytearray, tag: int, name: bytes, content: bytes) -> None:
    out.append(tag)
    out += struct.pack(">H", len(name)) + name + struct.pack(">H", len(content)) + content


def _content_bytes(value: Value) -> bytes:
    content = value.content
    if content is None:
        return b""
    if isinstance(content, bool):
        return b"\x01" if content else b"\x00"
    if isinstance(content, int):
        return struct.pack(">i", content)
    if isinstance(content, str):
        return content.encode("utf-8", "surrogateescape")
    if isinstance(content, bytes):
        return content
    raise IppCodecError("a collection inside a plain value")


# --- reading


class _Reader:
    """Walks once over the bytes; `place` is where the document begins afterwards."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._end = min(len(data), MAX_ATTRIBUTE_BYTES)
        self._values = 0
        self.place = 8

    def groups(self) -> Iterator[AttributeGroup]:
        tag = self._byte()
        while tag != Group.END:
            if tag > _LAST_DELIMITER:
                raise IppCodecError("a value outside of any group")
            attributes, next_tag = self._attributes()
            yield AttributeGroup(tag, attributes)
            tag = next_tag

    def _attributes(self) -> tuple[tuple[Attribute, ...], int]:
        """The attributes up to the next delimiter, and that delimiter."""
        found: list[tuple[str, list[Value]]] = []
        while (tag := self._byte()) > _LAST_DELIMITER:
            name = _as_text(self._field())
            value = self._value(tag, 0)
            if name:
                found.append((name, [value]))
            elif found:
                found[-1][1].append(value)
            else:
                raise IppCodecError("a further value before any attribute")
        return tuple(Attribute(name, tuple(values)) for name, values in found), tag

    def _value(self, tag: int, depth: int) -> Value:
        self._values += 1
        if self._values > MAX_VALUES or depth > MAX_DEPTH:
            raise IppCodecError("too many values")
        raw = self._field()
        if tag == Syntax.BEGIN_COLLECTION:
            return Value(tag, self._members(depth + 1))
        if tag in (Syntax.END_COLLECTION, Syntax.MEMBER_NAME):
            raise IppCodecError("a piece of a collection outside of one")
        return Value(tag, _content(tag, raw))

    def _members(self, depth: int) -> tuple[Attribute, ...]:
        members: list[tuple[str, list[Value]]] = []
        while True:
            tag = self._byte()
            if self._field():
                raise IppCodecError("a named value inside a collection")
            if tag == Syntax.END_COLLECTION:
                self._field()
                break
            if tag == Syntax.MEMBER_NAME:
                members.append((_as_text(self._field()), []))
            elif tag > _LAST_DELIMITER and members:
                members[-1][1].append(self._value(tag, depth))
            else:
                raise IppCodecError("a collection that does not end")
            self._values += 1
            if self._values > MAX_VALUES:
                raise IppCodecError("too many values")
        if any(not values or not name for name, values in members):
            raise IppCodecError("a member without name or value")
        return tuple(Attribute(name, tuple(values)) for name, values in members)

    def _byte(self) -> int:
        if self.place >= self._end:
            raise IppCodecError("the message breaks off")
        self.place += 1
        return self._data[self.place - 1]

    def _field(self) -> bytes:
        """A field behind its two bytes of length."""
        start = self.place + 2
        if start > self._end:
            raise IppCodecError("the message breaks off")
        end = start + int.from_bytes(self._data[self.place : start], "big")
        if end > self._end:
            raise IppCodecError("the message breaks off")
        self.place = end
        return self._data[start:end]


def _content(tag: int, raw: bytes) -> Content:
    if tag in _OUT_OF_BAND:
        return None
    if tag in _NUMBERS:
        if len(raw) != 4:
            raise IppCodecError("an integer that has not four bytes")
        return int(struct.unpack(">i", raw)[0])
    if tag == Syntax.BOOLEAN:
        if raw not in {b"\x00", b"\x01"}:
            raise IppCodecError("a boolean that is neither")
        return raw == b"\x01"
    if tag in _STRINGS:
        return _as_text(raw)
    return raw


def _as_text(raw: bytes) -> str:
    # printers send their maker's charset at times: bytes that are no UTF-8 must survive
    return raw.decode("utf-8", "surrogateescape")
