"""Acknowledgements: the platform's signed word that a submission arrived whole.

They form a chain per terminal: each names the digest of the one before, so that a lost or
reordered acknowledgement shows.
"""

from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from yici.contract.digests import Digest, digest_of
from yici.contract.envelope.suite import BadSignature, Suite
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.contract.wire import Message

CHAIN_START = digest_of(b"yici:acknowledgement:start")


class Acknowledgement(Message):
    """Received whole: `received_at` is the legal time, when the form was stored.

    `digest` and `part_digests` repeat what was sent; `sequence` counts per terminal from 1.
    """

    version: int = 1
    terminal_id: str
    submission_id: UUID
    digest: Digest
    part_digests: tuple[Digest, ...]
    case_number: str
    received_at: datetime
    sequence: int
    previous: Digest


def read_acknowledgement(
    suite: Suite, statement: SignedStatement, public_key: bytes
) -> Acknowledgement:
    """Raises BadSignature for anything but a genuine acknowledgement."""
    payload = open_statement(suite, Purpose.ACKNOWLEDGEMENT, statement, public_key)
    try:
        return Acknowledgement.from_bytes(payload)
    except ValidationError as error:
        raise BadSignature from error


def chain_digest(statement: SignedStatement) -> str:
    """What the next acknowledgement's `previous` has to be."""
    return digest_of(statement.payload)
