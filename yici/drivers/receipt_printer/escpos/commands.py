"""ESC/POS commands as bytes (Epson's published command reference; no other subset is needed).

Only what a raster receipt takes: no text, no code page, so that every printer shows the same.
"""

from typing import Literal

StatusQuery = Literal[1, 2, 3, 4]

INITIALISE = b"\x1b@"  # ESC @: settings back to power-on, print buffer cleared
FULL_CUT = b"\x1dV\x00"  # GS V 0
FENCE = b"\x1dr\x01"  # GS r 1: paper sensor, answered in buffer order and not at once

# DLE DC4 8 with its fixed parameters: forget everything received and not yet printed, at once.
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

MAX_FEED_LINES = 255


def query_status(query: StatusQuery) -> bytes:
    """DLE EOT n: answered at once with one byte, even when the printer is offline."""
    return bytes((0x10, 0x04, query))


def feed_lines(lines: int) -> bytes:
    """ESC d n: move the paper by `lines` (0–255) text lines of 1/6 inch each."""
    if not 0 <= lines <= MAX_FEED_LINES:
        raise ValueError(f"feed 0 to {MAX_FEED_LINES} lines, not {lines}")
    return bytes((0x1B, 0x64, lines))


def raster_header(width_bytes: int, height_rows: int) -> bytes:
    """GS v 0 in normal size; `width_bytes` × `height_rows` bytes of picture must follow."""
    if not 0 < width_bytes < 0x10000 or not 0 < height_rows < 0x10000:
        raise ValueError(f"a raster of {width_bytes} bytes × {height_rows} rows can't be announced")
    return b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + height_rows.to_bytes(2, "little")
