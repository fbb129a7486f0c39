"""Take in a batch: one transaction for all, a verdict for each.

The unique constraint on (terminal, submission) is what makes a repeat harmless: an insert that
does nothing means that the submission is known, and then its digest decides.
"""

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Connection, text

from yici.contract.delivery import Batch, BatchReply, Outcome, Verdict
from yici.contract.envelope.suite import BadSignature, EnvelopeError, UnknownSuite
from yici.contract.problems import Problem, ProblemType, problem
from yici.contract.sealing import read_manifest, submission_digest
from yici.contract.submission import Manifest, SealedSubmission
from yici.unified_platform.app import Platform
from yici.unified_platform.fleet.terminals import Terminal
from yici.unified_platform.intake.completion import (
    STORED,
    close_whole,
    find_submission,
    needed_parts,
    stored_verdict,
)

# hand-written: the hot path; the same words in SQLite and PostgreSQL
_INSERT = text("""
    INSERT INTO submissions (terminal_id, submission_id, digest, item_code, manifest, signature,
                             form, received_at, state)
    VALUES (:terminal_id, :submission_id, :digest, :item_code, :manifest, :signature,
            :form, :received_at, :state)
    ON CONFLICT (terminal_id, submission_id) DO NOTHING
""")
_INSERT_PART = text("""
    INSERT INTO parts (terminal_id, submission_id, number, digest, size_bytes)
    VALUES (:terminal_id, :submission_id, :number, :digest, :size_bytes)
    ON CONFLICT (terminal_id, submission_id, number) DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class _Readable:
    sealed: SealedSubmission
    manifest: Manifest
    digest: str


def take_batch(platform: Platform, terminal: Terminal, batch: Batch) -> BatchReply:
    """Verdicts in the order of the items."""
    read = [_read(terminal, sealed) for sealed in batch.items]
    taken = [entry for entry in read if isinstance(entry, _Readable)]

    def work(connection: Connection) -> list[Verdict]:
        return [_store(platform, connection, terminal, entry) for entry in taken]

    stored = iter(platform.database.write(work) if taken else [])
    verdicts = [entry if isinstance(entry, Verdict) else next(stored) for entry in read]
    return BatchReply(verdicts=_with_whole_closed(platform, terminal, verdicts))


def _read(terminal: Terminal, sealed: SealedSubmission) -> "_Readable | Verdict":
    try:
        manifest = read_manifest(sealed, terminal.public_key)
    except UnknownSuite as error:
        return _rejected(sealed, ProblemType.INVALID_SUBMISSION, str(error))
    except (BadSignature, ValueError):  # ValueError: a signature of another form than the suite's
        title = "the manifest's signature is wrong"
        return _rejected(sealed, ProblemType.BAD_SIGNATURE, title)
    except EnvelopeError as error:
        return _rejected(sealed, ProblemType.INVALID_SUBMISSION, str(error))
    if manifest.terminal_id != terminal.terminal_id or manifest.suite != terminal.suite:
        title = "the manifest names another terminal or suite"
        return _rejected(sealed, ProblemType.INVALID_SUBMISSION, title)
    return _Readable(sealed, manifest, submission_digest(sealed))


def _rejected(sealed: SealedSubmission, kind: ProblemType, title: str) -> Verdict:
    """Not stored: what doesn't hold together is judged anew each time it comes."""
    try:
        submission_id = Manifest.from_bytes(sealed.manifest).submission_id
    except ValidationError:
        submission_id = None
    return Verdict(
        submission_id=submission_id,
        digest=submission_digest(sealed),
        outcome=Outcome.REJECTED,
        problem=problem(kind, title),
    )


def _store(
    platform: Platform, connection: Connection, terminal: Terminal, entry: _Readable
) -> Verdict:
    manifest = entry.manifest
    key = {
        "terminal_id": terminal.terminal_id,
        "submission_id": str(manifest.submission_id),
    }
    inserted = connection.execute(
        _INSERT,
        {
            **key,
            "digest": entry.digest,
            "item_code": manifest.item_code[:60],
            "manifest": entry.sealed.manifest,
            "signature": entry.sealed.signature,
            "form": entry.sealed.form,
            "received_at": _microseconds(platform),
            "state": STORED,
        },
    ).rowcount
    if inserted and len(manifest.parts) > 1:
        connection.execute(
            _INSERT_PART,
            [
                {**key, "number": p.number, "digest": p.digest, "size_bytes": p.size_bytes}
                for p in manifest.parts[1:]
            ],
        )
    if inserted:
        digests = (part.digest for part in manifest.parts[1:])
        return Verdict(
            submission_id=manifest.submission_id,
            digest=entry.digest,
            outcome=Outcome.STORED,
            needed=needed_parts(platform, terminal.terminal_id, digests),
        )
    row = find_submission(connection, terminal.terminal_id, str(manifest.submission_id))
    if row is None or row.digest != entry.digest:
        return _conflict(entry)
    return stored_verdict(platform, connection, row)


def _microseconds(platform: Platform) -> int:
    return round(platform.now().timestamp() * 1_000_000)


def _conflict(entry: _Readable) -> Verdict:
    why: Problem = problem(ProblemType.CONFLICT, "this submission id is known with other contents")
    return Verdict(
        submission_id=entry.manifest.submission_id,
        digest=entry.digest,
        outcome=Outcome.CONFLICT,
        problem=why,
    )


def _with_whole_closed(
    platform: Platform, terminal: Terminal, verdicts: list[Verdict]
) -> tuple[Verdict, ...]:
    """Submissions that need nothing more are completed at once, in one transaction."""
    whole = [str(v.submission_id) for v in verdicts if v.outcome is Outcome.STORED and not v.needed]
    closed = close_whole(platform, terminal.terminal_id, whole) if whole else {}
    return tuple(
        closed.get(str(v.submission_id), v) if v.outcome is Outcome.STORED else v for v in verdicts
    )
