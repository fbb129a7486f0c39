"""Case status as it travels to the terminal, and the note that only the slip's holder can read."""

import hashlib
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yici.contract.wire import Base64, Message


class CaseState(StrEnum):
    """Where a case stands; the words shown to a resident are the screens' own."""

    RECEIVED = "received"  # 已收件
    ACCEPTED = "accepted"  # 已受理
    REFUSED = "refused"  # 不予受理


class CaseChange(Message):
    """One change of one case, for the terminal that submitted it.

    `sealed_note` is the staff's reason, readable only with the slip code (see `open_note`), so
    that a stolen terminal tells nothing about anybody.
    """

    submission_id: UUID
    case_number: str
    state: CaseState
    version: int
    changed_at: datetime
    sealed_note: Base64 | None = None


def slip_code_digest(slip_code: str) -> str:
    """How a terminal finds the case of a slip without keeping the code."""
    return hashlib.sha256(b"yici:slip-code:" + slip_code.encode()).hexdigest()


def _note_key(slip_code: str, submission_id: UUID) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=submission_id.bytes, info=b"yici case note")
    return derivation.derive(slip_code.encode())


def seal_note(note: str, *, slip_code: str, submission_id: UUID, version: int) -> bytes:
    """AES-256-GCM under a key from the slip code; the case's version is the nonce."""
    key = _note_key(slip_code, submission_id)
    return AESGCM(key).encrypt(version.to_bytes(12, "big"), note.encode(), None)


def find_note(sealed: bytes, *, slip_code: str, submission_id: UUID, version: int) -> str | None:
    """The note, or None when this slip code doesn't open it."""
    key = _note_key(slip_code, submission_id)
    try:
        return AESGCM(key).decrypt(version.to_bytes(12, "big"), sealed, None).decode()
    except (InvalidTag, ValueError):
        return None
