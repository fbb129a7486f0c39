"""The wire's own rules: folds without order, bounded batches, strict messages, closed problems."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from yici.contract.delivery import (
    Batch,
    NeededPart,
    Outcome,
    Reconciliation,
    SentRecord,
    Verdict,
    fold_records,
)
from yici.contract.digests import digest_of
from yici.contract.problems import STATUS, FieldProblem, Problem, ProblemType, problem
from yici.contract.submission import ClockReading, Manifest, PartEntry, SealedKey, SealedSubmission

records = st.builds(
    SentRecord,
    submission_id=st.uuids(version=4),
    digest=st.binary(max_size=4).map(digest_of),
)
sets_of_records = st.lists(records, max_size=12, unique_by=lambda record: record.submission_id)


@given(sent=sets_of_records, shuffled=st.randoms(use_true_random=False))
def test_the_fold_does_not_depend_on_order(
    sent: list[SentRecord], shuffled: Callable[..., object]
) -> None:
    other = list(sent)
    shuffled.shuffle(other)  # type: ignore[attr-defined]  # a random.Random
    assert fold_records(other) == fold_records(sent)


@given(sent=sets_of_records.filter(bool), data=st.data())
def test_one_lost_or_changed_record_shows_in_the_fold(
    sent: list[SentRecord], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(sent) - 1))
    lost = sent[:place] + sent[place + 1 :]
    changed = [*lost, sent[place].model_copy(update={"digest": digest_of(b"another")})]
    assert fold_records(lost) != fold_records(sent)
    assert fold_records(changed) != fold_records(sent)


@given(sent=sets_of_records)
def test_the_fold_travels_in_a_reconciliation(sent: list[SentRecord]) -> None:
    told = Reconciliation(
        first_sequence=1, last_sequence=9, count=len(sent), fold=fold_records(sent)
    )
    assert Reconciliation.from_bytes(told.to_bytes()) == told


def test_nothing_sent_folds_to_zero() -> None:
    assert fold_records([]) == "0" * 64


@pytest.mark.parametrize("count", [0, 65])
def test_a_batch_holds_one_to_64(count: int) -> None:
    one = SealedSubmission(manifest=b"m", signature=b"s", form=b"f")
    Batch(items=(one,) * 64)
    with pytest.raises(ValidationError):
        Batch(items=(one,) * count)


def test_messages_refuse_what_they_do_not_know() -> None:
    verdict = Verdict(
        submission_id=UUID(int=1),
        digest=digest_of(b"m"),
        outcome=Outcome.STORED,
        needed=(NeededPart(digest=digest_of(b"p"), offset=0),),
    )
    text = verdict.to_bytes()
    assert Verdict.from_bytes(text) == verdict
    for wrong in (
        text[:-1] + b',"extra":1}',
        text.replace(b'"stored"', b'"perhaps"'),
        text.replace(b"sha256-", b"sha257-"),
        text[:-2],
        b"\xff",
    ):
        with pytest.raises(ValidationError):
            Verdict.from_bytes(wrong)


@given(
    sequence=st.integers(),
    item_code=st.text(),
    wall=st.datetimes(timezones=st.timezones()),
    part=st.binary(max_size=100),
)
def test_bytes_are_the_json_that_pydantic_writes(
    sequence: int, item_code: str, wall: datetime, part: bytes
) -> None:
    manifest = Manifest(
        suite="intl-1",
        terminal_id="T-1",
        submission_id=UUID(int=1),
        sequence=sequence,
        item_code=item_code,
        clock=ClockReading(boot_id="b", monotonic_ms=1, wall=wall),
        recipients=(SealedKey(key_id="p", sealed=part),),
        parts=(PartEntry(number=0, digest=digest_of(part), size_bytes=1),),
    )
    assert manifest.to_bytes() == manifest.model_dump_json().encode()


@given(data=st.binary(max_size=100))
def test_bytes_travel_as_base64_and_come_back(data: bytes) -> None:
    sealed = SealedSubmission(manifest=data, signature=b"", form=data)
    assert SealedSubmission.from_bytes(sealed.to_bytes()) == sealed


def test_what_is_no_base64_is_refused() -> None:
    with pytest.raises(ValidationError):
        SealedSubmission.from_bytes(b'{"manifest":"!!","signature":"","form":""}')


@pytest.mark.parametrize("kind", ProblemType)
def test_every_problem_has_its_status_and_says_what_it_is(kind: ProblemType) -> None:
    fault = FieldProblem(pointer="/answers/mobile", code="wrong_length", message="11 位")
    told = problem(kind, "Send it again.", errors=(fault,))
    read = Problem.model_validate_json(told.model_dump_json())
    assert (read.kind, read.status, read.errors) == (kind, STATUS[kind], (fault,))
    assert 400 <= read.status < 600


def test_somebody_elses_problem_is_not_taken_for_ours() -> None:
    assert Problem(type="about:blank", title="Bad Gateway", status=502).kind is None
