"""The platform's key pairs: one signs, one opens submissions, one (the escrow) is put away.

One set for each suite that it offers. That of `intl-1` is made at first start in `<data>/keys`,
another's when the operator asks for it, in `<data>/keys/<suite>`. The escrow's private half is
written once, beside `keys`, and never read again: the operator moves it off-line, and it opens
submissions should the platform's own key be lost.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yici.contract.digests import digest_of
from yici.contract.envelope.suite import EnvelopeError, KeyPair, Suite
from yici.contract.envelope.suites import DEFAULT_SUITE, SUITE_IDS, get_suite
from yici.contract.statement import Purpose, SignedStatement, sign_statement
from yici.contract.terminal import SealingKey, SealingKeys
from yici.contract.wire import Message
from yici.unified_platform.storage.durable_files import write_file

ESCROW_FILE = "escrow-private-key.json"


@dataclass(frozen=True, slots=True, repr=False)
class SuiteKeys:
    """Keys of one suite. `sealing_private` holds every key that submissions may be sealed to."""

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


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKeys:
    """The sets in memory, by suite. A terminal is answered with the suite that it enrolled with."""

    by_suite: Mapping[str, SuiteKeys]

    @property
    def suite_ids(self) -> tuple[str, ...]:
        """The suites that terminals may enrol with."""
        return tuple(self.by_suite)

    def find(self, suite_id: str) -> SuiteKeys | None:
        """None for a suite that this platform does not offer."""
        return self.by_suite.get(suite_id)

    def get(self, suite_id: str) -> SuiteKeys:
        """For a terminal that enrolled here. Raises BadKeyFile when its suite's keys are gone."""
        found = self.find(suite_id)
        if found is None:
            raise BadKeyFile(
                f"terminals have enrolled with {suite_id}, whose keys are missing; restore them "
                "from the backup"
            )
        return found

    def for_algorithm(self, request_algorithm: str | None) -> SuiteKeys:
        """The set whose requests are signed so; the default one for anything else."""
        for keys in self.by_suite.values():
            if keys.suite.request_algorithm == request_algorithm:
                return keys
        return self.get(DEFAULT_SUITE)


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


def _directory(data_dir: Path, suite_id: str) -> Path:
    keys = data_dir / "keys"
    return keys if suite_id == DEFAULT_SUITE else keys / suite_id


def escrow_file(data_dir: Path, suite_id: str) -> Path:
    """Where the escrow's private half lies until the operator moves it away."""
    if suite_id == DEFAULT_SUITE:
        return data_dir / ESCROW_FILE
    return data_dir / f"escrow-private-key-{suite_id}.json"


def _is_whole(directory: Path) -> bool:
    return (directory / "sealing-keys.json").exists()


def load_or_make_keys(data_dir: Path) -> PlatformKeys:
    """The keys of this data directory; those of the default suite are made when there are none.

    Raises BadKeyFile, also for keys of a suite that can't be used on this machine.
    """
    if not _is_whole(_directory(data_dir, DEFAULT_SUITE)):
        _make(data_dir, _suite(DEFAULT_SUITE))
    present = [
        suite_id
        for suite_id in SUITE_IDS
        if (_directory(data_dir, suite_id) / "signing.json").exists() or suite_id == DEFAULT_SUITE
    ]
    return PlatformKeys({suite_id: _load(data_dir, suite_id) for suite_id in present})


def add_suite(data_dir: Path, suite_id: str) -> Path | None:
    """Make the keys of one more suite: where the escrow's half lies, None when they were there.

    Raises BadKeyFile.
    """
    if _is_whole(_directory(data_dir, suite_id)):
        return None
    _make(data_dir, _suite(suite_id))
    return escrow_file(data_dir, suite_id)


def _suite(suite_id: str) -> Suite:
    try:
        return get_suite(suite_id)
    except EnvelopeError as error:
        raise BadKeyFile(f"the suite {suite_id} can't be used: {error}") from error


def _make(data_dir: Path, suite: Suite) -> None:
    directory = _directory(data_dir, suite.suite_id)
    if (directory / "signing.json").exists():
        raise BadKeyFile(
            f"{directory} is incomplete; restore it from the backup, or remove it when no "
            "terminal was ever enrolled with its suite"
        )
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    _write_pair(escrow_file(data_dir, suite.suite_id), escrow_id, suite.suite_id, escrow)
    _write_pair(directory / f"{sealing_id}.json", sealing_id, suite.suite_id, sealing)
    _write_pair(directory / "signing.json", signing_id, suite.suite_id, signing)
    # written last: its presence says that the set is whole
    write_file(directory / "sealing-keys.json", statement.to_bytes())


def _load(data_dir: Path, suite_id: str) -> SuiteKeys:
    directory, suite = _directory(data_dir, suite_id), _suite(suite_id)
    signing_id, stated_suite, signing = _read_pair(directory / "signing.json")
    if stated_suite != suite_id:
        raise BadKeyFile(f"the keys in {directory} are of another suite; restore the backup's")
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
    return SuiteKeys(suite, signing_id, signing, private, statement, stated.version)
