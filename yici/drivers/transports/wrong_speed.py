"""What a serial receiver makes of bytes that were sent at another speed."""

from collections.abc import Iterator


def heard_at_another_speed(data: bytes, *, sent_at: int, heard_at: int) -> bytes:
    """The bytes (8N1) that a receiver at `heard_at` bits per second makes of `data` sent back to
    back at `sent_at`: it looks at the line in the middle of each bit that it believes in.
    """
    line = [bit for byte in data for bit in _bits(byte)]
    step = sent_at / heard_at  # sent bits per heard bit
    heard = bytearray()
    position = 0.0
    while (start := _next_low(line, position)) is not None:
        value = sum(_level(line, start + (1.5 + n) * step) << n for n in range(8))
        heard.append(value)
        position = start + 9.5 * step
    return bytes(heard)


def _bits(byte: int) -> Iterator[int]:
    yield 0
    for n in range(8):
        yield byte >> n & 1
    yield 1


def _next_low(line: list[int], position: float) -> float | None:
    """Where the line is low next, at or after `position`."""
    if position < len(line) and line[int(position)] == 0:
        return position
    return next((float(i) for i in range(int(position) + 1, len(line)) if line[i] == 0), None)


def _level(line: list[int], position: float) -> int:
    return line[int(position)] if position < len(line) else 1
