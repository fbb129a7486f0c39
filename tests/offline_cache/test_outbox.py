"""The outbox's promises, against the real store."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from sealing_desk import NOW, TERMINAL_ID, Draft, quick_directory, submit

from yici.contract.acknowledgement import Acknowledgement
from yici.contract.case import slip_code_digest
from yici.contract.digests import digest_of
from yici.contract.problems import ProblemType, problem
from yici.contract.sealing import FreshlySealed, read_manifest, submission_digest
from yici.contract.submission_ids import new_id
from yici.offline_cache import errors
from yici.offline_cache.boot_clock import BootTime, read_boot_time
from yici.offline_cache.cache import DATABASE_NAME, OfflineCache
from yici.offline_cache.outbox_records import VerifiedAcknowledgement
from yici.offline_cache.outbox_rows import BadSeal
from yici.offline_cache.outbox_states import (
    TRANSITIONS,
    OutboxEvent,
    OutboxState,
    QuarantineReason,
)


def acknowledgement_for(cache: OfflineCache, draft: Draft, number: int = 1) -> Acknowledgement:
    line = cache.outbox.find_line(draft.submission_id)
    assert line is not None
    return Acknowledgement(
        terminal_id=TERMINAL_ID,
        submission_id=draft.submission_id,
        digest=line.digest,
        part_digests=tuple(part.digest for part in draft.parts),
        case_number=f"C{number:04d}",
        received_at=NOW,
        sequence=number,
        previous=digest_of(b"previous"),
    )


def acknowledge(cache: OfflineCache, draft: Draft, number: int = 1) -> bool:
    acknowledgement = acknowledgement_for(cache, draft, number)
    word = VerifiedAcknowledgement(acknowledgement, b"statement", digest_of(b"head"))
    return cache.outbox.acknowledged([word]) == (draft.submission_id,)


def test_double_tap_returns_the_first_record_and_seals_once(cache: OfflineCache) -> None:
    draft = Draft((b"paper",))
    draft.keep_parts(cache)
    first, second = draft.accept(cache), draft.accept(cache)
    assert first == second
    assert draft.builds == 1
    assert len(cache.outbox.list_lines()) == 1


def test_stored_bytes_are_the_sealed_bytes_and_open_again(cache: OfflineCache) -> None:
    draft = submit(cache, (b"paper one", b"paper two"))
    (pending,) = cache.outbox.due_forms(read_boot_time(), 10)
    sealed = pending.sealed()
    manifest = read_manifest(sealed, _terminal_public())
    assert manifest.sequence == pending.sequence == 1
    assert submission_digest(sealed) == pending.digest
    assert {p.digest for p in manifest.parts if p.number} == {p.digest for p in draft.parts}


def _terminal_public() -> bytes:
    from sealing_desk import TERMINAL

    return TERMINAL.public


def test_page_lost_from_disk_is_refused_before_sealing(cache: OfflineCache) -> None:
    draft = Draft((b"paper",))
    with pytest.raises(errors.PartMissing):
        draft.accept(cache)
    assert draft.builds == 0
    assert cache.outbox.list_lines() == ()


def test_failed_sealing_leaves_nothing_and_gives_the_number_to_the_next(
    cache: OfflineCache,
) -> None:
    draft = Draft()

    def failing(sequence: int) -> FreshlySealed:
        raise RuntimeError(f"at {sequence}")

    with pytest.raises(RuntimeError):
        cache.outbox.accept(
            failing,
            submission_id=draft.submission_id,
            item_code="x",
            slip_code_digest=slip_code_digest(draft.slip_code),
        )
    assert draft.accept(cache).sequence == 1


def test_cover_with_another_sequence_is_refused(cache: OfflineCache) -> None:
    draft = Draft()
    with pytest.raises(BadSeal):
        cache.outbox.accept(
            lambda sequence: draft.build(sequence + 1),
            submission_id=draft.submission_id,
            item_code="x",
            slip_code_digest=slip_code_digest(draft.slip_code),
        )
    assert cache.outbox.list_lines() == ()


def test_erasing_leaves_a_tombstone_and_no_byte_of_the_envelope(
    cache: OfflineCache, tmp_path: Path
) -> None:
    draft = submit(cache, (b"paper",))
    (pending,) = cache.outbox.due_forms(read_boot_time(), 1)
    needle = pending.form[-64:]
    assert acknowledge(cache, draft)
    assert cache.outbox.erase_due(retention_s=3600) == 0
    assert cache.outbox.erase_due() == 1
    line = cache.outbox.find_line(draft.submission_id)
    assert line is not None
    assert (line.state, line.case_number) == (OutboxState.ERASED, "C0001")
    assert list(cache.parts.list_digests()) == []
    state_dir = tmp_path / "state"
    for path in (state_dir / DATABASE_NAME, state_dir / f"{DATABASE_NAME}-wal"):
        assert needle not in path.read_bytes()
    assert pending.manifest[-64:] not in (state_dir / DATABASE_NAME).read_bytes()
    assert submit(cache).accept(cache).sequence == 2  # the tombstone keeps its number


def test_acknowledgement_of_other_bytes_erases_nothing(cache: OfflineCache) -> None:
    draft = submit(cache, (b"paper",))
    right = acknowledgement_for(cache, draft)
    wrong_digest = right.model_copy(update={"digest": digest_of(b"other")})
    fewer_parts = right.model_copy(update={"part_digests": ()})
    for wrong in (wrong_digest, fewer_parts):
        word = VerifiedAcknowledgement(wrong, b"s", digest_of(b"h"))
        assert cache.outbox.acknowledged([word]) == ()
    assert cache.outbox.find_state(draft.submission_id) is OutboxState.QUEUED
    assert cache.outbox.erase_due() == 0


def test_bad_record_steps_aside_and_the_next_one_goes_on(cache: OfflineCache) -> None:
    bad, good = submit(cache), submit(cache)
    now = read_boot_time()
    cache.outbox.postpone([bad.submission_id], now.later(3600))
    assert [f.submission_id for f in cache.outbox.due_forms(now, 10)] == [good.submission_id]
    assert cache.outbox.next_due_in_s(now) == pytest.approx(3600, abs=1)
    after_reboot = BootTime("another boot", 5)
    assert len(cache.outbox.due_forms(after_reboot, 10)) == 2
    cache.outbox.try_now()
    assert len(cache.outbox.due_forms(now, 10)) == 2
    assert cache.outbox.find_attempts(bad.submission_id) == 1


def test_three_crashes_quarantine_and_release_queues_again(cache: OfflineCache) -> None:
    draft = submit(cache)
    assert cache.outbox.count_crashes([draft.submission_id]) == ()
    assert cache.outbox.count_crashes([draft.submission_id]) == ()
    assert cache.outbox.count_crashes([draft.submission_id]) == (draft.submission_id,)
    assert cache.outbox.due_forms(read_boot_time(), 10) == ()
    assert cache.outbox.backlog().set_apart == 1
    assert cache.outbox.release(draft.submission_id)
    assert len(cache.outbox.due_forms(read_boot_time(), 10)) == 1


def test_smallest_submission_becomes_whole_first(cache: OfflineCache) -> None:
    large, small = submit(cache, (b"a" * 900, b"b" * 900)), submit(cache, (b"c" * 100,))
    cache.outbox.form_stored(
        {draft.submission_id: frozenset(p.digest for p in draft.parts) for draft in (large, small)}
    )
    part = cache.outbox.find_due_part(read_boot_time())
    assert part is not None
    assert part.submission_id == small.submission_id
    cache.outbox.part_delivered(part.digest)
    # every part is there and no acknowledgement came: the form is offered again
    assert [f.submission_id for f in cache.outbox.due_forms(read_boot_time(), 10)] == [
        small.submission_id
    ]


def test_refusal_keeps_title_and_fields_but_never_the_detail(cache: OfflineCache) -> None:
    draft = submit(cache)
    words = problem(ProblemType.INVALID_SUBMISSION, "The form is incomplete", detail="张示例")
    cache.outbox.refused(draft.submission_id, words)
    line = cache.outbox.find_line(draft.submission_id)
    assert line is not None
    assert (line.state, line.reason) == (OutboxState.REJECTED, "invalid-submission")
    assert line.refusal == "The form is incomplete"


def test_hot_queries_never_walk_through_the_tombstones(cache: OfflineCache) -> None:
    submit(cache, (b"paper",))
    asked: list[str] = []
    outbox, now = cache.outbox, read_boot_time()
    with cache.store.reading() as connection:
        connection.set_trace_callback(asked.append)
        outbox.due_forms(now, 64)
        outbox.find_due_part(now)
        outbox.next_due_in_s(now)
        outbox.backlog()
        outbox.erase_due()
        outbox.find_state(new_id())
        connection.set_trace_callback(None)
        selects = [query for query in asked if query.startswith("SELECT")]
        assert len(selects) > 7
        for query in selects:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
            walks = [step for *_, step in plan if step.startswith(("SCAN submission", "SCAN part"))]
            assert all(" INDEX " in step for step in walks), (query, plan)


class OutboxMachine(RuleBasedStateMachine):
    """Every order of events, with restarts in between, against a plain dictionary."""

    drafts: Bundle[Draft] = Bundle("drafts")

    @initialize()
    def start(self) -> None:
        self.directory = quick_directory()
        self.cache = OfflineCache.open(self.directory)
        self.model: dict[object, OutboxState] = {}
        self.acknowledged = 0

    @rule(target=drafts, papers=st.lists(st.binary(min_size=1, max_size=40), max_size=2))
    def accept(self, papers: list[bytes]) -> Draft:
        draft = Draft(tuple(papers))
        draft.keep_parts(self.cache)
        record = draft.accept(self.cache)
        assert record.sequence == len(self.model) + 1
        self.model[draft.submission_id] = OutboxState.QUEUED
        return draft

    @rule(draft=drafts)
    def accept_again(self, draft: Draft) -> None:
        assert draft.accept(self.cache).submission_id == draft.submission_id
        assert draft.builds == 1

    def _expect(self, draft: Draft, event: OutboxEvent) -> None:
        state = self.model[draft.submission_id]
        self.model[draft.submission_id] = TRANSITIONS.get((state, event), state)

    @rule(draft=drafts, lacking=st.booleans())
    def form_stored(self, draft: Draft, lacking: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        needed = frozenset(p.digest for p in draft.parts) if lacking else frozenset()
        self.cache.outbox.form_stored({draft.submission_id: needed})
        self._expect(draft, OutboxEvent.FORM_STORED)

    @rule(draft=drafts)
    def acknowledge(self, draft: Draft) -> None:
        self.acknowledged += 1
        acknowledge(self.cache, draft, self.acknowledged)
        self._expect(draft, OutboxEvent.ACKNOWLEDGED)

    @rule(draft=drafts)
    def refuse(self, draft: Draft) -> None:
        self.cache.outbox.refused(draft.submission_id, problem(ProblemType.CONFLICT, "no"))
        self._expect(draft, OutboxEvent.REFUSED)

    @rule(draft=drafts)
    def set_apart(self, draft: Draft) -> None:
        self.cache.outbox.set_apart(draft.submission_id, QuarantineReason.CONFLICT)
        self._expect(draft, OutboxEvent.SET_APART)

    @rule(draft=drafts)
    def forget(self, draft: Draft) -> None:
        self.cache.outbox.forgotten(draft.submission_id)
        self._expect(draft, OutboxEvent.FORGOTTEN)

    @rule(draft=drafts)
    def release(self, draft: Draft) -> None:
        self.cache.outbox.release(draft.submission_id)
        self._expect(draft, OutboxEvent.RELEASED)

    @rule()
    def erase(self) -> None:
        due = sum(state is OutboxState.COMPLETE for state in self.model.values())
        assert self.cache.outbox.erase_due() == due
        for identifier, state in self.model.items():
            if state is OutboxState.COMPLETE:
                self.model[identifier] = OutboxState.ERASED

    @rule()
    def sweep(self) -> None:
        self.cache.parts.close()
        self.cache.parts.sweep(self.cache.outbox.named_digests)

    @rule()
    def restart(self) -> None:
        self.cache.close()
        self.cache = OfflineCache.open(self.directory)

    @invariant()
    def rows_match_and_every_row_has_its_files(self) -> None:
        if not hasattr(self, "cache"):
            return
        lines = self.cache.outbox.list_lines()
        assert {line.submission_id: line.state for line in lines} == self.model
        on_disk = set(self.cache.parts.list_digests())
        assert self.cache.outbox.named_digests() <= on_disk
        assert all(self.cache.parts.holds_intact(digest) for digest in on_disk)

    def teardown(self) -> None:
        if hasattr(self, "cache"):
            self.cache.store.check()
            self.cache.close()
            shutil.rmtree(self.directory)


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
