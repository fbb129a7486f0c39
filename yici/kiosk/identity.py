"""Who this terminal is: its own key, and what it trusts, as enrolment left them on the disk.

identity/private-key          0400, raw key bytes; never leaves the machine
identity/identity.json        0600, everything else that is kept for life
identity/sealing-keys.json    0600, the newest signed statement of sealing keys
"""

import json
import os
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from yici.contract.envelope.suite import BadSignature, EnvelopeError
from yici.contract.envelope.suites import get_suite
from yici.contract.sealing import Recipient
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.contract.terminal import SealingKeys
from yici.contract.wire import Base64, Message

DIRECTORY_NAME = "identity"
_KEY, _FACTS, _SEALING, _CA = "private-key", "identity.json", "sealing-keys.json", "ca.pem"


class BrokenIdentity(Exception):
    """The identity on the disk can't be used; the message says what to do."""


class AlreadyEnrolled(Exception):
    """There is an identity already; it is never overwritten."""


class _Facts(Message):
    terminal_id: str
    suite: str
    public_key: Base64
    signing_key_id: str
    signing_public_key: Base64
    ca_pem: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class TerminalIdentity:
    """Keys are raw bytes in the suite's encoding; `repr` shows none of them."""

    terminal_id: str
    suite_id: str
    private_key: bytes
    public_key: bytes
    signing_key_id: str
    signing_public_key: bytes
    sealing_statement: SignedStatement
    sealing_keys: SealingKeys
    ca_pem: str = ""

    def __repr__(self) -> str:
        return f"TerminalIdentity({self.terminal_id!r}, …)"

    def recipients(self) -> tuple[Recipient, ...]:
        """To whom a submission is sealed: the platform and the offline escrow."""
        keys = (self.sealing_keys.platform, self.sealing_keys.escrow)
        return tuple(Recipient(key.key_id, key.public_key) for key in keys)


def read_sealing_keys(
    statement: SignedStatement, suite_id: str, signing_public_key: bytes
) -> SealingKeys:
    """The keys after their signature was checked. Raises BadSignature or UnknownSuite."""
    payload = open_statement(
        get_suite(suite_id), Purpose.SEALING_KEYS, statement, signing_public_key
    )
    try:
        return SealingKeys.from_bytes(payload)
    except ValidationError as error:
        raise BadSignature from error


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def save_identity(state_dir: Path, identity: TerminalIdentity) -> None:
    """All of it or nothing. Raises AlreadyEnrolled or OSError."""
    state_dir.mkdir(parents=True, exist_ok=True)
    target = state_dir / DIRECTORY_NAME
    if target.exists():
        raise AlreadyEnrolled(
            f"This terminal is enrolled already: to enrol it anew, move {target} away first."
        )
    facts = _Facts(
        terminal_id=identity.terminal_id,
        suite=identity.suite_id,
        public_key=identity.public_key,
        signing_key_id=identity.signing_key_id,
        signing_public_key=identity.signing_public_key,
        ca_pem=identity.ca_pem,
    )
    made = state_dir / f".{DIRECTORY_NAME}-{secrets.token_hex(8)}"
    made.mkdir(mode=0o700)
    try:
        _write_synced(made / _KEY, identity.private_key, 0o400)
        _write_synced(made / _FACTS, facts.to_bytes(), 0o600)
        _write_synced(made / _SEALING, identity.sealing_statement.to_bytes(), 0o600)
        if identity.ca_pem:
            _write_synced(made / _CA, identity.ca_pem.encode(), 0o644)
        _sync_directory(made)
        made.rename(target)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    _sync_directory(state_dir)


def find_ca_path(state_dir: Path) -> Path | None:
    """The pinned certificate authority, where enrolment brought one."""
    path = state_dir / DIRECTORY_NAME / _CA
    return path if path.exists() else None


def find_identity(state_dir: Path) -> TerminalIdentity | None:
    """None while the terminal is not enrolled. Raises BrokenIdentity."""
    directory = state_dir / DIRECTORY_NAME
    if not directory.exists():
        return None
    try:
        return _load(directory)
    except (OSError, ValidationError, BadSignature, json.JSONDecodeError) as error:
        raise BrokenIdentity(
            f"The terminal's identity in {directory} cannot be used ({type(error).__name__}): "
            "restore it from the backup, or move it away and enrol the terminal anew."
        ) from error
    except EnvelopeError as error:  # the suite isn't here, or fails its self-test
        raise BrokenIdentity(
            f"The terminal's identity in {directory} is whole, but its cryptography can't be used "
            f"here: {error}."
        ) from error


def _load(directory: Path) -> TerminalIdentity:
    facts = _Facts.from_bytes((directory / _FACTS).read_bytes())
    statement = SignedStatement.from_bytes((directory / _SEALING).read_bytes())
    return TerminalIdentity(
        terminal_id=facts.terminal_id,
        suite_id=facts.suite,
        private_key=(directory / _KEY).read_bytes(),
        public_key=facts.public_key,
        signing_key_id=facts.signing_key_id,
        signing_public_key=facts.signing_public_key,
        sealing_statement=statement,
        sealing_keys=read_sealing_keys(statement, facts.suite, facts.signing_public_key),
        ca_pem=facts.ca_pem,
    )


def adopt_sealing_keys(
    state_dir: Path, identity: TerminalIdentity, statement: SignedStatement
) -> TerminalIdentity:
    """The identity with newer sealing keys, saved; an equal or older version changes nothing.

    Raises BadSignature for anything that our platform did not sign, and OSError.
    """
    keys = read_sealing_keys(statement, identity.suite_id, identity.signing_public_key)
    if keys.version <= identity.sealing_keys.version:
        return identity
    directory = state_dir / DIRECTORY_NAME
    made = directory / f".{_SEALING}-{secrets.token_hex(8)}"
    _write_synced(made, statement.to_bytes(), 0o600)
    made.rename(directory / _SEALING)
    _sync_directory(directory)
    return replace(identity, sealing_statement=statement, sealing_keys=keys)
