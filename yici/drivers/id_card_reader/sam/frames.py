"""Frames of the SAM protocol: pure bytes in, bytes out.

    request  AA AA AA 96 69 | length(2) | command parameter | data… | check
    reply    AA AA AA 96 69 | length(2) | SW1 SW2 SW3       | data… | check

The length counts everything after itself; the check is the XOR of everything between preamble
and check. Source: GA/T 467-2019 clause 7, as published in reader makers' protocol sheets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from functools import reduce
from operator import xor

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"
# real lines were seen to slip a noise byte between the first AAs, so only these must be whole
_SYNC = PREAMBLE[2:]
_HEADER_SIZE = len(_SYNC) + 2

LONGEST_REPLY = 0x090A  # text, photo and two fingerprints
LONGEST_REQUEST = 0x40


class CodecError(ValueError):
    """Bytes that are no message of this protocol."""


class Command(Enum):
    """Command and parameter byte."""

    RESET = b"\x10\xff"
    STATUS = b"\x11\xff"
    SAM_ID = b"\x12\xff"
    FIND_CARD = b"\x20\x01"
    SELECT_CARD = b"\x20\x02"
    READ_BASE = b"\x30\x01"  # text and photo
    READ_NEWEST_ADDRESS = b"\x30\x03"
    READ_BASE_AND_FINGERPRINTS = b"\x30\x10"
    SET_RADIO_FRAME_SIZE = b"\x61\xff"
    SET_BAUD_115200 = b"\x60\x00"
    SET_BAUD_57600 = b"\x60\x01"
    SET_BAUD_38400 = b"\x60\x02"
    SET_BAUD_19200 = b"\x60\x03"
    SET_BAUD_9600 = b"\x60\x04"


# bits per second
BAUD_RATES: Mapping[Command, int] = {
    Command.SET_BAUD_115200: 115200,
    Command.SET_BAUD_57600: 57600,
    Command.SET_BAUD_38400: 38400,
    Command.SET_BAUD_19200: 19200,
    Command.SET_BAUD_9600: 9600,
}


class SamStatus(IntEnum):
    """SW3, the reader's own status byte."""

    OK = 0x90
    CARD_FOUND = 0x9F
    HOST_CHECKSUM_ERROR = 0x10
    HOST_LENGTH_ERROR = 0x11
    HOST_COMMAND_ERROR = 0x21
    UNKNOWN_ERROR = 0x24
    CARD_REFUSED_READER = 0x31
    READER_REFUSED_CARD = 0x32
    MESSAGE_VERIFY_ERROR = 0x33
    WRONG_CARD_TYPE = 0x40
    READ_FAILED = 0x41
    RANDOM_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    NOT_AUTHORISED = 0x66
    NO_CARD = 0x80
    SELECT_FAILED = 0x81
    NO_SUCH_ITEM = 0x91
    UNLISTED = -1  # a byte that no source explains; see Reply.status_byte


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; `card_status` is SW1 SW2, the chip's own status."""

    status: SamStatus
    status_byte: int
    card_status: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class CardBlocks:
    """What a base reading carries; photo and fingerprints stay undecoded."""

    text: bytes
    photo: bytes
    fingerprints: bytes


class Damage(StrEnum):
    """Why something that began like a frame is none."""

    LENGTH = "length"
    CHECKSUM = "checksum"


def encode_frame(body: bytes) -> bytes:
    """Put preamble, length and check around `body`."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([_check(counted)])


def encode_request(command: Command, data: bytes = b"") -> bytes:
    """A whole request."""
    return encode_frame(command.value + data)


def encode_reply(status: SamStatus, data: bytes = b"") -> bytes:
    """A whole reply of a reader whose card has nothing to say."""
    return encode_frame(bytes([0, 0, status]) + data)


def decode_reply(body: bytes) -> Reply:
    """The reply in a frame's body. Raises CodecError when it is too short for one."""
    if len(body) < 3:
        raise CodecError("a reply has three status bytes")
    known = body[2] in SamStatus.__members__.values()
    status = SamStatus(body[2]) if known else SamStatus.UNLISTED
    return Reply(status, body[2], body[:2], body[3:])


