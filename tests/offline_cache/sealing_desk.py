"""Seals synthetic submissions for tests: real keys, real envelopes, real files."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from yici.contract.case import slip_code_digest
from yici.contract.envelope.suites import get_suite
from yici.contract.people import Identity
from yici.contract.sealing import FreshlySealed, Recipient, SealedPart, SubmissionSealer
from yici.contract.submission import ClockReading, SubmissionForm
from yici.contract.submission_ids import new_id, new_slip_code
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_records import AcceptedSubmission

SUITE = get_suite("intl-1")
PLATFORM, ESCROW = SUITE.new_sealing_key(), SUITE.new_sealing_key()
TERMINAL = SUITE.new_signing_key()
TERMINAL_ID = "t-test"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PERSONA = Identity(name="张示例", id_number="430199198506120012")


def quick_directory() -> Path:
    """For state machines, which try order and not durability: in memory where there is a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="yici-test-", dir=memory if memory.is_dir() else None))


class Draft:
    """One resident's matter before it is accepted."""

    def __init__(
        self,
        papers: tuple[bytes, ...] = (),
        *,
        submission_id: UUID | None = None,
        terminal_id: str = TERMINAL_ID,
        signing_key: bytes = TERMINAL.private,
        recipients: tuple[Recipient, ...] = (),
    ) -> None:
        self.submission_id = submission_id or new_id()
        self.slip_code = new_slip_code()
        self.terminal_id, self.signing_key = terminal_id, signing_key
        self.recipients = recipients or (
            Recipient("p1", PLATFORM.public),
            Recipient("e1", ESCROW.public),
        )
        sealer = SubmissionSealer("intl-1", self.submission_id)
        self.sealer = sealer
        self.parts: tuple[SealedPart, ...] = tuple(
            sealer.seal_part(paper, "application/pdf") for paper in papers
        )
        self.builds = 0

    def build(self, sequence: int) -> FreshlySealed:
        self.builds += 1
        form = SubmissionForm(
            submission_id=self.submission_id,
            item_code="11430000000000000",
            item_version=1,
            opened_at=NOW,
            submitted_at=NOW,
            language="zh_CN",
            slip_code=self.slip_code,
            identity=PERSONA,
            answers={"purpose": "测试" * 40},
        )
        return self.sealer.seal(
            form,
            self.parts,
            terminal_id=self.terminal_id,
            sequence=sequence,
            clock=ClockReading(boot_id="b", monotonic_ms=1, wall=NOW),
            recipients=self.recipients,
            signing_key=self.signing_key,
        )

    def keep_parts(self, cache: OfflineCache) -> None:
        for part in self.parts:
            cache.parts.put(part.digest, part.ciphertext)

    def accept(self, cache: OfflineCache) -> AcceptedSubmission:
        return cache.outbox.accept(
            self.build,
            submission_id=self.submission_id,
            item_code="11430000000000000",
            slip_code_digest=slip_code_digest(self.slip_code),
            part_digests=tuple(part.digest for part in self.parts),
        )


def submit(cache: OfflineCache, papers: tuple[bytes, ...] = ()) -> Draft:
    """Capture, seal, accept."""
    draft = Draft(papers)
    draft.keep_parts(cache)
    draft.accept(cache)
    return draft
