"""Replays, lost replies, conflicts, attacks: what goes wrong on a line, on both databases."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from platform_bench import Running
from wire_terminal import SUITE, TIMEOUT_S, Sealed, WireTerminal, problem_of

from yici.contract.delivery import (
    AcknowledgementPage,
    Batch,
    BlobProgress,
    NeededPart,
    Outcome,
    Reconciliation,
    ReconciliationReply,
    SentRecord,
    fold_records,
)
from yici.contract.problems import ProblemType
from yici.contract.sealing import Recipient, submission_digest
from yici.contract.submission_ids import new_id
from yici.contract.terminal import TerminalState
from yici.contract.wire import PROTOCOL_HEADER
from yici.unified_platform.fleet.terminals import set_state
from yici.unified_platform.storage.database import Database
from yici.unified_platform.storage.errors import StorageUnavailable

PDF = "application/pdf"


def paper(size: int = 100_000) -> tuple[bytes, str]:
    return secrets.token_bytes(size), PDF


# --- repeats


def test_repeated_batch_gets_the_stored_acknowledgement(terminal: WireTerminal) -> None:
    sealed = terminal.seal()
    (first,), (again,) = terminal.batch(sealed), terminal.batch(sealed)
    assert first == again


def test_repeated_batch_says_what_is_still_needed(terminal: WireTerminal) -> None:
    sealed = terminal.seal(paper())
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, fence = terminal.head(part.digest)
    terminal.patch(part.digest, part.ciphertext[:1000], offset=0, length=length, fence=fence)
    (again,) = terminal.batch(sealed)
    assert again.needed == (NeededPart(digest=part.digest, offset=1000),)


def test_same_id_with_other_bytes_is_a_conflict_and_changes_nothing(
    terminal: WireTerminal,
) -> None:
    identifier = new_id()
    first, other = terminal.seal(submission_id=identifier), terminal.seal(submission_id=identifier)
    (stored,) = terminal.batch(first)
    (conflict,) = terminal.batch(other)
    assert conflict.outcome is Outcome.CONFLICT
    assert conflict.digest == submission_digest(other.cover)
    assert terminal.batch(first) == (stored,)


def test_same_submission_twice_in_one_batch_is_one_case(terminal: WireTerminal) -> None:
    sealed = terminal.seal()
    first, second = terminal.batch(sealed, sealed)
    assert first == second
    assert terminal.acknowledgement(first).sequence == 1


def test_bad_item_does_not_hold_up_its_neighbours(terminal: WireTerminal) -> None:
    good, bad = terminal.seal(), terminal.seal()
    bad = replace(bad, cover=bad.cover.model_copy(update={"signature": b"x" * 64}))
    short = replace(bad, cover=bad.cover.model_copy(update={"signature": b""}))
    nonsense = replace(bad, cover=bad.cover.model_copy(update={"manifest": b"{}"}))
    outcomes = [v.outcome for v in terminal.batch(bad, good, short, nonsense)]
    rejected = Outcome.REJECTED
    assert outcomes == [rejected, Outcome.COMPLETE, rejected, rejected]


def test_acknowledgements_are_given_again_after_a_lost_reply(terminal: WireTerminal) -> None:
    verdicts = terminal.batch(*(terminal.seal() for _ in range(4)))
    reply = terminal.call("GET", "/v1/acknowledgements?after=1&limit=2")
    page = AcknowledgementPage.from_bytes(reply.content)
    assert page.acknowledgements == tuple(v.acknowledgement for v in verdicts[1:3])
    assert page.last == 4


def test_last_chunk_repeated_after_a_lost_reply_brings_the_verdict_again(
    terminal: WireTerminal,
) -> None:
    sealed = terminal.seal(paper(1000))
    terminal.batch(sealed)
    part = sealed.parts[0]
    first = terminal.upload(part)
    offset, length, fence = terminal.head(part.digest)
    assert offset == length
    again = terminal.patch(part.digest, b"", offset=offset, length=length, fence=fence)
    assert BlobProgress.from_bytes(again.content) == first


def test_books_are_compared_and_missing_records_named(terminal: WireTerminal) -> None:
    sealed = [terminal.seal() for _ in range(3)]
    terminal.batch(*sealed)
    records = [
        SentRecord(submission_id=s.submission_id, digest=submission_digest(s.cover)) for s in sealed
    ]

    def ask(books: list[SentRecord]) -> ReconciliationReply:
        message = Reconciliation(
            first_sequence=1,
            last_sequence=3,
            count=len(books),
            fold=fold_records(books),
            records=tuple(books),
        )
        reply = terminal.call("POST", "/v1/reconciliations", message.to_bytes())
        return ReconciliationReply.from_bytes(reply.content)

    assert ask(records) == ReconciliationReply(matches=True)
    lost = SentRecord(submission_id=new_id(), digest=records[0].digest)
    assert ask([*records, lost]) == ReconciliationReply(
        matches=False, missing=(lost.submission_id,)
    )


# --- parts


def test_newer_request_fences_the_stale_one(terminal: WireTerminal) -> None:
    sealed = terminal.seal(paper())
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, stale = terminal.head(part.digest)
    _, _, fresh = terminal.head(part.digest)
    assert fresh > stale
    chunk = part.ciphertext[:100]
    refused = terminal.patch(part.digest, chunk, offset=0, length=length, fence=stale)
    assert problem_of(refused).kind is ProblemType.STALE_UPLOAD
    taken = terminal.patch(part.digest, chunk, offset=0, length=length, fence=fresh)
    assert BlobProgress.from_bytes(taken.content).offset == 100


@pytest.mark.parametrize(("offset", "kind"), [(50, ProblemType.STALE_UPLOAD)])
def test_gap_in_an_upload_is_refused(
    terminal: WireTerminal, offset: int, kind: ProblemType
) -> None:
    sealed = terminal.seal(paper())
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, fence = terminal.head(part.digest)
    reply = terminal.patch(part.digest, b"x", offset=offset, length=length, fence=fence)
    assert problem_of(reply).kind is kind


def test_part_with_other_bytes_is_thrown_away_and_can_start_again(
    terminal: WireTerminal,
) -> None:
    sealed = terminal.seal(paper(5000))
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, fence = terminal.head(part.digest)
    wrong = terminal.patch(part.digest, bytes(length), offset=0, length=length, fence=fence)
    assert problem_of(wrong).kind is ProblemType.DIGEST_MISMATCH
    assert terminal.head(part.digest)[0] == 0
    assert terminal.upload(part).verdicts[0].outcome is Outcome.COMPLETE


def test_parts_of_others_are_not_known(running: Running, terminal: WireTerminal) -> None:
    sealed = terminal.seal(paper(10))
    terminal.batch(sealed)
    stranger = running.add_terminal()
    reply = stranger.call("HEAD", f"/v1/blobs/{sealed.parts[0].digest}")
    assert reply.status_code == 404


def test_chunk_over_the_limit_is_refused_before_it_is_read(terminal: WireTerminal) -> None:
    sealed = terminal.seal(paper(400_000))
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, fence = terminal.head(part.digest)
    chunk = part.ciphertext[: 256 * 1024 + 1]
    reply = terminal.patch(part.digest, chunk, offset=0, length=length, fence=fence)
    assert problem_of(reply).kind is ProblemType.TOO_LARGE


# --- contents


def sealed_to_a_stranger(terminal: WireTerminal) -> Sealed:
    honest = terminal.recipients
    terminal.recipients = (Recipient(honest[0].key_id, SUITE.new_sealing_key().public),)
    try:
        return terminal.seal()
    finally:
        terminal.recipients = honest


def test_envelope_that_does_not_open_is_rejected_for_good(terminal: WireTerminal) -> None:
    sealed = sealed_to_a_stranger(terminal)
    (verdict,) = terminal.batch(sealed)
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.problem is not None
    assert verdict.problem.kind is ProblemType.UNREADABLE_ENVELOPE
    assert terminal.batch(sealed) == (verdict,)


def test_part_that_does_not_open_is_rejected_when_it_is_whole(terminal: WireTerminal) -> None:
    one, other = terminal.seal(paper(100)), terminal.seal(paper(100))
    # a cover that names a part sealed under another submission's key
    mixed = terminal.seal(foreign_parts=other.parts)
    terminal.batch(one, mixed)
    (verdict,) = terminal.upload(other.parts[0]).verdicts
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.submission_id == mixed.submission_id


@pytest.mark.parametrize(
    "changes",
    [
        {"item_version": 99},
        {"answers": {"name": {"a": ["shape"]}}},
        {"answers": {"name": 7}},
        {"answers": {"name": "长" * 5000}},
    ],
    ids=["unknown version", "nested answer", "number answer", "endless answer"],
)
def test_form_that_nobody_can_work_with_is_rejected(
    terminal: WireTerminal, changes: dict[str, object]
) -> None:
    (verdict,) = terminal.batch(terminal.seal(**changes))
    assert verdict.outcome is Outcome.REJECTED
    assert verdict.problem is not None
    assert verdict.problem.kind is ProblemType.INVALID_SUBMISSION


def test_form_with_a_doubtful_number_is_taken(terminal: WireTerminal) -> None:
    (verdict,) = terminal.batch(terminal.seal(answers={"id_number": "430199198506120013"}))
    assert verdict.outcome is Outcome.COMPLETE


# --- who speaks


def test_signature_by_another_key_is_refused(terminal: WireTerminal) -> None:
    stranger = SUITE.new_signing_key().private
    found = problem_of(terminal.call("GET", "/v1/catalogue", key=stranger))
    assert found.kind is ProblemType.BAD_SIGNATURE
    assert terminal.standing(found).state is TerminalState.ACTIVE


def test_body_changed_on_the_way_is_refused(terminal: WireTerminal) -> None:
    body = Batch(items=(terminal.seal().cover,)).to_bytes()
    reply = terminal.call("POST", "/v1/submissions:batch", body, signed_body=body + b" ")
    assert problem_of(reply).kind is ProblemType.BAD_SIGNATURE


def test_same_nonce_twice_is_a_replay(terminal: WireTerminal) -> None:
    assert terminal.call("GET", "/v1/catalogue", nonce="once").status_code == 200
    found = problem_of(terminal.call("GET", "/v1/catalogue", nonce="once"))
    assert found.kind is ProblemType.REPLAYED


def test_wrong_clock_learns_the_right_time_from_the_signed_refusal(
    running: Running, terminal: WireTerminal
) -> None:
    terminal.skew = timedelta(days=-400)
    found = problem_of(terminal.greet())
    assert found.kind is ProblemType.CLOCK_SKEW
    told = terminal.standing(found).at
    assert abs(told - running.platform.now()) < timedelta(minutes=4)


def test_suspended_terminal_is_told_so_by_the_platform_itself(
    running: Running, terminal: WireTerminal
) -> None:
    identifier = terminal.terminal_id
    assert set_state(running.platform, identifier, TerminalState.SUSPENDED, actor="t")
    found = problem_of(terminal.greet())
    assert found.kind is ProblemType.TERMINAL_BLOCKED
    standing = terminal.standing(found)
    assert (standing.terminal_id, standing.state) == (identifier, TerminalState.SUSPENDED)
    assert set_state(running.platform, identifier, TerminalState.ACTIVE, actor="t")
    assert terminal.greet().status_code == 200


def test_revoked_terminal_stays_revoked(running: Running, terminal: WireTerminal) -> None:
    identifier = terminal.terminal_id
    assert set_state(running.platform, identifier, TerminalState.REVOKED, actor="t")
    assert not set_state(running.platform, identifier, TerminalState.ACTIVE, actor="t")
    assert terminal.standing(problem_of(terminal.greet())).state is TerminalState.REVOKED


def test_unknown_terminal_is_not_told_to_wipe_itself(terminal: WireTerminal) -> None:
    terminal.answer = terminal.answer.model_copy(update={"terminal_id": "T000-NOBODY"})
    found = problem_of(terminal.greet())
    assert found.kind is ProblemType.TERMINAL_BLOCKED
    assert terminal.standing(found).state is TerminalState.SUSPENDED


def test_unsigned_request_is_refused(running: Running) -> None:
    reply = running.session.get(f"{running.terminals_url}/v1/catalogue", timeout=TIMEOUT_S)
    assert reply.status_code == 401
    assert reply.headers[PROTOCOL_HEADER] == "1"


# --- shapes


def test_body_over_the_limit_is_refused_by_its_announced_length(terminal: WireTerminal) -> None:
    reply = terminal.call("POST", "/v1/submissions:batch", bytes(5 * 1024 * 1024))
    assert problem_of(reply).kind is ProblemType.TOO_LARGE


def test_body_without_a_length_is_cut_off_at_the_limit(running: Running) -> None:
    def endless() -> object:
        for _ in range(20):
            yield bytes(16 * 1024)

    reply = running.session.post(
        f"{running.terminals_url}/v1/enrolments", data=endless(), timeout=TIMEOUT_S
    )
    assert problem_of(reply).kind is ProblemType.TOO_LARGE


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/nowhere"), ("DELETE", "/v1/catalogue"), ("GET", "/v1/blobs/../../etc")],
)
def test_what_is_not_there_is_a_problem_too(running: Running, method: str, target: str) -> None:
    reply = running.session.request(method, running.terminals_url + target, timeout=TIMEOUT_S)
    assert reply.status_code in (404, 405)
    assert reply.headers[PROTOCOL_HEADER] == "1"
    assert problem_of(reply).title


@pytest.mark.parametrize(
    "target",
    [
        "/v1/acknowledgements?after=x",
        "/v1/acknowledgements?after=-1",
        "/v1/blobs/sha256-short",
        "/v1/catalogue/packs/..%2F..%2Fplatform.sqlite3",
    ],
)
def test_senseless_addresses_are_bad_requests(terminal: WireTerminal, target: str) -> None:
    method = "HEAD" if "blobs" in target else "GET"
    assert terminal.call(method, target).status_code in (400, 404)


def test_storage_that_fails_is_unavailable_and_says_when_to_try_again(
    running: Running, terminal: WireTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = terminal.seal()
    body = Batch(items=(sealed.cover,)).to_bytes()

    def fail(self: Database, work: object) -> object:
        raise StorageUnavailable("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", fail)
        reply = terminal.call("POST", "/v1/submissions:batch", body)
    assert problem_of(reply).kind is ProblemType.UNAVAILABLE
    assert int(reply.headers["Retry-After"]) > 0
    assert terminal.batch(sealed)[0].outcome is Outcome.COMPLETE


def test_batch_over_64_is_a_bad_request(terminal: WireTerminal) -> None:
    cover = json.loads(terminal.seal().cover.to_bytes())
    body = json.dumps({"items": [cover] * 65}).encode()
    found = problem_of(terminal.call("POST", "/v1/submissions:batch", body))
    assert found.kind is ProblemType.BAD_REQUEST
    assert cover["form"][:20] not in found.detail
