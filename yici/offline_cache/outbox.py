"""The outbox: what residents submitted, until the platform has acknowledged it.

`accept` is the promise: it returns after COMMIT, and from then on neither a kill nor a power
cut loses the submission. Everything is idempotent by the submission's id.
"""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from yici.contract.delivery import SentRecord
from yici.contract.digests import digest_of
from yici.contract.problems import Problem
from yici.contract.sealing import FreshlySealed
from yici.contract.submission import FORM_PART_NUMBER, Manifest, SealedSubmission
from yici.offline_cache import errors
from yici.offline_cache.boot_clock import BootTime
from yici.offline_cache.outbox_records import (
    AcceptedSubmission,
    Backlog,
    OutboxLine,
    PendingForm,
    PendingPart,
    VerifiedAcknowledgement,
    from_ms,
)
from yici.offline_cache.outbox_rows import (
    BadSeal,
    check_names,
    erase_rows,
    last_and_own,
    line_of,
    move,
    now_ms,
    parts_of,
    start_over,
    take_in,
)
from yici.offline_cache.outbox_states import OutboxEvent, OutboxState, QuarantineReason
from yici.offline_cache.parts import PartStore
from yici.offline_cache.store import Store

MAX_CRASHES = 3

_DUE = "(not_before_boot IS NULL OR not_before_boot <> :boot OR not_before_ms <= :now)"
_NO_PART_LEFT = (
    "NOT EXISTS (SELECT 1 FROM part WHERE part.sequence = submission.sequence AND delivered = 0)"
)
_FORM_COLUMNS = "submission_id, sequence, digest, manifest, signature, form, crashes"