def split_card_blocks(data: bytes) -> CardBlocks:
    """Take a base reading apart, with or without fingerprints; the lengths decide which.

    Raises CodecError when the lengths don't add up to the data.
    """
    for count in (2, 3):
        sizes = [int.from_bytes(data[2 * i : 2 * i + 2], "big") for i in range(count)]
        if len(data) != 2 * count + sum(sizes):
            continue
        text_end = 2 * count + sizes[0]
        photo_end = text_end + sizes[1]
        return CardBlocks(data[2 * count : text_end], data[text_end:photo_end], data[photo_end:])
    raise CodecError("the block lengths don't add up")


def join_card_blocks(text: bytes, photo: bytes, fingerprints: bytes | None = None) -> bytes:
    """The data of a base reading; None fingerprints leaves their length out as well."""
    blocks = [text, photo] if fingerprints is None else [text, photo, fingerprints]
    sizes = b"".join(len(block).to_bytes(2, "big") for block in blocks)
    return sizes + b"".join(blocks)


def decode_sam_id(data: bytes) -> str:
    """The reader's number as printed on it: 05.03-20110830-0000123456-1234567890.

    Raises CodecError unless `data` has 16 bytes.
    """
    if len(data) != 16:
        raise CodecError("a SAM id has 16 bytes")
    words = [int.from_bytes(data[i:j], "little") for i, j in ((0, 2), (2, 4), (4, 8))]
    tail = [int.from_bytes(data[i : i + 4], "little") for i in (8, 12)]
    return f"{words[0]:02}.{words[1]:02}-{words[2]:08}-{tail[0]:010}-{tail[1]:010}"


class FrameParser:
    """Frames out of a stream, whatever lies between them.

    Inside a frame only its length counts, because a photo may hold the preamble; a frame that
    turns out to be none is searched again from behind its preamble.
    """

    def __init__(self, *, longest: int) -> None:
        """`longest` is the greatest length field to believe, in bytes."""
        self._longest = longest
        self._buffer = bytearray()

    @property
    def is_inside_frame(self) -> bool:
        """A preamble has come, and the rest of its frame has not."""
        return self._buffer.startswith(_SYNC)

    def feed(self, data: bytes) -> list[bytes | Damage]:
        """Frames' bodies and damages that `data` completes, in order."""
        self._buffer += data
        found: list[bytes | Damage] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def finish(self) -> list[bytes | Damage]:
        """Nothing more comes: an unfinished frame is damaged, and may hide a whole one."""
        found: list[bytes | Damage] = []
        while self.is_inside_frame:
            found.append(self._damaged(Damage.LENGTH))
            found += self.feed(b"")
        self._buffer.clear()
        return found

    def _next(self) -> bytes | Damage | None:
        self._skip_to_sync()
        if len(self._buffer) < _HEADER_SIZE:
            return None
        length = int.from_bytes(self._buffer[len(_SYNC) : _HEADER_SIZE], "big")
        if not 1 < length <= self._longest:
            return self._damaged(Damage.LENGTH)
        end = _HEADER_SIZE + length
        if len(self._buffer) < end:
            return None
        if _check(self._buffer[len(_SYNC) : end]) != 0:
            return self._damaged(Damage.CHECKSUM)
        body = bytes(self._buffer[_HEADER_SIZE : end - 1])
        del self._buffer[:end]
        return body

    def _damaged(self, damage: Damage) -> Damage:
        del self._buffer[: len(_SYNC)]
        return damage

    def _skip_to_sync(self) -> None:
        start = self._buffer.find(_SYNC)
        if start < 0:
            # the beginning of a preamble may already be here
            start = next(
                i
                for i in range(max(0, len(self._buffer) - 2), len(self._buffer) + 1)
                if _SYNC.startswith(bytes(self._buffer[i:]))
            )
        del self._buffer[:start]


def _check(data: bytes | bytearray) -> int:
    return reduce(xor, data, 0)
