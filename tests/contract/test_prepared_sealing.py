"""What is prepared before submit goes into one cover, and only into the one it was made for."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from yici.contract.envelope.intl import IntlSuite
from yici.contract.envelope.suite import KeyPair
from yici.contract.envelope.suites import SUITE_IDS, get_suite
from yici.contract.people import Identity
from yici.contract.sealing import Recipient, SubmissionSealer, open_submission, read_manifest
from yici.contract.submission import ClockReading, Manifest, SealedSubmission, SubmissionForm
from yici.contract.submission_ids import new_id, new_slip_code

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
SUITE = get_suite("intl-1")
KEYS = {name: SUITE.new_sealing_key() for name in ("platform-1", "escrow-1", "platform-2")}
SIGNING_KEYS = [SUITE.new_signing_key() for _ in range(2)]
RECIPIENTS = {name: Recipient(name, pair.public) for name, pair in KEYS.items()}
BEFORE = (RECIPIENTS["platform-1"], RECIPIENTS["escrow-1"])
AFTER_A_CHANGE_OF_KEYS = (RECIPIENTS["platform-2"], RECIPIENTS["escrow-1"])
SAME_ID_OTHER_KEY = (Recipient("platform-1", KEYS["platform-2"].public),)

terminals = st.sampled_from(["T-1", "T-2"])
recipient_sets = st.sampled_from([BEFORE, AFTER_A_CHANGE_OF_KEYS])
signers = st.sampled_from(SIGNING_KEYS)


def form_of(sealer: SubmissionSealer) -> SubmissionForm:
    return SubmissionForm(
        submission_id=sealer.submission_id,
        item_code="RS-006",
        item_version=1,
        opened_at=NOW,
        submitted_at=NOW,
        language="zh_CN",
        slip_code=new_slip_code(),
        identity=Identity(name="李样本", id_number="430199196211030029"),
        answers={},
    )


def seal(
    sealer: SubmissionSealer,
    terminal_id: str = "T-1",
    recipients: tuple[Recipient, ...] = BEFORE,
    signing_key: bytes = SIGNING_KEYS[0].private,
) -> SealedSubmission:
    fresh = sealer.seal(
        form_of(sealer),
        (),
        terminal_id=terminal_id,
        sequence=1,
        clock=ClockReading(boot_id="b", monotonic_ms=1, wall=NOW),
        recipients=recipients,
        signing_key=signing_key,
    )
    assert Manifest.from_bytes(fresh.submission.manifest) == fresh.manifest
    return fresh.submission


class PreparedSealing(RuleBasedStateMachine):
    """Prepare and seal in any order, for any terminal, recipients and signing key."""

    def __init__(self) -> None:
        super().__init__()
        self.sealer = SubmissionSealer("intl-1", new_id())
        self.used: set[bytes] = set()

    @rule(terminal=terminals, recipients=recipient_sets, signer=signers)
    def prepare(self, terminal: str, recipients: tuple[Recipient, ...], signer: KeyPair) -> None:
        self.sealer.prepare(terminal_id=terminal, recipients=recipients, signing_key=signer.private)

    @rule(terminal=terminals, recipients=recipient_sets, signer=signers)
    def seal_opens_and_repeats_no_sealed_key(
        self, terminal: str, recipients: tuple[Recipient, ...], signer: KeyPair
    ) -> None:
        sealed = seal(self.sealer, terminal, recipients, signer.private)
        manifest = read_manifest(sealed, signer.public)
        assert manifest.terminal_id == terminal
        assert [key.key_id for key in manifest.recipients] == [r.key_id for r in recipients]
        for key in manifest.recipients:
            opened = open_submission(
                sealed, manifest, key_id=key.key_id, private_key=KEYS[key.key_id].private
            )
            assert opened.form.submission_id == self.sealer.submission_id
            assert key.sealed not in self.used
            self.used.add(key.sealed)


TestPreparedSealing = PreparedSealing.TestCase


@pytest.fixture
def sealings(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The context of every sealing of a data key, as they happen."""
    seen: list[bytes] = []
    really = IntlSuite.seal_data_key

    def counted(suite: IntlSuite, data_key: bytes, public_key: bytes, context: bytes) -> bytes:
        seen.append(context)
        return really(suite, data_key, public_key, context)

    monkeypatch.setattr(IntlSuite, "seal_data_key", counted)
    return seen


def prepared() -> SubmissionSealer:
    sealer = SubmissionSealer("intl-1", new_id())
    sealer.prepare(terminal_id="T-1", recipients=BEFORE, signing_key=SIGNING_KEYS[0].private)
    return sealer


def test_the_first_cover_takes_what_was_prepared_and_the_second_makes_its_own(
    sealings: list[bytes],
) -> None:
    sealer = prepared()
    assert len(sealings) == 2
    seal(sealer)
    assert len(sealings) == 2
    seal(sealer)
    assert len(sealings) == 4


@pytest.mark.parametrize("recipients", [AFTER_A_CHANGE_OF_KEYS, SAME_ID_OTHER_KEY, BEFORE[:1]])
def test_what_was_prepared_for_other_recipients_is_thrown_away(
    recipients: tuple[Recipient, ...], sealings: list[bytes]
) -> None:
    sealer = prepared()
    seal(sealer, recipients=recipients)
    assert len(sealings) == 2 + len(recipients)
    seal(sealer)  # nor does it come back for those it was made for
    assert len(sealings) == 4 + len(recipients)


def test_threads_that_seal_at_once_get_different_sealed_keys() -> None:
    sealer, covers, start = prepared(), list[SealedSubmission](), Barrier(4)

    def work() -> None:
        start.wait(timeout=60)
        covers.append(seal(sealer))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    manifests = [read_manifest(cover, SIGNING_KEYS[0].public) for cover in covers]
    keys = [key.sealed for manifest in manifests for key in manifest.recipients]
    assert len(set(keys)) == len(keys) == 8


@pytest.mark.parametrize("suite_id", SUITE_IDS)
def test_a_loaded_key_signs_as_its_bytes_do(suite_id: str) -> None:
    suite = get_suite(suite_id)
    pair = suite.new_signing_key()
    loaded = suite.load_signing_key(pair.private)
    for message in (b"", b"one", b"two"):
        suite.verify(pair.public, message, loaded.sign(message))
        suite.verify(pair.public, message, suite.sign(pair.private, message))
