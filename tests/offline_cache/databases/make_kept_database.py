"""Makes the kept database of the schema of today: run once when a migration is added.

    python tests/offline_cache/databases/make_kept_database.py

It is committed and never made again: it proves that later releases upgrade a full queue.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sealing_desk import NOW, TERMINAL_ID, submit

from yici.contract.acknowledgement import CHAIN_START, Acknowledgement
from yici.contract.problems import ProblemType, problem
from yici.kiosk.events import SubmissionAccepted
from yici.offline_cache.cache import DATABASE_NAME, PARTS_NAME, OfflineCache
from yici.offline_cache.outbox_records import VerifiedAcknowledgement
from yici.offline_cache.outbox_states import QuarantineReason
from yici.offline_cache.store import SCHEMA_VERSION


def fill(cache: OfflineCache) -> None:
    """One submission in each state, a waiting one at the end."""
    outbox = cache.outbox
    _, sent, erased, refused, apart, _ = (submit(cache, (b"paper",) * (n % 3)) for n in range(6))
    sent_part = frozenset(part.digest for part in sent.parts)
    outbox.form_stored({sent.submission_id: sent_part})
    line = outbox.find_line(erased.submission_id)
    assert line is not None
    word = Acknowledgement(
        terminal_id=TERMINAL_ID,
        submission_id=erased.submission_id,
        digest=line.digest,
        part_digests=tuple(part.digest for part in erased.parts),
        case_number="C0001",
        received_at=NOW,
        sequence=1,
        previous=CHAIN_START,
    )
    outbox.acknowledged([VerifiedAcknowledgement(word, b"statement", CHAIN_START)])
    outbox.erase_due()
    outbox.refused(refused.submission_id, problem(ProblemType.INVALID_SUBMISSION, "no"))
    outbox.set_apart(apart.submission_id, QuarantineReason.CONFLICT)
    cache.events.append(SubmissionAccepted(sent.submission_id, 2, 1))
    cache.store.checkpoint()


def main() -> None:
    """Write the database and its parts beside this file."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as made:
        with OfflineCache.open(Path(made)) as cache:
            fill(cache)
        name = f"v{SCHEMA_VERSION:03d}"
        shutil.copy(Path(made) / DATABASE_NAME, here / f"{name}.sqlite")
        shutil.copytree(
            Path(made) / PARTS_NAME,
            here / f"{name}-parts",
            ignore=shutil.ignore_patterns(".*"),
        )


if __name__ == "__main__":
    main()
