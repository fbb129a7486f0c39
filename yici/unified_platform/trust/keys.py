"""The platform's key pairs: one signs, one opens submissions, one (the escrow) is put away.

Made at first start in `<data>/keys`. The escrow's private half is written once, to
`<data>/escrow-private-key.json`, and never read again: the operator moves it off-line, and it
opens submissions should the platform's own key be lost.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yici.contract.digests import digest_of
from yici.contract.envelope.suite import KeyPair, Suite
from yici.contract.envelope.suites import DEFAULT_SUITE, get_suite
from yici.contract.statement import Purpose, SignedStatement, sign_statement
from yici.contract.terminal import SealingKey, SealingKeys
from yici.contract.wire import Message
from yici.unified_platform.storage.durable_files import write_file

ESCROW_FILE = "escrow-private-key.json"


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKeys:
    """Keys in memory. `sealing_private` holds every key that submissions may be sealed to."""

    suite: Suite
    signing_key_id: str
    signing: KeyPair
    sealing_private: Mapping[str, bytes]
    sealing_keys: SignedStatement
    sealing_keys_version: int

    def sign(self, purpose: Purpose, message: Message) -> SignedStatement:
        """A statement by the platform."""
        return sign_statement(
            self.suite,
            purpose,
            message,
            key_id=self.signing_key_id,
            private_key=self.signing.private,
        )


class BadKeyFile(Exception):
    """A key file is damaged or missing; the message names it."""


def _key_id(kind: str, public: bytes) -> str:
    return f"{kind}-{digest_of(public).partition('-')[2][:12]}"


def _write_pair(path: Path, key_id: str, suite: str, pair: KeyPair) -> None:
    body = {
        "key_id": key_id,
        "suite": suite,
        "public": base64.b64encode(pair.public).decode(),
        "private": base64.b64encode(pair.private).decode(),
    }
    write_file(path, json.dumps(body, indent=1).encode())


def _read_pair(path: Path) -> tuple[str, str, KeyPair]:
    try:
        body = json.loads(path.read_bytes())
        pair = KeyPair(base64.b64decode(body["private"]), base64.b64decode(body["public"]))
        return body["key_id"], body["suite"], pair
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadKeyFile(
            f"the key file {path} can't be read; restore it from the backup"
        ) from error


def load_or_make_keys(data_dir: Path) -> PlatformKeys:
    """The keys of this data directory, made when there are none. Raises BadKeyFile."""
    directory = data_dir / "keys"
    if not (directory / "sealing-keys.json").exists():
        _make(data_dir, directory)
    return _load(directory)


def _make(data_dir: Path, directory: Path) -> None:
    if (directory / "signing.json").exists():
        raise BadKeyFile(
            f"{directory} is incomplete; restore it from the backup, or start with an empty data "
            "directory when no terminal was ever enrolled"
        )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    suite = get_suite(DEFAULT_SUITE)
    signing, sealing, escrow = (
        suite.new_signing_key(),
        suite.new_sealing_key(),
        suite.new_sealing_key(),
    )
    sealing_id, escrow_id = _key_id("seal", sealing.public), _key_id("escrow", escrow.public)
    signing_id = _key_id("sign", signing.public)
    message = SealingKeys(
        version=1,
        suite=suite.suite_id,
        platform=SealingKey(key_id=sealing_id, public_key=sealing.public),
        escrow=SealingKey(key_id=escrow_id, public_key=escrow.public),
    )
    statement = sign_statement(
        suite, Purpose.SEALING_KEYS, message, key_id=signing_id, private_key=signing.private
    )
    _write_pair(data_dir / ESCROW_FILE, escrow_id, suite.suite_id, escrow)
    _write_pair(directory / f"{sealing_id}.json", sealing_id, suite.suite_id, sealing)
    _write_pair(directory / "signing.json", signing_id, suite.suite_id, signing)
    # written last: its presence says that the set is whole
    write_file(directory / "sealing-keys.json", statement.to_bytes())


def _load(directory: Path) -> PlatformKeys:
    signing_id, suite_id, signing = _read_pair(directory / "signing.json")
    try:
        statement = SignedStatement.from_bytes((directory / "sealing-keys.json").read_bytes())
        stated = SealingKeys.from_bytes(statement.payload)
    except (OSError, ValueError) as error:
        raise BadKeyFile(
            f"{directory / 'sealing-keys.json'} can't be read; restore it from the backup"
        ) from error
    private = {}
    for path in sorted(directory.glob("seal-*.json")):
        key_id, _, pair = _read_pair(path)
        private[key_id] = pair.private
    if stated.platform.key_id not in private:
        raise BadKeyFile(f"the key {stated.platform.key_id} is missing from {directory}")
    return PlatformKeys(
        get_suite(suite_id), signing_id, signing, private, statement, stated.version
    )
