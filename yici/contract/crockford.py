"""Codes that people read aloud and type: Crockford's base32, without I, L, O and U."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILO", "110")


def new_code(length: int) -> str:
    """Random characters, five bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normalise_code(text: str, length: int) -> str | None:
    """The code from what a person typed, or None when it can't be one.

    Spaces and dashes are dropped, I and L are read as 1, O as 0.
    """
    compact = "".join(text.upper().split()).replace("-", "").translate(_LOOKALIKES)
    if len(compact) != length or any(character not in ALPHABET for character in compact):
        return None
    return compact
