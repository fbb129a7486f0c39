"""Sealing and accepting a 4 KB form, beside the disk's own limit measured in the same minute.

Ours begins when submit is pressed with a finished form in hand and ends when `accept` returns:
AES-GCM, digests, the cover, its Ed25519 signature, and one SQLite transaction with
`synchronous=FULL`. What a session does earlier, while the resident reads (two HPKE seals and
loading the key: `SubmissionSealer.prepare`), is done before the clock starts, as in a session,
and told as `prepare_p50_ms`.

The limit is the least that any durable queue on this disk pays: ONE append, in one `write`, of
the very bytes that are kept of a submission (cover, signature, sealed form), and ONE
`fdatasync`; no index, no checksum, no lock, no second file. Each submission is preceded by one
such append of the bytes of the submission before, so that a busy neighbour slows both. The
write-ahead log is longer for the same bytes (whole pages), but is written over in place once
it has wrapped, where an append also has to record the file's new length.

Sealing costs processor time only, so the ratio rises with the slowness of the disk.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yici.contract.case import slip_code_digest
from yici.contract.envelope.suites import get_suite
from yici.contract.people import Identity
from yici.contract.sealing import FreshlySealed, Recipient, SubmissionSealer
from yici.contract.submission import ClockReading, SubmissionForm
from yici.contract.submission_ids import new_id, new_slip_code
from yici.offline_cache.cache import OfflineCache

WARM_UP = 50
MESSAGES = 400
FORM_BYTES = 4096
WANTED_RATIO = 0.6

_SUITE = get_suite("intl-1")
_TERMINAL = _SUITE.new_signing_key()
_RECIPIENTS = tuple(Recipient(name, _SUITE.new_sealing_key().public) for name in ("p1", "e1"))
_PERSONA = Identity(name="张示例", id_number="430199198506120012")


def _new_form(now: datetime) -> SubmissionForm:
    return SubmissionForm(
        submission_id=new_id(),
        item_code="11430000000000000",
        item_version=1,
        opened_at=now,
        submitted_at=now,
        language="zh_CN",
        slip_code=new_slip_code(),
        identity=_PERSONA,
        answers={f"field_{number}": "x" * 60 for number in range(45)},
    )


class _Stopwatch:
    """Milliseconds by name."""

    def __init__(self) -> None:
        names = ("limit", "prepare", "seal", "accept", "both")
        self.times_ms: dict[str, list[float]] = {name: [] for name in names}

    def time(self, name: str, work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        self.times_ms[name].append((time.perf_counter() - started) * 1000)

    def p50(self, name: str, start: int = 0) -> float:
        return statistics.median(self.times_ms[name][start:])


def _accept_one(cache: OfflineCache, watch: _Stopwatch) -> bytes:
    """Seals inside `accept`, as a session does; sealing's own share is timed too.

    Returns the bytes that are kept.
    """
    now = datetime.now(UTC)
    form = _new_form(now)
    sealer = SubmissionSealer("intl-1", form.submission_id)
    watch.time(
        "prepare",
        lambda: sealer.prepare(
            terminal_id="t-bench", recipients=_RECIPIENTS, signing_key=_TERMINAL.private
        ),
    )
    sealed: list[FreshlySealed] = []

    def seal(sequence: int) -> None:
        sealed.append(
            sealer.seal(
                form,
                (),
                terminal_id="t-bench",
                sequence=sequence,
                clock=ClockReading(boot_id="b", monotonic_ms=1, wall=now),
                recipients=_RECIPIENTS,
                signing_key=_TERMINAL.private,
            )
        )

    def build(sequence: int) -> FreshlySealed:
        watch.time("seal", lambda: seal(sequence))
        return sealed[0]

    watch.time(
        "both",
        lambda: cache.outbox.accept(
            build,
            submission_id=form.submission_id,
            item_code=form.item_code,
            slip_code_digest=slip_code_digest(form.slip_code),
            part_digests=(),
        ),
    )
    watch.times_ms["accept"].append(watch.times_ms["both"][-1] - watch.times_ms["seal"][-1])
    kept = sealed[0].submission
    return kept.manifest + kept.signature + kept.form


def measure(directory: Path | None = None) -> dict[str, Any]:
    """Medians in milliseconds; `ratio` is limit ÷ ours, so 1 is as fast as the disk."""
    watch = _Stopwatch()
    with tempfile.TemporaryDirectory(dir=directory) as made:
        raw = os.open(Path(made) / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        kept = os.urandom(FORM_BYTES)

        def append() -> None:
            os.write(raw, kept)
            os.fdatasync(raw)

        with OfflineCache.open(Path(made) / "state") as cache:
            for _ in range(WARM_UP + MESSAGES):
                watch.time("limit", append)
                kept = _accept_one(cache, watch)
        os.close(raw)
    limit, both, accept = (watch.p50(name, WARM_UP) for name in ("limit", "both", "accept"))
    return {
        "name": "seal and accept a 4 KB form",
        "limit": "append the same bytes + fdatasync",
        "limit_p50_ms": round(limit, 3),
        "p50_ms": round(both, 3),
        "p99_ms": round(statistics.quantiles(watch.times_ms["both"][WARM_UP:], n=100)[-1], 3),
        "prepare_p50_ms": round(watch.p50("prepare", WARM_UP), 3),
        "seal_p50_ms": round(watch.p50("seal", WARM_UP), 3),
        "accept_alone_p50_ms": round(accept, 3),
        "ratio": round(limit / both, 3),
        "accept_alone_ratio": round(limit / accept, 3),
        "wanted_ratio": WANTED_RATIO,
        "reached": limit / both >= WANTED_RATIO,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
