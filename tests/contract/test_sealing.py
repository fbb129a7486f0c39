"""A sealed submission opens for its recipients, and for nobody and nothing else."""

from datetime import UTC, datetime

import pytest

from yici.contract.envelope.suite import BadCiphertext, BadSignature, KeyPair
from yici.contract.envelope.suites import SUITE_IDS, get_suite
from yici.contract.people import Identity
from yici.contract.sealing import (
    BadSubmission,
    Recipient,
    SealedPart,
    SubmissionSealer,
    open_submission,
    read_manifest,
)
from yici.contract.submission import ClockReading, SealedSubmission, SubmissionForm
from yici.contract.submission_ids import new_id, new_slip_code

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


class Sealed:
    """One sealed submission with the keys of everybody concerned."""

    def __init__(self, suite_id: str) -> None:
        suite = get_suite(suite_id)
        self.terminal: KeyPair = suite.new_signing_key()
        self.platform: KeyPair = suite.new_sealing_key()
        self.escrow: KeyPair = suite.new_sealing_key()
        self.sealer = SubmissionSealer(suite_id, new_id())
        self.pages: tuple[SealedPart, ...] = tuple(
            self.sealer.seal_part(plain, "application/pdf") for plain in (b"%PDF one", b"%PDF two")
        )
        self.submission = self.seal()

    def seal(self, parts: tuple[SealedPart, ...] | None = None) -> SealedSubmission:
        return self.sealer.seal(
            _form(self.sealer),
            self.pages if parts is None else parts,
            terminal_id="T-1",
            sequence=7,
            clock=ClockReading(boot_id="b", monotonic_ms=1, wall=NOW),
            recipients=(
                Recipient("platform-1", self.platform.public),
                Recipient("escrow-1", self.escrow.public),
            ),
            signing_key=self.terminal.private,
        ).submission


def _form(sealer: SubmissionSealer) -> SubmissionForm:
    return SubmissionForm(
        submission_id=sealer.submission_id,
        item_code="RS-006",
        item_version=1,
        opened_at=NOW,
        submitted_at=NOW,
        language="zh_CN",
        slip_code=new_slip_code(),
        identity=Identity(name="龑䶮𬱖", id_number="430199197807200070"),
        answers={"mobile": "13800000000"},
    )


@pytest.fixture(params=SUITE_IDS)
def sealed(request: pytest.FixtureRequest) -> Sealed:
    return Sealed(request.param)


@pytest.mark.parametrize("recipient", ["platform", "escrow"])
def test_each_recipient_reads_form_and_parts(sealed: Sealed, recipient: str) -> None:
    manifest = read_manifest(sealed.submission, sealed.terminal.public)
    keys = {"platform": sealed.platform, "escrow": sealed.escrow}
    opened = open_submission(
        sealed.submission, manifest, key_id=f"{recipient}-1", private_key=keys[recipient].private
    )
    assert opened.form.identity.name == "龑䶮𬱖"
    assert [opened.open_part(p.number, p.ciphertext) for p in sealed.pages] == [
        b"%PDF one",
        b"%PDF two",
    ]
    assert manifest.sequence == 7


def test_nothing_of_the_resident_is_readable_in_what_is_sent(sealed: Sealed) -> None:
    sent = sealed.submission.to_bytes() + b"".join(page.ciphertext for page in sealed.pages)
    for secret in ("430199197807200070", "龑䶮", "13800000000"):
        assert secret.encode() not in sent
        assert secret.encode("utf-16-le") not in sent


def test_another_terminals_signature_is_refused(sealed: Sealed) -> None:
    stranger = get_suite("intl-1").new_signing_key()
    with pytest.raises(BadSignature):
        read_manifest(sealed.submission, stranger.public)


def test_every_changed_byte_of_the_cover_is_noticed(sealed: Sealed) -> None:
    manifest = sealed.submission.manifest
    for place in range(0, len(manifest), 37):
        changed = bytearray(manifest)
        changed[place] ^= 1
        forged = sealed.submission.model_copy(update={"manifest": bytes(changed)})
        with pytest.raises((BadSignature, BadSubmission)):
            read_manifest(forged, sealed.terminal.public)


def test_another_form_under_the_same_cover_is_refused(sealed: Sealed) -> None:
    forged = sealed.submission.model_copy(update={"form": sealed.submission.form + b"x"})
    with pytest.raises(BadSubmission):
        read_manifest(forged, sealed.terminal.public)


def test_swapped_parts_do_not_open(sealed: Sealed) -> None:
    manifest = read_manifest(sealed.submission, sealed.terminal.public)
    opened = open_submission(
        sealed.submission, manifest, key_id="platform-1", private_key=sealed.platform.private
    )
    with pytest.raises(BadCiphertext):
        opened.open_part(sealed.pages[0].number, sealed.pages[1].ciphertext)


def test_a_key_that_is_no_recipient_opens_nothing(sealed: Sealed) -> None:
    manifest = read_manifest(sealed.submission, sealed.terminal.public)
    for key_id, key in (("platform-1", sealed.escrow), ("somebody", sealed.platform)):
        with pytest.raises(BadCiphertext):
            open_submission(sealed.submission, manifest, key_id=key_id, private_key=key.private)


def test_sealing_again_after_a_failed_commit_uses_another_nonce(sealed: Sealed) -> None:
    again = sealed.seal()
    assert again.form != sealed.submission.form
    manifest = read_manifest(again, sealed.terminal.public)
    assert manifest.form_attempt == 1
    opened = open_submission(
        again, manifest, key_id="platform-1", private_key=sealed.platform.private
    )
    assert opened.form.item_code == "RS-006"


def test_a_page_taken_again_is_a_new_part(sealed: Sealed) -> None:
    retaken = sealed.sealer.seal_part(b"%PDF one", "application/pdf")
    assert retaken.number == 3
    kept = sealed.seal((sealed.pages[1], retaken))
    manifest = read_manifest(kept, sealed.terminal.public)
    assert [part.number for part in manifest.parts] == [0, 2, 3]