class Outbox:
    """Submissions in the store, their parts in files beside it."""

    def __init__(self, store: Store, parts: PartStore) -> None:
        self._store = store
        self._parts = parts

    # --- the session's side

    def accept(
        self,
        build: Callable[[int], FreshlySealed],
        *,
        submission_id: UUID,
        item_code: str,
        slip_code_digest: str,
        part_digests: tuple[str, ...] | None = None,
        supersedes: UUID | None = None,
    ) -> AcceptedSubmission:
        """Seal with the next sequence number and commit; durable on return.

        A second call with the same id returns the first one's record without calling `build`.
        `part_digests`, where given, must be exactly the parts that the cover names.
        Raises PartMissing, BadSeal, or another StoreError; then nothing was accepted.
        """
        with self._store.writing() as connection:
            last, accepted = last_and_own(connection, submission_id)
            if accepted is not None:
                return accepted
            if part_digests is not None:
                self._part_sizes(part_digests)  # before sealing: nothing is spent on a lost page
            sequence = last + 1
            fresh = build(sequence)
            sealed, manifest = fresh.submission, fresh.manifest
            check_names(manifest, submission_id, sequence)
            self._check_parts(manifest, part_digests)
            accepted_at_ms = now_ms()
            accepted = AcceptedSubmission(
                submission_id, sequence, digest_of(sealed.manifest), from_ms(accepted_at_ms)
            )
            connection.execute(
                "INSERT INTO submission (sequence, submission_id, item_code, digest,"
                " slip_code_digest, accepted_at_ms, supersedes, manifest, signature, form)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    sequence,
                    str(submission_id),
                    item_code,
                    accepted.digest,
                    slip_code_digest,
                    accepted_at_ms,
                    str(supersedes) if supersedes else None,
                    sealed.manifest,
                    sealed.signature,
                    sealed.form,
                ),
            )
            connection.executemany(
                "INSERT INTO part (sequence, number, digest, size_bytes) VALUES (?, ?, ?, ?)",
                [
                    (sequence, part.number, part.digest, part.size_bytes)
                    for part in manifest.parts
                    if part.number != FORM_PART_NUMBER
                ],
            )
        return accepted

    def _check_parts(self, manifest: Manifest, part_digests: tuple[str, ...] | None) -> None:
        named = {part.digest: part.size_bytes for part in manifest.parts if part.number}
        if part_digests is not None and set(part_digests) != set(named):
            raise BadSeal("the cover names other parts than the caller")
        if self._part_sizes(tuple(named)) != named:
            raise BadSeal("the cover names parts of another size than those on the disk")

    def _part_sizes(self, part_digests: tuple[str, ...]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for digest in part_digests:
            size = self._parts.find_size(digest)
            if size is None:
                raise errors.PartMissing(
                    "A captured page is no longer on the disk: capture it again, then submit."
                )
            sizes[digest] = size
        return sizes

    def find_state(self, submission_id: UUID) -> OutboxState | None:
        """Where it stands, or None when this terminal never accepted it."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT state FROM submission WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
        return OutboxState(row[0]) if row else None

    def backlog(self) -> Backlog:
        """Counts only, from the small indexes: tombstones may be many."""
        pending, oldest_ms = 0, now_ms()
        with self._store.reading() as connection:
            for state in ("queued", "form_sent"):
                count, oldest = connection.execute(
                    "SELECT count(*), min(accepted_at_ms) FROM submission"  # noqa: S608 - constants only
                    f" WHERE state = '{state}'"
                ).fetchone()
                pending += count
                oldest_ms = min(oldest_ms, oldest or oldest_ms)
            (set_apart,) = connection.execute(
                "SELECT count(*) FROM submission WHERE state IN ('rejected', 'quarantined')"
            ).fetchone()
        return Backlog(pending, max(0, (now_ms() - oldest_ms) // 1000), set_apart)

    # --- the sync agent's side

    def due_forms(self, now: BootTime, limit: int) -> tuple[PendingForm, ...]:
        """Forms to send, oldest first within a priority.

        After them come forms whose every part was delivered without an acknowledgement: sending
        such a form again is how its acknowledgement is asked for.
        """
        query = f"SELECT {_FORM_COLUMNS} FROM submission WHERE "  # noqa: S608 - constants only
        order = " ORDER BY priority, sequence LIMIT :limit"
        values = {"boot": now.boot_id, "now": now.uptime_ms, "limit": limit}
        with self._store.reading() as connection:
            rows = connection.execute(f"{query} state = 'queued' AND {_DUE} {order}", values)
            forms = rows.fetchall()
            if len(forms) < limit:
                values["limit"] = limit - len(forms)
                forms += connection.execute(
                    f"{query} state = 'form_sent' AND {_DUE} AND {_NO_PART_LEFT} {order}", values
                ).fetchall()
        return tuple(PendingForm(UUID(row[0]), *row[1:]) for row in forms)

    def find_due_part(self, now: BootTime) -> PendingPart | None:
        """A part of the submission with the fewest bytes left: some become whole early."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT submission_id, part.digest, part.size_bytes"  # noqa: S608 - constants only
                " FROM part JOIN submission USING (sequence)"
                " WHERE part.delivered = 0 AND sequence = ("
                "  SELECT sequence FROM submission INDEXED BY submission_form_sent"
                "  CROSS JOIN part USING (sequence)"
                f" WHERE state = 'form_sent' AND delivered = 0 AND {_DUE}"
                "  GROUP BY sequence ORDER BY sum(size_bytes), sequence LIMIT 1)"
                " ORDER BY number LIMIT 1",
                {"boot": now.boot_id, "now": now.uptime_ms},
            ).fetchone()
        return PendingPart(UUID(row[0]), row[1], row[2]) if row else None

    def next_due_in_s(self, now: BootTime) -> float | None:
        """Seconds until a postponed record may be tried again; None when none is postponed."""
        with self._store.reading() as connection:
            (soonest,) = connection.execute(
                "SELECT min(not_before_ms) FROM ("
                " SELECT not_before_ms, not_before_boot FROM submission WHERE state = 'queued'"
                " UNION ALL"
                " SELECT not_before_ms, not_before_boot FROM submission WHERE state = 'form_sent'"
                ") WHERE not_before_boot = ? AND not_before_ms > ?",
                (now.boot_id, now.uptime_ms),
            ).fetchone()
        return None if soonest is None else max(0.0, (soonest - now.uptime_ms) / 1000)

    def form_stored(self, needed: dict[UUID, frozenset[str]]) -> None:
        """The platform stored these forms and still lacks these parts. One commit for all."""
        with self._store.writing() as connection:
            for submission_id, lacking in needed.items():
                if not move(connection, submission_id, OutboxEvent.FORM_STORED):
                    continue
                connection.execute(
                    "UPDATE submission SET attempts = 0, crashes = 0, not_before_boot = NULL"
                    " WHERE submission_id = ?",
                    (str(submission_id),),
                )
                for sequence, number, digest in parts_of(connection, submission_id):
                    connection.execute(
                        "UPDATE part SET delivered = ? WHERE sequence = ? AND number = ?",
                        (int(digest not in lacking), sequence, number),
                    )

    def part_delivered(self, digest: str) -> None:
        """The platform has synced this part."""
        with self._store.writing() as connection:
            connection.execute("UPDATE part SET delivered = 1 WHERE digest = ?", (digest,))

    def acknowledged(self, words: Sequence[VerifiedAcknowledgement]) -> tuple[UUID, ...]:
        """Keep verified acknowledgements and move the chain's head, in one commit for all.

        One that is about nothing that this terminal holds with that digest and those parts moves
        only the head. Returns the submissions that are complete now and were not before.
        """
        with self._store.writing() as connection:
            return tuple(
                word.acknowledgement.submission_id for word in words if take_in(connection, word)
            )

    def find_statement(self, submission_id: UUID) -> bytes | None:
        """The platform's signed word about this submission, verbatim."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT statement FROM acknowledgement WHERE submission_id = ?",
                (str(submission_id),),
            ).fetchone()
        return row[0] if row else None

    def last_chain_number(self) -> int:
        """The highest number among all acknowledgements kept; 0 before the first."""
        with self._store.reading() as connection:
            (number,) = connection.execute(
                "SELECT max(chain_number) FROM acknowledgement"
            ).fetchone()
        return number or 0

    def sent_records(self, first: int, last: int) -> tuple[SentRecord, ...]:
        """What was acknowledged under these chain numbers, both included."""
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT submission_id, digest FROM acknowledgement JOIN submission"
                " USING (submission_id) WHERE chain_number BETWEEN ? AND ? ORDER BY chain_number",
                (first, last),
            ).fetchall()
        return tuple(SentRecord(submission_id=UUID(row[0]), digest=row[1]) for row in rows)

    def chain_head(self) -> tuple[int, str] | None:
        """Number and digest of the newest acknowledgement in the chain; None before the first."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT value FROM bookmark WHERE name = 'chain_head'"
            ).fetchone()
        if row is None:
            return None
        number, _, digest = row[0].partition(" ")
        return int(number), digest

    def refused(self, submission_id: UUID, problem: Problem) -> None:
        """Keep the reason: its kind, title and fields, never the detail."""
        fields = "; ".join(f"{error.pointer} {error.code}" for error in problem.errors)
        refusal = f"{problem.title} ({fields})" if fields else problem.title
        reason = problem.kind.value if problem.kind else "refused"
        self._settle(submission_id, OutboxEvent.REFUSED, reason, refusal)

    def set_apart(self, submission_id: UUID, reason: QuarantineReason) -> None:
        """Quarantine: kept, shown to staff, never sent until released, never in the way."""
        self._settle(submission_id, OutboxEvent.SET_APART, reason.value, None)

    def _settle(
        self, submission_id: UUID, event: OutboxEvent, reason: str | None, refusal: str | None
    ) -> None:
        with self._store.writing() as connection:
            if move(connection, submission_id, event):
                connection.execute(
                    "UPDATE submission SET reason = ?, refusal = ? WHERE submission_id = ?",
                    (reason, refusal, str(submission_id)),
                )

    def forgotten(self, submission_id: UUID) -> bool:
        """The platform has lost it: queue it again. False when its bytes are already erased."""
        with self._store.writing() as connection:
            if not move(connection, submission_id, OutboxEvent.FORGOTTEN):
                return False
            start_over(connection, submission_id)
        return True

    def release(self, submission_id: UUID) -> bool:
        """Staff want a rejected or quarantined submission tried again."""
        with self._store.writing() as connection:
            if not move(connection, submission_id, OutboxEvent.RELEASED):
                return False
            start_over(connection, submission_id)
        return True

    def postpone(self, submission_ids: Iterable[UUID], until: BootTime) -> None:
        """Count a failed attempt and keep these back until then; others go on."""
        with self._store.writing() as connection:
            connection.executemany(
                "UPDATE submission SET attempts = attempts + 1, not_before_boot = ?,"
                " not_before_ms = ? WHERE submission_id = ? AND state IN ('queued', 'form_sent')",
                [(until.boot_id, until.uptime_ms, str(each)) for each in submission_ids],
            )

    def try_now(self) -> None:
        """Lift every postponement."""
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE submission SET not_before_boot = NULL"
                " WHERE state IN ('queued', 'form_sent') AND not_before_boot IS NOT NULL"
            )

    def find_attempts(self, submission_id: UUID) -> int | None:
        """Failed attempts so far."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT attempts FROM submission WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
        return None if row is None else int(row[0])

    def count_crashes(self, submission_ids: Iterable[UUID]) -> tuple[UUID, ...]:
        """An earlier agent died while it handled these; returns those now quarantined."""
        apart = []
        with self._store.writing() as connection:
            for submission_id in submission_ids:
                row = connection.execute(
                    "UPDATE submission SET crashes = crashes + 1 WHERE submission_id = ?"
                    " AND state IN ('queued', 'form_sent') RETURNING crashes",
                    (str(submission_id),),
                ).fetchone()
                if row and row[0] >= MAX_CRASHES:
                    move(connection, submission_id, OutboxEvent.SET_APART)
                    connection.execute(
                        "UPDATE submission SET reason = ? WHERE submission_id = ?",
                        (QuarantineReason.CRASHED_THREE_TIMES.value, str(submission_id)),
                    )
                    apart.append(submission_id)
        return tuple(apart)

    def find_sealed(self, submission_id: UUID) -> tuple[SealedSubmission, tuple[str, ...]] | None:
        """The sealed bytes and the digests of its parts, for staff to carry them by hand."""
        with self._store.reading() as connection:
            row = connection.execute(
                "SELECT manifest, signature, form FROM submission"
                " WHERE submission_id = ? AND form IS NOT NULL",
                (str(submission_id),),
            ).fetchone()
            if row is None:
                return None
            digests = tuple(digest for _, _, digest in parts_of(connection, submission_id))
        return SealedSubmission(manifest=row[0], signature=row[1], form=row[2]), digests

    # --- erasing and looking

    def erase_due(self, *, retention_s: float = 0) -> int:
        """Destroy what was acknowledged at least this long ago; its tombstone stays.

        The wrapped keys and the form go in one commit (overwritten in the file by
        `secure_delete`), then the files, then the log. Returns the number erased.
        """
        limit_ms = now_ms() - round(retention_s * 1000)
        with self._store.reading() as connection:
            due = connection.execute(
                "SELECT sequence FROM submission WHERE state = 'complete'"
                " AND (completed_at_ms <= ? OR ? = 0)",
                (limit_ms, retention_s),
            ).fetchall()
        if not due:
            return 0
        with self._store.writing() as connection:
            digests = erase_rows(connection, due)
        self._parts.remove(digests)
        self._store.checkpoint()
        return len(due)

    def named_digests(self) -> frozenset[str]:
        """Every part that a submission still names: what a sweep must keep."""
        with self._store.reading() as connection:
            return frozenset(row[0] for row in connection.execute("SELECT digest FROM part"))

    def list_lines(self) -> tuple[OutboxLine, ...]:
        """Everything, tombstones included, in order."""
        return self._lines("", ())

    def find_line(self, submission_id: UUID) -> OutboxLine | None:
        """One submission as staff see it."""
        lines = self._lines("WHERE submission_id = ?", (str(submission_id),))
        return lines[0] if lines else None

    def _lines(self, where: str, values: tuple[str, ...]) -> tuple[OutboxLine, ...]:
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, submission_id, item_code, state, digest, accepted_at_ms,"  # noqa: S608 - constants only
                " attempts, crashes,"
                " (SELECT count(*) FROM part WHERE part.sequence = submission.sequence),"
                " (SELECT count(*) FROM part WHERE part.sequence = submission.sequence"
                "   AND delivered = 1),"
                " reason, refusal, case_number"
                f" FROM submission LEFT JOIN acknowledgement USING (submission_id) {where}"
                " ORDER BY sequence",
                values,
            ).fetchall()
        return tuple(line_of(row) for row in rows)
