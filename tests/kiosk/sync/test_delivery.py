"""Delivery to a misbehaving platform over real sockets: nothing lost, nothing doubled."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from threading import active_count

import pytest
from sealing_desk import Draft
from terminal_under_test import TerminalUnderTest, wait_until
from toy_platform import Fault, ToyPlatform

import yici.catalogue
from yici.contract.case import CaseChange, CaseState, seal_note
from yici.contract.submission_ids import new_id
from yici.contract.terminal import Limits, TerminalState
from yici.kiosk.events import LinkState
from yici.kiosk.sync.lock import AgentRunning, DeliveryLock
from yici.kiosk.sync.status import find_status
from yici.kiosk.sync.wire import BadPlatformAddress, Line
from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.outbox_states import OutboxState

PAPER = os.urandom(40_000)


def assert_arrived(terminal: TerminalUnderTest, draft: Draft, papers: tuple[bytes, ...]) -> None:
    """There exactly once, whole, readable; here only the tombstone."""
    platform = terminal.platform
    assert platform.acknowledged_ids().count(draft.submission_id) == 1
    answers, opened = platform.opened(draft.submission_id)
    assert answers == {"purpose": "测试" * 40}
    assert opened == papers
    line = terminal.cache.outbox.find_line(draft.submission_id)
    assert line is not None
    assert line.state is OutboxState.ERASED
    assert line.case_number is not None
    assert not any(terminal.cache.parts.find_size(part.digest) is not None for part in draft.parts)


def test_form_and_papers_arrive_and_are_destroyed_here(terminal: TerminalUnderTest) -> None:
    bare, full = terminal.submit(), terminal.submit(PAPER, b"small")
    terminal.deliver_all()
    assert_arrived(terminal, bare, ())
    assert_arrived(terminal, full, (PAPER, b"small"))
    assert terminal.events().count("submission_delivered") == 2
    assert terminal.platform.duplicates == 0


# a verdict on one submission has its own tests; a server that never ends too
PASSING = [fault for fault in Fault if fault is not Fault.SLOW_LORIS]
ABOUT_ONE = (Fault.REFUSED_422, Fault.TOO_LARGE_413)


@pytest.mark.parametrize("fault", PASSING)
def test_fault_at_every_place_delays_but_never_loses(
    terminal: TerminalUnderTest, fault: Fault
) -> None:
    places = ["/v1/blobs"]
    places += [] if fault is Fault.WRONG_DIGEST else ["/v1/session"]  # a greeting names none
    places += [] if fault in ABOUT_ONE else ["/v1/submissions"]
    for place in places:
        terminal.platform.fail_next(place, fault, fault)
    draft = terminal.submit(PAPER)
    terminal.deliver_all()
    assert_arrived(terminal, draft, (PAPER,))
    assert sum(map(len, terminal.platform._faults.values())) == 0  # every one was met


def test_reply_lost_after_commit_gives_the_same_acknowledgement(
    terminal: TerminalUnderTest,
) -> None:
    terminal.platform.fail_next("/v1/submissions", Fault.REPLY_LOST)
    draft = terminal.submit()
    terminal.deliver_all()
    assert_arrived(terminal, draft, ())
    assert "chain_broken" not in terminal.events()


def test_reply_to_the_last_chunk_lost_is_asked_for_again(terminal: TerminalUnderTest) -> None:
    draft = terminal.submit(b"one chunk")
    # the HEAD goes well, the chunk arrives, its reply does not
    seen = iter([None, Fault.REPLY_LOST])
    terminal.platform.fault_source = lambda path: (
        next(seen, None) if path.startswith("/v1/blobs") else None
    )
    terminal.deliver_all()
    assert_arrived(terminal, draft, (b"one chunk",))


def test_captive_portal_is_told_apart_and_nothing_is_erased(terminal: TerminalUnderTest) -> None:
    draft = terminal.submit(PAPER)
    portal = [Fault.PORTAL_200]
    terminal.platform.fault_source = lambda _: portal[0] if portal else None
    with terminal.delivering() as agent:
        wait_until(lambda: agent.link is LinkState.NOT_OURS)
        assert terminal.cache.outbox.find_state(draft.submission_id) is OutboxState.QUEUED
        portal.clear()
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
    assert_arrived(terminal, draft, (PAPER,))


def test_slow_loris_is_cut_at_the_deadline_and_leaves_no_thread(platform: ToyPlatform) -> None:
    platform.fail_next("/v1/enrolments", Fault.SLOW_LORIS, Fault.SLOW_LORIS)
    line = Line(platform.url, ca_path=None)
    before = active_count()
    body = (
        b'{"suite":"intl-1","public_key":"","hardware_id":"h","hall_code":"","nonce":"n","mac":""}'
    )
    assert line.exchange("POST", "/v1/enrolments", body, {}, deadline_s=0.5) is None
    wait_until(lambda: active_count() <= before)
    line.close()


def test_half_closed_reply_is_no_reply(platform: ToyPlatform) -> None:
    platform.fail_next("/v1/enrolments", Fault.HALF_REPLY)
    line = Line(platform.url, ca_path=None)
    body = (
        b'{"suite":"intl-1","public_key":"","hardware_id":"h","hall_code":"","nonce":"n","mac":""}'
    )
    assert line.exchange("POST", "/v1/enrolments", body, {}, deadline_s=20) is None
    line.close()


def test_nobody_listens_is_no_reply() -> None:
    line = Line("http://127.0.0.1:9", ca_path=None)
    assert line.exchange("GET", "/", b"", {}, deadline_s=20) is None
    with pytest.raises(BadPlatformAddress):
        Line("platform.example", ca_path=None)


def test_rejected_submission_is_kept_with_its_reason_and_blocks_nobody(
    terminal: TerminalUnderTest,
) -> None:
    bad, good = terminal.submit(), terminal.submit()
    terminal.platform.reject = lambda manifest: manifest.submission_id == bad.submission_id
    terminal.deliver_all()
    line = terminal.cache.outbox.find_line(bad.submission_id)
    assert line is not None
    assert (line.state, line.reason) == (OutboxState.REJECTED, "invalid-submission")
    assert_arrived(terminal, good, ())
    assert terminal.cache.outbox.due_forms is not None
    with terminal.cache.store.reading() as connection:  # its bytes are still here
        row = connection.execute(
            "SELECT length(form) FROM submission WHERE submission_id = ?",
            (str(bad.submission_id),),
        ).fetchone()
    assert row[0] > 0


def test_request_that_the_platform_cannot_take_isolates_the_one_submission(
    terminal: TerminalUnderTest,
) -> None:
    drafts = [terminal.submit() for _ in range(5)]
    bad = drafts[2]
    line = terminal.cache.outbox.find_line(bad.submission_id)
    assert line is not None
    platform = terminal.platform
    real_batch = platform._batch

    def refuse_bad(batch: object) -> object:
        from toy_platform import _problem

        from yici.contract.problems import ProblemType
        from yici.contract.sealing import submission_digest

        if any(submission_digest(item) == line.digest for item in batch.items):
            return _problem(ProblemType.BAD_REQUEST)
        return real_batch(batch)

    platform._batch = refuse_bad
    terminal.deliver_all()
    assert terminal.cache.outbox.find_state(bad.submission_id) is OutboxState.QUARANTINED
    for draft in drafts:
        if draft is not bad:
            assert_arrived(terminal, draft, ())


def test_same_id_with_other_bytes_is_quarantined(terminal: TerminalUnderTest) -> None:
    first = terminal.submit()
    terminal.deliver_all()
    stored = terminal.platform.submissions[first.submission_id]
    second = terminal.submit()
    terminal.platform.submissions[second.submission_id] = stored
    terminal.deliver_all()
    line = terminal.cache.outbox.find_line(second.submission_id)
    assert line is not None
    assert (line.state, line.reason) == (OutboxState.QUARANTINED, "conflict")


def test_batch_too_large_is_halved_until_it_fits(terminal: TerminalUnderTest) -> None:
    drafts = [terminal.submit() for _ in range(9)]
    platform = terminal.platform
    real_batch = platform._batch

    def only_two(batch: object) -> object:
        from toy_platform import _problem

        from yici.contract.problems import ProblemType

        return _problem(ProblemType.TOO_LARGE) if len(batch.items) > 2 else real_batch(batch)

    platform._batch = only_two
    terminal.deliver_all()
    for draft in drafts:
        assert_arrived(terminal, draft, ())


def test_paper_changed_on_disk_is_set_apart_before_it_is_sent(
    terminal: TerminalUnderTest,
) -> None:
    damaged, good = terminal.submit(PAPER), terminal.submit(b"good paper")
    terminal.cache.parts.path_of(damaged.parts[0].digest).write_bytes(b"bit rot")
    terminal.deliver_all()
    line = terminal.cache.outbox.find_line(damaged.submission_id)
    assert line is not None
    assert (line.state, line.reason) == (OutboxState.QUARANTINED, "local_damage")
    assert_arrived(terminal, good, (b"good paper",))


def test_large_paper_resumes_where_the_line_was_cut(terminal: TerminalUnderTest) -> None:
    terminal.platform.limits = Limits(chunk_bytes=16 * 1024)
    paper = os.urandom(200_000)
    draft = terminal.submit(paper)
    counter = iter(range(10_000))
    terminal.platform.fault_source = lambda path: (
        Fault.REPLY_LOST if path.startswith("/v1/blobs") and next(counter) % 4 == 3 else None
    )
    terminal.deliver_all()
    assert_arrived(terminal, draft, (paper,))
    assert sum(terminal.platform.chunks) <= len(paper) + 16 + 16 * 1024  # nothing sent twice


def test_retry_after_is_obeyed(terminal: TerminalUnderTest) -> None:
    terminal.platform.fail_next("/v1/submissions", Fault.LATER_429)
    terminal.submit()
    started_s = time.monotonic()
    with terminal.delivering():
        wait_until(lambda: ("POST", "/v1/submissions:batch") in _places(terminal.platform))
    assert time.monotonic() - started_s >= 1
    assert len(terminal.platform.acknowledgements) == 1


def _places(platform: ToyPlatform) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in platform.seen]


def test_wrong_clock_is_corrected_from_the_signed_answer(terminal: TerminalUnderTest) -> None:
    terminal.platform.clock_offset = timedelta(days=400)
    draft = terminal.submit()
    terminal.deliver_all()
    assert_arrived(terminal, draft, ())
    from yici.kiosk.sync.clock import find_platform_offset_ms, read_clock

    offset_ms = find_platform_offset_ms(terminal.cache.bookmarks)
    assert offset_ms is not None
    assert abs(offset_ms - 400 * 86_400_000) < 60_000
    assert read_clock(terminal.cache.bookmarks).platform_offset_ms is not None


def test_spoofed_revocation_stops_nothing_and_a_signed_one_does(
    terminal: TerminalUnderTest,
) -> None:
    draft = terminal.submit()
    terminal.platform.state = TerminalState.SUSPENDED
    with terminal.delivering() as agent:
        wait_until(lambda: agent.link is LinkState.BLOCKED)
        assert terminal.cache.outbox.find_state(draft.submission_id) is OutboxState.QUEUED
        terminal.platform.state = TerminalState.ACTIVE
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
        terminal.platform.fault_source = lambda _: Fault.SPOOFED_403
        wait_until(lambda: agent.link is LinkState.OFFLINE)
    assert_arrived(terminal, draft, ())


def test_new_submission_wakes_a_resting_agent(terminal: TerminalUnderTest) -> None:
    from dataclasses import replace

    from terminal_under_test import QUICK

    from yici.offline_cache.cache import OfflineCache

    sleepy = terminal.agent(policy=replace(QUICK, changes_every_s=3600, max_rest_s=3600))
    with terminal.delivering(sleepy), OfflineCache.open(terminal.state_dir) as session:
        wait_until(lambda: sleepy.link is LinkState.ONLINE)
        draft = Draft(
            (b"paper",),
            terminal_id=terminal.identity.terminal_id,
            signing_key=terminal.identity.private_key,
            recipients=terminal.identity.recipients(),
        )
        draft.keep_parts(session)
        draft.accept(session)
        wait_until(lambda: session.outbox.backlog().pending == 0)
    assert_arrived(terminal, draft, (b"paper",))


def test_changes_catalogue_and_sealing_keys_come_down(terminal: TerminalUnderTest) -> None:
    draft = terminal.submit()
    platform = terminal.platform
    pack = files(yici.catalogue).joinpath("items.jsonl").read_bytes()
    platform.publish(pack, version=7)
    platform.sealing_version = 2
    with terminal.delivering():
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
        for version, state in (
            (1, CaseState.RECEIVED),
            (2, CaseState.ACCEPTED),
            (3, CaseState.REFUSED),
        ):
            note = seal_note(
                "缺少材料",
                slip_code=draft.slip_code,
                submission_id=draft.submission_id,
                version=version,
            )
            platform.changes.append(
                CaseChange(
                    submission_id=draft.submission_id,
                    case_number="C00001",
                    state=state,
                    version=version,
                    changed_at=datetime.now(UTC),
                    sealed_note=note,
                )
            )
        wait_until(lambda: _case_state(terminal, draft) is CaseState.REFUSED)
        wait_until(lambda: len(terminal.cache.catalogue.items()) > 50)
    assert terminal.identity.sealing_keys.version == 2
    standing = terminal.cache.cases.find_by_slip_code(draft.slip_code)
    assert standing is not None
    assert standing.note == "缺少材料"


def _case_state(terminal: TerminalUnderTest, draft: Draft) -> CaseState | None:
    standing = terminal.cache.cases.find_by_slip_code(draft.slip_code)
    return standing and standing.case_state


def test_cursor_that_the_platform_forgot_starts_over(terminal: TerminalUnderTest) -> None:
    terminal.cache.cases.apply((), cursor="of another database", etag='"x"')
    with terminal.delivering():
        wait_until(lambda: terminal.cache.bookmarks.find(Bookmark.CHANGES_CURSOR) == "v1-0")


def test_platform_restored_from_backup_gets_the_lost_submission_again(
    terminal: TerminalUnderTest,
) -> None:
    first, second, third = (terminal.submit(b"paper") for _ in range(3))
    keep = terminal.agent(retention_s=3600)
    with terminal.delivering(keep):
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
    for lost in (second, third):
        terminal.platform.forget(lost.submission_id)
    new = terminal.submit()
    with terminal.delivering(terminal.agent(retention_s=3600)):
        wait_until(lambda: len(terminal.platform.acknowledgements) == 4)
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
    identifiers = terminal.platform.acknowledged_ids()
    assert sorted(identifiers) == sorted(
        draft.submission_id for draft in (first, second, third, new)
    )
    assert "chain_broken" in terminal.events()
    assert terminal.events().count("submission_missing") == 2


def test_books_are_compared_once_a_day(terminal: TerminalUnderTest) -> None:
    def asked() -> int:
        return _places(terminal.platform).count(("POST", "/v1/reconciliations"))

    def compared_on() -> str:
        kept = terminal.cache.bookmarks.find(Bookmark.RECONCILED)
        return json.loads(kept)["day"] if kept else ""

    terminal.submit()
    with terminal.delivering():
        wait_until(lambda: compared_on() != "")
    assert asked() == 1
    today = compared_on()
    with terminal.delivering():  # a restart on the same day asks nothing
        wait_until(lambda: _places(terminal.platform).count(("POST", "/v1/session")) == 2)
        terminal.submit()
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
    assert asked() == 1
    terminal.platform.clock_offset = timedelta(days=1)
    with terminal.delivering():
        wait_until(lambda: compared_on() > today)
    assert asked() == 2
    assert "submission_missing" not in terminal.events()


def test_forged_acknowledgement_erases_nothing(terminal: TerminalUnderTest) -> None:
    from toy_platform import SUITE

    draft = terminal.submit()
    genuine = terminal.platform.signing
    terminal.platform.signing = SUITE.new_signing_key()
    identity = terminal.identity
    agent = terminal.agent()
    terminal.platform.signing = genuine
    # welcome is genuine, acknowledgements are not
    real = terminal.platform._acknowledge

    def forged(stored: object) -> object:
        terminal.platform.signing = SUITE.new_signing_key()
        try:
            return real(stored)
        finally:
            terminal.platform.signing = genuine

    terminal.platform._acknowledge = forged
    assert not agent.run_once(deadline_s=3)
    assert identity.signing_public_key == genuine.public
    state = terminal.cache.outbox.find_state(draft.submission_id)
    assert state is OutboxState.QUEUED


def test_poison_that_kills_the_agent_is_quarantined_on_the_third_start(
    terminal: TerminalUnderTest,
) -> None:
    poison, good = terminal.submit(), terminal.submit()
    for _ in range(3):
        # as a dead agent leaves it: the mark names whom it had in hand
        (terminal.state_dir / "sync-handling").write_text(str(poison.submission_id))
        terminal.agent().look_for_suspects()
    terminal.deliver_all()
    assert terminal.cache.outbox.find_state(poison.submission_id) is OutboxState.QUARANTINED
    assert_arrived(terminal, good, ())


def test_second_agent_is_refused(terminal: TerminalUnderTest) -> None:
    lock = DeliveryLock.take(terminal.state_dir)
    with pytest.raises(AgentRunning) as refused:
        DeliveryLock.take(terminal.state_dir)
    assert refused.value.pid == os.getpid()
    lock.release()
    DeliveryLock.take(terminal.state_dir).release()


def test_status_says_how_it_stands(terminal: TerminalUnderTest) -> None:
    terminal.submit()
    assert find_status(terminal.state_dir) is None
    terminal.deliver_all()
    status = find_status(terminal.state_dir)
    assert status is not None
    assert (status.link, status.pending) == (LinkState.STOPPED, 0)
    assert status.last_contact_at is not None


def test_orphans_of_abandoned_sessions_are_swept(terminal: TerminalUnderTest) -> None:
    draft = Draft((b"abandoned",), submission_id=new_id())
    draft.keep_parts(terminal.cache)
    terminal.cache.parts.close()
    with terminal.delivering():
        wait_until(lambda: not list(terminal.cache.parts.list_digests()))
