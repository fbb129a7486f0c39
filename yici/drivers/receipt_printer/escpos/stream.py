"""The byte stream as a printer reads it: commands in order, and questions answered at once.

Like the real ones, a printer reads the stream twice. Real-time commands are obeyed the moment
they arrive, wherever they stand; and they also stay in the buffer, where they are data if they
stand inside another command and nothing otherwise. So how the stream is split never matters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from yici.drivers.receipt_printer.escpos.commands import (
    CANCEL_CHINESE,
    CLEAR_BUFFERS,
    IDENTIFY_MODEL,
    SELECT_CHINESE,
)

_QR_SYMBOL = 0x31


class Control(Enum):
    """Commands without a parameter that matters."""

    INITIALISE = "initialise"
    LINE_FEED = "line_feed"
    CUT = "cut"
    FENCE = "fence"
    CHINESE_ON = "chinese_on"
    CHINESE_OFF = "chinese_off"
    MODEL = "model"
    QR_PRINT = "qr_print"


@dataclass(frozen=True, slots=True)
class RasterRow:
    """One row of dots, 8 per byte, the left one in the highest bit."""

    dots: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """Move the paper by so many text lines."""

    lines: int


@dataclass(frozen=True, slots=True)
class Align:
    """Where narrower things stand: 0 left, 1 centre, 2 right."""

    side: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One ASCII byte, or the two bytes of a Chinese character."""

    code: bytes


@dataclass(frozen=True, slots=True)
class LetterSize:
    """How many times as large letters are, both ways."""

    scale: int


@dataclass(frozen=True, slots=True)
class Bold:
    """Whether letters are bold from here on."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class QrModule:
    """The side of one QR square in dots."""

    size_px: int


@dataclass(frozen=True, slots=True)
class QrCorrection:
    """QR error correction: 0 L, 1 M, 2 Q, 3 H."""

    level: int


@dataclass(frozen=True, slots=True)
class QrContent:
    """What the next QR code says."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """One byte that starts nothing known here: a letter it lacks, or another command."""

    byte: int


Command = (
    Control
    | RasterRow
    | Feed
    | Align
    | Letter
    | LetterSize
    | Bold
    | QrModule
    | QrCorrection
    | QrContent
    | Unrecognised
    | None
)


class CommandStream:
    """Commands in buffer order."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._row_bytes = 0
        self._rows_left = 0
        self._scale_x = self._scale_y = 1
        self._again: list[RasterRow] = []  # rows that come out once more
        self._is_chinese = False

    @property
    def buffered_bytes(self) -> int:
        """Received and not yet used."""
        return len(self._buffer)

    def push(self, data: bytes) -> None:
        """More of the stream."""
        self._buffer += data

    def clear(self) -> None:
        """Forget what is buffered, and the raster and the letters that it may stand in."""
        self._buffer.clear()
        self._again.clear()
        self._is_chinese = False
        self._rows_left = 0

    def find_next(self) -> "Command":
        """The next complete command; None while there is none.

        What only real-time readers care for is passed over in silence.
        """
        if self._again:
            return self._again.pop()
        while self._rows_left == 0 and self._buffer:
            length, command = self._read_head()
            if length == 0:
                return None
            del self._buffer[:length]
            if command in _LETTERS:
                self._is_chinese = command is Control.CHINESE_ON
            if command is not None:
                return command
        return self._find_row()

    def _find_row(self) -> "Command":
        if self._rows_left == 0 or len(self._buffer) < self._row_bytes:
            return None
        dots = bytes(self._buffer[: self._row_bytes])
        row = RasterRow(dots if self._scale_x == 1 else _twice_as_wide(dots))
        del self._buffer[: self._row_bytes]
        self._rows_left -= 1
        self._again = [row] * (self._scale_y - 1)
        return row

    def _read_head(self) -> tuple[int, "Command"]:
        """Length of the command at the head (0: not all there yet) and the command, if any."""
        for prefix, length, make in _COMMANDS:
            if not self._buffer.startswith(prefix[: len(self._buffer)]):
                continue
            if len(self._buffer) < length:
                return 0, None
            return length, make(bytes(self._buffer[len(prefix) : length]))
        if self._buffer.startswith(b"\x1dv0"):
            return self._read_raster_head()
        if self._buffer.startswith(b"\x1d(k"):
            return self._read_symbol()
        if self._buffer[0] == 0x1D and len(self._buffer) < 3:
            return 0, None
        return self._read_letter()

    def _read_letter(self) -> tuple[int, "Command"]:
        first = self._buffer[0]
        if 0x20 <= first < 0x7F:
            return 1, Letter(bytes((first,)))
        if not self._is_chinese or not 0xA1 <= first < 0xFF:
            return 1, Unrecognised(first)
        if len(self._buffer) < 2:
            return 0, None
        if self._buffer[1] < 0xA1:
            return 1, Unrecognised(first)
        return 2, Letter(bytes(self._buffer[:2]))

    def _read_raster_head(self) -> tuple[int, "Command"]:
        if len(self._buffer) < 8:
            return 0, None
        size = self._buffer[3]  # bit 0 double width, bit 1 double height; "0" to "3" mean the same
        self._scale_x, self._scale_y = 1 + (size & 1), 1 + (size >> 1 & 1)
        self._row_bytes = int.from_bytes(self._buffer[4:6], "little")
        if self._row_bytes:
            self._rows_left = int.from_bytes(self._buffer[6:8], "little")
        return 8, None

    def _read_symbol(self) -> tuple[int, "Command"]:
        if len(self._buffer) < 5:
            return 0, None
        length = 5 + int.from_bytes(self._buffer[3:5], "little")
        if len(self._buffer) < length:
            return 0, None
        body = bytes(self._buffer[5:length])
        if len(body) < 3 or body[0] != _QR_SYMBOL or body[1] not in _QR_FUNCTIONS:
            return length, None
        return length, _QR_FUNCTIONS[body[1]](body[2:])


