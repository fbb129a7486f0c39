"""Commands to a chip card and its answers, as bytes (ISO/IEC 7816-4, LD/T 32.5); pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LONGEST_RESPONSE: Final = 258  # 256 bytes and the status word

# sx1.sh.社会保障 in GB 2312: the card's own environment for social security
APPLICATION: Final = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")

OK: Final = 0x9000
_MORE_WAITS: Final = 0x61  # GET RESPONSE has SW2 bytes
_WRONG_LENGTH: Final = 0x6C  # SW2 is the right one

# the card keeps it for a reader with a security module
PROTECTED: Final = frozenset({0x6982, 0x6985, 0x6983, 0x6988})
# the card doesn't know this way of asking; another may do
NOT_THIS_WAY: Final = frozenset({0x6A80, 0x6A81, 0x6A86, 0x6B00, 0x6D00})
NO_SUCH_RECORD: Final = frozenset({0x6A82, 0x6A83, 0x6A88})

Transmit = Callable[[bytes], bytes]


class CodecError(ValueError):
    """Bytes that are no answer, or no record."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a card said: data, and the status word."""

    data: bytes
    status_word: int


def select_application() -> bytes:
    """By its name."""
    return bytes([0x00, 0xA4, 0x04, 0x00, len(APPLICATION)]) + APPLICATION


def select_file(identifier: int) -> bytes:
    """An elementary file under the application, by its two-byte identifier."""
    return bytes([0x00, 0xA4, 0x02, 0x00, 0x02]) + identifier.to_bytes(2, "big")


def read_record_by_tag(tag: int) -> bytes:
    """The record that begins with this tag, in the selected file."""
    return bytes([0x00, 0xB2, tag, 0x00, 0x00])


def read_record_by_number(number: int) -> bytes:
    """The n-th record of the selected file, from 1."""
    return bytes([0x00, 0xB2, number, 0x04, 0x00])


def decode_response(answer: bytes) -> Response:
    """Raises CodecError for what no card may say."""
    if not 2 <= len(answer) <= LONGEST_RESPONSE:
        raise CodecError(f"a response of {len(answer)} bytes")
    return Response(answer[:-2], int.from_bytes(answer[-2:], "big"))


def exchange(transmit: Transmit, command: bytes) -> Response:
    """One command, and what T=0 makes the terminal fetch or repeat: three transmissions at most.

    Raises CodecError, and what `transmit` raises.
    """
    response = decode_response(transmit(command))
    if response.status_word >> 8 == _WRONG_LENGTH and len(command) == 5:
        command = command[:4] + bytes([response.status_word & 0xFF])
        response = decode_response(transmit(command))
    if response.status_word >> 8 == _MORE_WAITS:
        fetch = bytes([0x00, 0xC0, 0x00, 0x00, response.status_word & 0xFF])
        response = decode_response(transmit(fetch))
    return response
