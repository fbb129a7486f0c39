"""ESC/POS commands as bytes (Epson's published command reference; no other subset is needed).

Only what a receipt takes: pictures, Chinese text without code pages, status, identification.
"""

from typing import Literal

StatusQuery = Literal[1, 2, 3, 4]

INITIALISE = b"\x1b@"  # ESC @: settings back to power-on, print buffer cleared
FULL_CUT = b"\x1dV\x00"  # GS V 0
FENCE = b"\x1dr\x01"  # GS r 1: paper sensor, answered in buffer order and not at once

# DLE DC4 8 with its fixed parameters: forget everything received and not yet printed, at once.
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

# FS & and FS .: bytes from A1 hex on are halves of Chinese characters, or not
SELECT_CHINESE = b"\x1c&"
CANCEL_CHINESE = b"\x1c."

IDENTIFY_MODEL = b"\x1dIC"  # GS I 67: answered in buffer order by 5F hex, the model's name, NUL
MODEL_START, MODEL_END = 0x5F, 0x00

MAX_FEED_LINES = 255


def query_status(query: StatusQuery) -> bytes:
    """DLE EOT n: answered at once with one byte, even when the printer is offline."""
    return bytes((0x10, 0x04, query))


def feed_lines(lines: int) -> bytes:
    """ESC d n: move the paper by `lines` (0–255) text lines of 1/6 inch each."""
    if not 0 <= lines <= MAX_FEED_LINES:
        raise ValueError(f"feed 0 to {MAX_FEED_LINES} lines, not {lines}")
    return bytes((0x1B, 0x64, lines))


def align(side: Literal[0, 1, 2]) -> bytes:
    """ESC a n: lines and pictures to the left, the centre or the right."""
    return bytes((0x1B, 0x61, side))


def character_size(scale: int) -> bytes:
    """GS ! n: letters `scale` (1–8) times as wide and as high, Chinese ones too."""
    if not 1 <= scale <= 8:
        raise ValueError(f"letters are 1 to 8 times as large, not {scale}")
    return bytes((0x1D, 0x21, (scale - 1) << 4 | (scale - 1)))


def emphasise(*, on: bool) -> bytes:
    """ESC E n: bold letters."""
    return bytes((0x1B, 0x45, int(on)))


def raster_header(width_bytes: int, height_rows: int, *, scale: Literal[1, 2] = 1) -> bytes:
    """GS v 0; `width_bytes` × `height_rows` bytes of picture must follow.

    At `scale` 2 each dot comes out as two by two.
    """
    if not 0 < width_bytes < 0x10000 or not 0 < height_rows < 0x10000:
        raise ValueError(f"a raster of {width_bytes} bytes × {height_rows} rows can't be announced")
    size = b"\x00" if scale == 1 else b"\x03"
    return b"\x1dv0" + size + width_bytes.to_bytes(2, "little") + height_rows.to_bytes(2, "little")
