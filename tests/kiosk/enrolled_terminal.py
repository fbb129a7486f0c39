"""A terminal's directory as enrolment leaves it, with the platform's private keys at hand."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import digest_of
from yici.contract.envelope.suite import KeyPair
from yici.contract.envelope.suites import get_suite
from yici.contract.sealing import OpenedSubmission, open_submission, read_manifest
from yici.contract.statement import Purpose, sign_statement
from yici.contract.submission import SealedSubmission
from yici.contract.terminal import SealingKey, SealingKeys
from yici.kiosk.identity import TerminalIdentity, save_identity
from yici.offline_cache.cache import OfflineCache

SUITE_ID = "intl-1"
TERMINAL_ID = "T-430181-0001"


@dataclass(frozen=True, slots=True)
class Platform:
    """Only the keys of one; it can open what the terminal sealed."""

    sealing: KeyPair
    terminal: KeyPair

    def open(self, sealed: SealedSubmission) -> OpenedSubmission:
        manifest = read_manifest(sealed, self.terminal.public)
        return open_submission(
            sealed, manifest, key_id="platform-1", private_key=self.sealing.private
        )


def enrol(state_dir: Path) -> Platform:
    """Give the directory an identity, as if a platform had answered."""
    suite = get_suite(SUITE_ID)
    terminal, signing = suite.new_signing_key(), suite.new_signing_key()
    sealing, escrow = suite.new_sealing_key(), suite.new_sealing_key()
    keys = SealingKeys(
        version=1,
        suite=SUITE_ID,
        platform=SealingKey(key_id="platform-1", public_key=sealing.public),
        escrow=SealingKey(key_id="escrow-1", public_key=escrow.public),
    )
    statement = sign_statement(
        suite, Purpose.SEALING_KEYS, keys, key_id="sign-1", private_key=signing.private
    )
    identity = TerminalIdentity(
        terminal_id=TERMINAL_ID,
        suite_id=SUITE_ID,
        private_key=terminal.private,
        public_key=terminal.public,
        signing_key_id="sign-1",
        signing_public_key=signing.public,
        sealing_statement=statement,
        sealing_keys=keys,
    )
    save_identity(state_dir, identity)
    return Platform(sealing, terminal)


def stock_catalogue(state_dir: Path, *codes: str) -> None:
    """Put the catalogue in force, or only the items of these codes."""
    lines = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()
    if codes:
        lines = [line for line in lines if any(f'"code":"{code}"' in line for code in codes)]
    pack = "\n".join(lines).encode()
    release = CatalogueRelease(
        version=1, digest=digest_of(pack), size_bytes=len(pack), item_count=len(lines)
    )
    with OfflineCache.open(state_dir) as cache:
        cache.catalogue.replace(release, pack)
