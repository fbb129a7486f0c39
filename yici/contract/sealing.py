"""Sealed submission v1: seal part by part while the resident is still there, then the cover.

One random data key a submission. Part n is encrypted under nonce n with the context
`submission id | n`; the form is part 0, its plaintext names the digest of every other part, and
its context also holds the number of parts, so that parts can't be swapped, added or dropped.
(Parts are encrypted before their total is known, hence the total is bound in part 0.)
The form's nonce also counts attempts: sealing again after a failed commit never reuses one.
The data key is sealed to every recipient under the context suite | terminal | submission | key.
Nothing of that depends on what the resident will state, so it can be done while the resident is
still reading (`SubmissionSealer.prepare`); each sealing of the key goes into one cover only.
"""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from yici.contract.digests import digest_of
from yici.contract.envelope.suite import BadCiphertext, EnvelopeError, SigningKey, Suite
from yici.contract.envelope.suites import get_suite
from yici.contract.statement import Purpose, sign_with, verify_bytes
from yici.contract.submission import (
    FORM_PART_NUMBER,
    ClockReading,
    Manifest,
    PartContent,
    PartEntry,
    SealedKey,
    SealedSubmission,
    SubmissionForm,
)


class BadSubmission(EnvelopeError):
    """The sealed submission contradicts itself; the message names the first contradiction."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public sealing key and its id."""

    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SealedPart:
    """A part's ciphertext with its address."""

    number: int
    ciphertext: bytes
    digest: str
    media_type: str


def _part_context(submission_id: UUID, number: int, *, total: int | None = None) -> bytes:
    tail = "" if total is None else f"|{total}"
    return f"yici:part:{submission_id}|{number}{tail}".encode()


def _form_nonce(attempt: int) -> int:
    return (attempt << 32) | FORM_PART_NUMBER


def _key_context(suite_id: str, terminal_id: str, submission_id: UUID, key_id: str) -> bytes:
    return f"yici:key:{suite_id}|{terminal_id}|{submission_id}|{key_id}".encode()


@dataclass(frozen=True, slots=True, repr=False)
class _SealedKeys:
    """The data key, sealed for one cover of this terminal to these recipients."""

    terminal_id: str
    recipients: tuple[Recipient, ...]
    sealed: tuple[SealedKey, ...]


@dataclass(frozen=True, slots=True, repr=False)
class _LoadedKey:
    """The terminal's key as bytes and as the object that signs."""

    raw: bytes
    key: SigningKey


@dataclass(frozen=True, slots=True, repr=False)
class FreshlySealed:
    """What the sealer made: the bytes to keep, and the manifest that they were made from.

    Only the sealer makes one, so that its owner need not parse and check the bytes again.
    """

    submission: SealedSubmission
    manifest: Manifest


class SubmissionSealer:
    """Holds the data key of one submission, in memory only; numbers are never used twice."""

    def __init__(self, suite_id: str, submission_id: UUID) -> None:
        self._suite = get_suite(suite_id)
        self._submission_id = submission_id
        self._data_key = self._suite.new_data_key()
        self._next_number = FORM_PART_NUMBER + 1
        self._next_attempt = 0
        self._prepared: list[_SealedKeys] = []
        self._signer: _LoadedKey | None = None

    @property
    def submission_id(self) -> UUID:
        return self._submission_id

    def seal_part(self, plaintext: bytes, media_type: str) -> SealedPart:
        """Encrypt one attachment; a page taken again is a new part."""
        number, self._next_number = self._next_number, self._next_number + 1
        context = _part_context(self._submission_id, number)
        ciphertext = self._suite.encrypt(self._data_key, number, plaintext, context)
        digest = digest_of(ciphertext, self._suite.digest_algorithm)
        return SealedPart(number, ciphertext, digest, media_type)

    def prepare(
        self, *, terminal_id: str, recipients: tuple[Recipient, ...], signing_key: bytes
    ) -> None:
        """Do now what `seal` would do for these: seal the data key and load the signing key.

        Good for one cover. A `seal` for others, or without this, does it itself.
        """
        self._prepared[:] = [self._seal_keys(terminal_id, recipients)]
        self._load(signing_key)

    def seal(
        self,
        form: SubmissionForm,
        parts: tuple[SealedPart, ...],
        *,
        terminal_id: str,
        sequence: int,
        clock: ClockReading,
        recipients: tuple[Recipient, ...],
        signing_key: bytes,
        supersedes: UUID | None = None,
    ) -> FreshlySealed:
        """The finished cover; may be called again when it could not be stored."""
        suite, identifier = self._suite, self._submission_id
        if form.submission_id != identifier:
            raise BadSubmission("the form belongs to another submission")
        named = tuple(
            PartContent(number=p.number, digest=p.digest, media_type=p.media_type) for p in parts
        )
        complete = form.model_copy(update={"parts": named})
        context = _part_context(identifier, FORM_PART_NUMBER, total=len(parts) + 1)
        attempt, self._next_attempt = self._next_attempt, self._next_attempt + 1
        sealed_form = suite.encrypt(
            self._data_key, _form_nonce(attempt), complete.to_bytes(), context
        )
        entries = [
            (FORM_PART_NUMBER, digest_of(sealed_form, suite.digest_algorithm), len(sealed_form))
        ]
        entries += [(p.number, p.digest, len(p.ciphertext)) for p in parts]
        manifest = Manifest(
            suite=suite.suite_id,
            terminal_id=terminal_id,
            submission_id=identifier,
            sequence=sequence,
            form_attempt=attempt,
            item_code=form.item_code,
            clock=clock,
            recipients=self._take_keys(terminal_id, recipients).sealed,
            parts=tuple(PartEntry(number=n, digest=d, size_bytes=s) for n, d, s in entries),
            supersedes=supersedes,
        )
        cover = manifest.to_bytes()
        signature = sign_with(self._load(signing_key), Purpose.MANIFEST, cover)
        sealed = SealedSubmission(manifest=cover, signature=signature, form=sealed_form)
        return FreshlySealed(sealed, manifest)

    def _load(self, signing_key: bytes) -> SigningKey:
        if self._signer is None or self._signer.raw != signing_key:
            self._signer = _LoadedKey(signing_key, self._suite.load_signing_key(signing_key))
        return self._signer.key

    def _take_keys(self, terminal_id: str, recipients: tuple[Recipient, ...]) -> _SealedKeys:
        try:
            keys = self._prepared.pop()  # atomic: no second cover, in no thread, can get the same
        except IndexError:
            return self._seal_keys(terminal_id, recipients)
        if (keys.terminal_id, keys.recipients) != (terminal_id, recipients):
            return self._seal_keys(terminal_id, recipients)  # keys were changed in the meantime
        return keys

    def _seal_keys(self, terminal_id: str, recipients: tuple[Recipient, ...]) -> _SealedKeys:
        sealed = tuple(self._sealed_key(recipient, terminal_id) for recipient in recipients)
        return _SealedKeys(terminal_id, recipients, sealed)

    def _sealed_key(self, recipient: Recipient, terminal_id: str) -> SealedKey:
        context = _key_context(
            self._suite.suite_id, terminal_id, self._submission_id, recipient.key_id
        )
        sealed = self._suite.seal_data_key(self._data_key, recipient.public_key, context)
        return SealedKey(key_id=recipient.key_id, sealed=sealed)


