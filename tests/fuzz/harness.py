"""What a fuzz target is, and what counts as a finding.

    any bytes give a value or one of the allowed errors, in bounded time and memory

A target's function may check more (what was read is written again as it came) by assertions.
"""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

MIB = 1 << 20
_LONGEST_EDITED_BYTES = 16 << 10


@dataclass(frozen=True, slots=True)
class Target:
    """One entry point for a stranger's bytes.

    `seeds` are good messages, from which mutations reach deeper than noise does. The two limits
    hold for inputs of up to `longest_bytes`, on a slow machine.
    """

    name: str
    run: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...] = ()
    longest_bytes: int = 8 << 10
    max_cpu_s: float = 2.0
    max_peak_bytes: int = 8 * MIB


class Finding(AssertionError):
    """What should never happen; the message says what did."""


def check(target: Target, data: bytes) -> None:
    """Raises Finding for an error that isn't allowed, for too much time and too much memory."""
    is_tracing = tracemalloc.is_tracing()
    if is_tracing:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
    started_s = time.process_time()
    try:
        target.run(data)
    except target.allowed:
        pass
    except Exception as error:
        raise Finding(f"{target.name}: {type(error).__name__}: {error}") from error
    used_s = time.process_time() - started_s
    if used_s > target.max_cpu_s:
        raise Finding(f"{target.name}: {used_s:.1f} s for {len(data)} bytes")
    if is_tracing and (peak := tracemalloc.get_traced_memory()[1] - before) > target.max_peak_bytes:
        raise Finding(f"{target.name}: {peak / MIB:.1f} MiB for {len(data)} bytes")


def mutations(target: Target) -> st.SearchStrategy[bytes]:
    """Noise, and good messages with pieces changed, cut out, repeated or joined."""
    noise = st.binary(max_size=600)
    if not target.seeds:
        return noise
    seed = st.sampled_from(target.seeds)
    edited = st.builds(_edited, seed, st.lists(_EDITS, max_size=4))
    return st.one_of(noise, edited, st.builds(bytes.__add__, edited, edited))


_EDITS = st.tuples(
    st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8), st.sampled_from((0, 0, 1, 2, 500))
)


def _edited(data: bytes, edits: list[tuple[float, int, bytes, int]]) -> bytes:
    """Each edit: at a place, take so many bytes out, put others in, repeat what was taken."""
    for place, length, put_in, repeats in edits:
        at = int(place * len(data))
        piece = data[at : at + length]
        data = data[:at] + put_in + piece * repeats + data[at + length :]
    return data[:_LONGEST_EDITED_BYTES]


def hostile_inputs(target: Target) -> list[bytes]:
    """The longest inputs that are cheap to send: one byte, or a good message's parts, for ever."""
    size = target.longest_bytes
    units = [b"\x00", b"\x10", b"\xaa", b"\xff"]
    for seed in target.seeds:
        units += [seed, seed[:3], seed[:5], seed[:-1]]
    return [(unit * (size // len(unit) + 1))[:size] for unit in dict.fromkeys(units) if unit]


def in_pieces(data: bytes) -> list[bytes]:
    """As a slow line brings it: sizes follow from the data, so that a finding can be repeated."""
    size = 1 + (sum(data[:8]) % 7)
    return [data[at : at + size] for at in range(0, len(data), size)]
