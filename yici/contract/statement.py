"""Signed statements: what the platform says and a terminal must be able to prove later.

The signature covers `yici:<purpose>:` and the payload's bytes, so that a statement made for
one purpose can't be presented for another.
"""

from enum import StrEnum

from yici.contract.envelope.suite import BadSignature, SigningKey, Suite
from yici.contract.wire import Base64, Message


class Purpose(StrEnum):
    """What a signature is for."""

    MANIFEST = "manifest"  # terminal → platform
    ACKNOWLEDGEMENT = "acknowledgement"
    SEALING_KEYS = "sealing-keys"
    WELCOME = "welcome"
    CATALOGUE = "catalogue"
    STANDING = "standing"


class SignedStatement(Message):
    """Payload bytes verbatim, the signing key's id, and the signature."""

    purpose: Purpose
    key_id: str
    payload: Base64
    signature: Base64


def _covered(purpose: Purpose, payload: bytes) -> bytes:
    return f"yici:{purpose.value}:".encode() + payload


def sign_bytes(suite: Suite, purpose: Purpose, payload: bytes, private_key: bytes) -> bytes:
    """The bare signature over purpose and payload."""
    return sign_with(suite.load_signing_key(private_key), purpose, payload)


def sign_with(key: SigningKey, purpose: Purpose, payload: bytes) -> bytes:
    """The same, with a key that was loaded before."""
    return key.sign(_covered(purpose, payload))


def verify_bytes(
    suite: Suite, purpose: Purpose, payload: bytes, signature: bytes, public_key: bytes
) -> None:
    """Raises BadSignature."""
    suite.verify(public_key, _covered(purpose, payload), signature)


def sign_statement(
    suite: Suite, purpose: Purpose, message: Message, *, key_id: str, private_key: bytes
) -> SignedStatement:
    """Sign a message for one purpose."""
    payload = message.to_bytes()
    signature = sign_bytes(suite, purpose, payload, private_key)
    return SignedStatement(purpose=purpose, key_id=key_id, payload=payload, signature=signature)


def open_statement(
    suite: Suite, purpose: Purpose, statement: SignedStatement, public_key: bytes
) -> bytes:
    """The payload, after checking purpose and signature. Raises BadSignature."""
    if statement.purpose is not purpose:
        raise BadSignature
    verify_bytes(suite, purpose, statement.payload, statement.signature, public_key)
    return statement.payload
