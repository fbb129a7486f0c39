"""Identifiers made where the thing is made, so that every retry is harmless (UUIDv7, RFC 9562)."""

import secrets
import time
from uuid import UUID

from yici.contract.crockford import new_code, normalise_code

SLIP_CODE_LENGTH = 10


def new_id() -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    unix_ms = time.time_ns() // 1_000_000
    value = (unix_ms & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def new_slip_code() -> str:
    """Ten random characters (50 bits) that only the slip and the sealed form hold."""
    return new_code(SLIP_CODE_LENGTH)


def normalise_slip_code(text: str) -> str | None:
    """The code as stored, from what a person typed; None when it can't be one."""
    return normalise_code(text, SLIP_CODE_LENGTH)


def format_slip_code(code: str) -> str:
    """In groups that can be read aloud: ABCD-EFG-HJK."""
    return f"{code[:4]}-{code[4:7]}-{code[7:]}"
