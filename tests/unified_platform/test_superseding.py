"""An application sent again replaces the older one, unless somebody has already decided it."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platform_bench import Running
from wire_terminal import Sealed, WireTerminal, example_form, example_identity

from yici.contract.case import CaseState
from yici.contract.people import Assurance
from yici.contract.sealing import OpenedSubmission
from yici.contract.submission import (
    ClockReading,
    Manifest,
    PartEntry,
    SealedKey,
    SubmissionForm,
)
from yici.contract.submission_ids import new_id
from yici.unified_platform.cases.audit import AuditAction, list_audit
from yici.unified_platform.cases.decisions import Decided, Decision, DecisionFault, decide
from yici.unified_platform.cases.reading import (
    OlderCase,
    OpenedCase,
    Replacement,
    Shelf,
    count_shelves,
    find_case,
    list_cases,
)
from yici.unified_platform.intake.superseding import may_replace

PDF = "application/pdf"


def deliver(terminal: WireTerminal, sealed: Sealed) -> str:
    """The case number."""
    return terminal.acknowledgement(terminal.deliver(sealed)).case_number


def case_of(running: Running, number: str) -> OpenedCase:
    case = find_case(running.platform, number)
    assert case is not None
    return case


def settle(running: Running, number: str, decision: Decision) -> Decided | DecisionFault:
    return decide(running.platform, number, decision, reason="缺户口簿", actor="t")


def numbers_on(running: Running, shelf: Shelf) -> set[str]:
    with running.platform.database.read() as connection:
        return {line.case_number for line in list_cases(connection, shelf).lines}


def again(terminal: WireTerminal, older: Sealed, **changes: object) -> Sealed:
    return terminal.seal(supersedes=older.submission_id, **changes)


def test_untouched_older_case_is_replaced_and_not_worked_on_twice(
    running: Running, terminal: WireTerminal
) -> None:
    older = terminal.seal()
    first = deliver(terminal, older)
    with running.platform.database.read() as connection:
        before = count_shelves(connection)
    second = deliver(terminal, again(terminal, older))
    case = case_of(running, first)
    assert (case.superseded_by, case.shelf, case.state) == (
        second,
        Shelf.SUPERSEDED,
        CaseState.RECEIVED,
    )
    assert case_of(running, second).older == OlderCase(first, Replacement.REPLACED)
    assert first in numbers_on(running, Shelf.SUPERSEDED)
    assert first not in numbers_on(running, Shelf.RECEIVED)
    assert second in numbers_on(running, Shelf.RECEIVED)
    with running.platform.database.read() as connection:
        after = count_shelves(connection)
        (row,) = list_audit(connection, first)
    assert after[Shelf.RECEIVED] == before[Shelf.RECEIVED]
    assert after[Shelf.SUPERSEDED] == before[Shelf.SUPERSEDED] + 1
    assert (row.action, row.detail) == (AuditAction.CASE_SUPERSEDED, second)
    for decision in Decision:
        assert settle(running, first, decision) is DecisionFault.SUPERSEDED
    assert isinstance(settle(running, second, Decision.ACCEPT), Decided)


@pytest.mark.parametrize("decision", Decision)
def test_decided_older_case_is_never_replaced(
    running: Running, terminal: WireTerminal, decision: Decision
) -> None:
    older = terminal.seal()
    first = deliver(terminal, older)
    decided = settle(running, first, decision)
    assert isinstance(decided, Decided)
    second = deliver(terminal, again(terminal, older))
    assert case_of(running, first).superseded_by is None
    assert case_of(running, first).state is decided.state
    assert case_of(running, second).older == OlderCase(first, Replacement.KEPT)


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": example_identity(id_number="430199196211030029")},
        {"identity": example_identity(assurance=Assurance.TYPED)},
        {"item_code": "RS-003"},
    ],
    ids=["another person", "a typed number", "another item"],
)
def test_what_is_not_surely_the_same_leaves_both_and_names_the_older(
    running: Running, terminal: WireTerminal, changes: dict[str, object]
) -> None:
    older = terminal.seal()
    first = deliver(terminal, older)
    second = deliver(terminal, again(terminal, older, **changes))
    assert case_of(running, first).superseded_by is None
    assert case_of(running, second).older == OlderCase(first, Replacement.KEPT)
    assert {first, second} <= numbers_on(running, Shelf.RECEIVED)


def test_submission_of_another_terminal_unknown_or_its_own_is_not_replaced(
    running: Running, terminal: WireTerminal
) -> None:
    stranger = running.add_terminal()
    foreign = stranger.seal()
    first = deliver(stranger, foreign)
    own = new_id()
    numbers = [
        deliver(terminal, again(terminal, foreign)),
        deliver(terminal, terminal.seal(supersedes=new_id())),
        deliver(terminal, terminal.seal(submission_id=own, supersedes=own)),
    ]
    for number in (first, *numbers):
        assert case_of(running, number).superseded_by is None
    assert case_of(running, numbers[0]).older is None


def test_older_one_whose_papers_arrive_last_is_replaced_all_the_same(
    running: Running, terminal: WireTerminal
) -> None:
    older = terminal.seal((b"paper", PDF))
    terminal.batch(older)
    second = deliver(terminal, again(terminal, older))
    assert case_of(running, second).older is None
    (last,) = terminal.upload(older.parts[0]).verdicts
    first = terminal.acknowledgement(last).case_number
    assert case_of(running, first).superseded_by == second
    assert case_of(running, second).superseded_by is None


def test_newer_one_that_was_refused_replaces_nothing_that_comes_later(
    running: Running, terminal: WireTerminal
) -> None:
    older = terminal.seal((b"paper", PDF))
    terminal.batch(older)
    second = deliver(terminal, again(terminal, older))
    assert isinstance(settle(running, second, Decision.REFUSE), Decided)
    (last,) = terminal.upload(older.parts[0]).verdicts
    first = terminal.acknowledgement(last).case_number
    assert case_of(running, first).superseded_by is None


def test_sent_a_third_time_only_the_last_is_left(running: Running, terminal: WireTerminal) -> None:
    sealed = terminal.seal()
    numbers = [deliver(terminal, sealed)]
    for _ in range(2):
        sealed = again(terminal, sealed)
        numbers.append(deliver(terminal, sealed))
    assert [case_of(running, number).superseded_by for number in numbers] == [*numbers[1:], None]
    assert set(numbers) & numbers_on(running, Shelf.RECEIVED) == {numbers[2]}


def test_two_that_name_each_other_do_not_both_disappear(
    running: Running, terminal: WireTerminal
) -> None:
    first_id, second_id = new_id(), new_id()
    first = deliver(terminal, terminal.seal(submission_id=first_id, supersedes=second_id))
    second = deliver(terminal, terminal.seal(submission_id=second_id, supersedes=first_id))
    assert case_of(running, first).superseded_by == second
    assert case_of(running, second).superseded_by is None


def test_decision_and_replacement_at_the_same_moment_are_one_or_the_other(
    running: Running, terminal: WireTerminal
) -> None:
    outcomes = set()
    for _ in range(6):
        older = terminal.seal()
        first, newer = deliver(terminal, older), again(terminal, older)
        barrier = threading.Barrier(2)
        results: list[Decided | DecisionFault] = []

        def accept(
            number: str = first,
            start: threading.Barrier = barrier,
            found: list[Decided | DecisionFault] = results,
        ) -> None:
            start.wait(60)
            found.append(settle(running, number, Decision.ACCEPT))

        thread = threading.Thread(target=accept)
        thread.start()
        barrier.wait(60)
        second = deliver(terminal, newer)
        thread.join(60)
        case = case_of(running, first)
        accepted = case.state is CaseState.ACCEPTED
        assert accepted is (case.superseded_by is None)
        assert accepted is isinstance(results[0], Decided)
        expected = Replacement.KEPT if accepted else Replacement.REPLACED
        assert case_of(running, second).older == OlderCase(first, expected)
        outcomes.add(accepted)
    assert outcomes  # which of the two wins is the machine's affair


# --- the rule by itself

_ID_NUMBERS = st.sampled_from(["430199198506120012", "430199196211030029"])
_SUBMISSIONS = st.builds(
    lambda number, assurance, item_code, sequence: _opened(
        number, assurance, item_code, sequence=sequence
    ),
    _ID_NUMBERS,
    st.sampled_from(Assurance),
    st.sampled_from(["RS-001", "RS-003"]),
    st.integers(1, 3),
)


def _opened(
    id_number: str, assurance: Assurance, item_code: str, *, sequence: int
) -> OpenedSubmission:
    submission_id: UUID = new_id()
    identity = example_identity(id_number=id_number, assurance=assurance)
    form = {**example_form(submission_id, "0" * 10, ()), "identity": identity}
    manifest = Manifest(
        suite="intl-1",
        terminal_id="T1",
        submission_id=submission_id,
        sequence=sequence,
        item_code=item_code,
        clock=ClockReading(boot_id="b", monotonic_ms=1, wall=datetime.now(UTC)),
        recipients=(SealedKey(key_id="k", sealed=b"s"),),
        parts=(PartEntry(number=0, digest="sha256-" + "0" * 64, size_bytes=1),),
    )
    stated = SubmissionForm.model_validate({**form, "item_code": item_code})
    return OpenedSubmission(manifest, stated, b"")


@given(older=_SUBMISSIONS, newer=_SUBMISSIONS)
def test_only_the_same_person_with_no_weaker_proof_replaces(
    older: OpenedSubmission, newer: OpenedSubmission
) -> None:
    assert not (may_replace(older, newer) and may_replace(newer, older))
    if may_replace(older, newer):
        before, after = older.form.identity, newer.form.identity
        assert before.id_number == after.id_number
        assert older.form.item_code == newer.form.item_code
        assert before.assurance is not Assurance.CARD or after.assurance is Assurance.CARD
    else:
        assert may_replace(older, _sent_later(older))


def _sent_later(submission: OpenedSubmission) -> OpenedSubmission:
    manifest = submission.manifest
    later = manifest.model_copy(update={"sequence": manifest.sequence + 1})
    return OpenedSubmission(later, submission.form, b"")
