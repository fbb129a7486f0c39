"""Frames of the ACME CR-2, pure bytes in and out. The reader is invented, and so is this protocol.

    02 | number | type | length(2) | body… | CRC-16/XMODEM(2) over number…body

Numbers are big-endian. An answer repeats its question's number, so one that comes too late is
never taken for the answer to the next question. 115,200 baud, 8N1.
"""

from binascii import crc_hqx
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

START = 0x02
LONGEST_BODY_BYTES = 3000  # a QR code holds 2,953 bytes
_HEADER_BYTES, _CRC_BYTES = 5, 2


class CodecError(ValueError):
    """Bytes that are no message of this protocol."""


class FrameType(IntEnum):
    """Questions of the host, then answers of the reader."""

    QUERY = 0x51
    ARM = 0x41  # body: how long to look for a code, in ms (2 bytes)
    STATE = 0x53  # body: flags (1 byte), model (ASCII)
    CODE = 0x43  # body: symbology (1 byte), content
    NOTHING = 0x4E  # the time is over


class Symbology(IntEnum):
    """What the reader saw."""

    QR = 0x71
    CODE_128 = 0x62


_SYMBOLOGY_NAMES: dict[int, str] = {Symbology.QR: "qr", Symbology.CODE_128: "code128"}

LAMP_FAILED = 0x01


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; `number` is 0 to 255."""

    number: int
    type: FrameType
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What the reader tells of itself."""

    lamp_failed: bool
    model: str


def encode_frame(frame: Frame) -> bytes:
    """Raises CodecError for a body that is too long to send."""
    if len(frame.body) > LONGEST_BODY_BYTES:
        raise CodecError(f"a body has at most {LONGEST_BODY_BYTES} bytes")
    covered = bytes((frame.number, frame.type)) + len(frame.body).to_bytes(2, "big") + frame.body
    return bytes((START,)) + covered + crc_hqx(covered, 0).to_bytes(2, "big")


def decode_state(body: bytes) -> ReaderState:
    """Raises CodecError for a body without flags; other than printable ASCII becomes "?"."""
    if not body:
        raise CodecError("a state has at least one byte of flags")
    model = "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in body[1:33])
    return ReaderState(bool(body[0] & LAMP_FAILED), model)


def decode_code(body: bytes) -> tuple[str, bytes]:
    """Symbology as a machine word ("" when unlisted) and content. Raises CodecError."""
    if len(body) < 2:
        raise CodecError("a code has a symbology and at least one byte")
    return _SYMBOLOGY_NAMES.get(body[0], ""), body[1:]


class FrameParser:
    """Takes what a line says, in any pieces; keeps at most one unfinished frame."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The whole frames so far; what is none is passed over byte by byte."""
        self._kept += data
        return list(self._frames())

    def _frames(self) -> Iterator[Frame]:
        at = 0
        while (at := self._kept.find(START, at)) >= 0:
            size = _frame_size(bytes(self._kept[at : at + _HEADER_BYTES]))
            if size is None or len(self._kept) - at < size:
                break  # the rest may still come
            frame = _find_frame(bytes(self._kept[at : at + size]))
            if frame is not None:
                yield frame
            at += 1 if frame is None else size
        del self._kept[: at if at >= 0 else len(self._kept)]


def _frame_size(header: bytes) -> int | None:
    """Bytes of the whole frame; 0 for a header that none has, None when it is unfinished."""
    if len(header) < _HEADER_BYTES:
        return None
    length = int.from_bytes(header[3:5], "big")
    return _HEADER_BYTES + length + _CRC_BYTES if length <= LONGEST_BODY_BYTES else 0


def _find_frame(data: bytes) -> Frame | None:
    if not data or crc_hqx(data[1:], 0) != 0:  # a CRC over data and its own CRC is zero
        return None
    if data[2] not in tuple(FrameType):
        return None
    return Frame(data[1], FrameType(data[2]), data[_HEADER_BYTES:-_CRC_BYTES])