def _twice_as_wide(dots: bytes) -> bytes:
    bits = "".join(bit * 2 for byte in dots for bit in f"{byte:08b}")
    return int(bits, 2).to_bytes(2 * len(dots), "big")


def _nothing(parameters: bytes) -> Command:
    del parameters
    return None


def _control(control: Control) -> Callable[[bytes], Command]:
    return lambda _parameters: control


# fixed start, whole length, meaning of what follows the start
_COMMANDS: tuple[tuple[bytes, int, Callable[[bytes], Command]], ...] = (
    (b"\x1b@", 2, _control(Control.INITIALISE)),
    (b"\x1bd", 3, lambda parameters: Feed(parameters[0])),
    (b"\x1ba", 3, lambda parameters: Align(parameters[0] % 48 % 3)),
    (b"\x1dr", 3, _control(Control.FENCE)),
    (b"\x1dV\x00", 3, _control(Control.CUT)),
    (b"\x1dV\x01", 3, _control(Control.CUT)),
    (b"\x1dV0", 3, _control(Control.CUT)),
    (b"\x1dV1", 3, _control(Control.CUT)),
    (b"\x1dVA", 4, _control(Control.CUT)),
    (b"\x1dVB", 4, _control(Control.CUT)),
    (b"\x10\x04", 3, _nothing),
    (b"\x10\x05", 3, _nothing),
    (CLEAR_BUFFERS, len(CLEAR_BUFFERS), _nothing),
    (SELECT_CHINESE, 2, _control(Control.CHINESE_ON)),
    (CANCEL_CHINESE, 2, _control(Control.CHINESE_OFF)),
    (b"\x1d!", 3, lambda parameters: LetterSize((parameters[0] & 7) + 1)),
    (b"\x1bE", 3, lambda parameters: Bold(bool(parameters[0] & 1))),
    (IDENTIFY_MODEL, 3, _control(Control.MODEL)),
    (b"\n", 1, _control(Control.LINE_FEED)),
    (b"\x00", 1, _nothing),
    (b"\r", 1, _nothing),
)

_LETTERS = (Control.CHINESE_ON, Control.CHINESE_OFF, Control.INITIALISE)

_QR_FUNCTIONS: dict[int, Callable[[bytes], Command]] = {
    0x43: lambda parameters: QrModule(max(1, min(16, parameters[0]))),
    0x45: lambda parameters: QrCorrection(parameters[0] % 48 % 4),
    0x50: lambda parameters: QrContent(parameters[1:]),
    0x51: _control(Control.QR_PRINT),
}


class RealTimeScanner:
    """Finds questions (DLE EOT 1–4) and CLEAR_BUFFERS anywhere in the stream."""

    def __init__(self) -> None:
        self._tail = b""

    def scan(self, data: bytes) -> list[tuple[int, int | None]]:
        """(end position in `data`, status query or None for CLEAR_BUFFERS), in order."""
        stream = self._tail + data
        offset = len(self._tail)
        found: list[tuple[int, int | None]] = []
        request: int | None = None
        position = stream.find(0x10)
        while position >= 0:
            query = stream[position : position + 3]
            end = 0
            if len(query) == 3 and query[1] == 0x04 and 1 <= query[2] <= 4:
                end, request = position + 3, query[2]
            elif stream.startswith(CLEAR_BUFFERS, position):
                end, request = position + len(CLEAR_BUFFERS), None
            if end > offset:  # otherwise it was found with the data before
                found.append((end - offset, request))
            position = stream.find(0x10, position + 1)
        self._tail = stream[-(len(CLEAR_BUFFERS) - 1) :]
        return found