def submission_digest(sealed: SealedSubmission) -> str:
    """The digest that names this submission's bytes: over the manifest, which names the rest."""
    return digest_of(sealed.manifest)


def read_manifest(sealed: SealedSubmission, terminal_public_key: bytes) -> Manifest:
    """The cover after its signature, suite and form digest were checked.

    Raises BadSignature, UnknownSuite or BadSubmission.
    """
    try:
        manifest = Manifest.from_bytes(sealed.manifest)
    except ValidationError as error:
        raise BadSubmission("the manifest is not one") from error
    suite = get_suite(manifest.suite)
    verify_bytes(suite, Purpose.MANIFEST, sealed.manifest, sealed.signature, terminal_public_key)
    numbers = [part.number for part in manifest.parts]
    if numbers[0] != FORM_PART_NUMBER or len(set(numbers)) != len(numbers):
        raise BadSubmission("the manifest does not start with the form, or repeats a part")
    first = manifest.parts[0]
    form_digest = digest_of(sealed.form, suite.digest_algorithm)
    if (first.digest, first.size_bytes) != (form_digest, len(sealed.form)):
        raise BadSubmission("the form is not the one that the manifest names")
    return manifest


@dataclass(frozen=True, slots=True, repr=False)
class OpenedSubmission:
    """The form in the clear and the key to its parts; lives on the platform only."""

    manifest: Manifest
    form: SubmissionForm
    data_key: bytes

    def open_part(self, number: int, ciphertext: bytes) -> bytes:
        """The part's plaintext. Raises BadCiphertext."""
        suite = get_suite(self.manifest.suite)
        context = _part_context(self.manifest.submission_id, number)
        return suite.decrypt(self.data_key, number, ciphertext, context)


def open_submission(
    sealed: SealedSubmission, manifest: Manifest, *, key_id: str, private_key: bytes
) -> OpenedSubmission:
    """Open with one recipient's key. Raises BadCiphertext or BadSubmission."""
    suite = get_suite(manifest.suite)
    data_key = _open_key(suite, manifest, key_id, private_key)
    context = _part_context(manifest.submission_id, FORM_PART_NUMBER, total=len(manifest.parts))
    nonce = _form_nonce(manifest.form_attempt)
    plaintext = suite.decrypt(data_key, nonce, sealed.form, context)
    try:
        form = SubmissionForm.from_bytes(plaintext)
    except ValidationError as error:
        raise BadSubmission("the form is not one") from error
    named = {(part.number, part.digest) for part in form.parts}
    carried = {(part.number, part.digest) for part in manifest.parts[1:]}
    if named != carried or form.submission_id != manifest.submission_id:
        raise BadSubmission("form and manifest name different parts or submissions")
    return OpenedSubmission(manifest, form, data_key)


def _open_key(suite: Suite, manifest: Manifest, key_id: str, private_key: bytes) -> bytes:
    for recipient in manifest.recipients:
        if recipient.key_id == key_id:
            context = _key_context(
                manifest.suite, manifest.terminal_id, manifest.submission_id, key_id
            )
            return suite.open_data_key(recipient.sealed, private_key, context)
    raise BadCiphertext("not sealed to this key")
