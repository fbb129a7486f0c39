"""Open a stored submission: the form and every part, in memory only.

What lies on the platform's disk stays sealed; it is opened when it is received (to see that it
can be) and whenever somebody who may do so looks at it.
"""

from uuid import UUID

from sqlalchemy import Row

from yici.contract.envelope.suite import EnvelopeError
from yici.contract.problems import Problem, ProblemType, problem
from yici.contract.sealing import OpenedSubmission, open_submission
from yici.contract.submission import Manifest, SealedSubmission
from yici.unified_platform.app import Platform


def stored_envelope(row: Row[tuple[object, ...]]) -> SealedSubmission:
    """The sealed submission from its row of `submissions`."""
    return SealedSubmission(manifest=row.manifest, signature=row.signature, form=row.form)


def open_envelope(platform: Platform, sealed: SealedSubmission) -> OpenedSubmission | Problem:
    """The form in the clear, or why it can't be opened."""
    manifest = Manifest.from_bytes(sealed.manifest)
    keys = platform.keys.find(manifest.suite)
    if keys is None:
        return _unreadable(f"this platform has no keys of the suite {manifest.suite}")
    for recipient in manifest.recipients:
        private_key = keys.sealing_private.get(recipient.key_id)
        if private_key is not None:
            try:
                return open_submission(
                    sealed, manifest, key_id=recipient.key_id, private_key=private_key
                )
            except EnvelopeError:
                return _unreadable("the form does not open with the key that it is sealed to")
            except ValueError:  # raised below the suites for keys and points of a wrong form
                return _unreadable("the sealed key is not one")
    return _unreadable("the submission is sealed to keys that this platform does not have")


def _unreadable(title: str) -> Problem:
    return problem(ProblemType.UNREADABLE_ENVELOPE, title)


def open_part(
    platform: Platform, opened: OpenedSubmission, number: int, digest: str
) -> bytes | Problem:
    """A part's plaintext, or why it can't be had."""
    try:
        ciphertext = platform.blobs.read(opened.manifest.terminal_id, digest)
        return opened.open_part(number, ciphertext)
    except EnvelopeError:
        return _unreadable(f"part {number} does not open")
    except FileNotFoundError:
        return _unreadable(f"part {number} is not on this platform")


def check_parts(platform: Platform, opened: OpenedSubmission) -> Problem | None:
    """Whether every part opens; one part at a time is in memory."""
    for part in opened.manifest.parts[1:]:
        plaintext = open_part(platform, opened, part.number, part.digest)
        if isinstance(plaintext, Problem):
            return plaintext
    return None


def submission_uuid(text: str) -> UUID:
    """From the database's text."""
    return UUID(text)
