"""The core alone: precedence, pauses, and what each kind of reply leads to."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yici.kiosk.events import LinkState
from yici.kiosk.sync.core import (
    Do,
    Policy,
    Rest,
    Result,
    Step,
    StepOutcome,
    SyncCore,
    Work,
    full_jitter_s,
)

EVERYTHING = Work(
    forms=True,
    parts=True,
    acknowledgements_behind=True,
    catalogue_behind=True,
    reconcile_due=True,
)
OK = StepOutcome(Result.OK)


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def greeted(**policy: float) -> SyncCore:
    core = SyncCore(middle, 0.0, Policy(first_contact_s=0, **policy))
    action = core.next_action(0.0, Work())
    assert action == Do(Step.GREET, 64)
    core.heard(0.0, action, OK)
    return core


def test_forms_go_before_papers_and_papers_before_the_catalogue() -> None:
    core, order = greeted(), []
    remaining = EVERYTHING
    names = {
        Step.ACKNOWLEDGEMENTS: "acknowledgements_behind",
        Step.FORMS: "forms",
        Step.PARTS: "parts",
        Step.CATALOGUE: "catalogue_behind",
        Step.RECONCILE: "reconcile_due",
    }
    from dataclasses import replace

    while isinstance(action := core.next_action(1.0, remaining), Do):
        order.append(action.step)
        core.heard(1.0, action, OK)
        if action.step in names:
            remaining = replace(remaining, **{names[action.step]: False})
    assert order == [
        Step.ACKNOWLEDGEMENTS,
        Step.FORMS,
        Step.PARTS,
        Step.CATALOGUE,
        Step.RECONCILE,
        Step.CHANGES,
    ]


def test_pause_doubles_up_to_the_cap_and_success_forgets_it() -> None:
    core, now_s, waits = greeted(), 0.0, []
    for _ in range(9):
        action = core.next_action(now_s, Work(forms=True))
        assert isinstance(action, Do)
        core.heard(now_s, action, StepOutcome(Result.TRANSPORT))
        assert core.link is LinkState.OFFLINE
        waits.append(core._pause.until_s - now_s)
        now_s = core._pause.until_s
    assert waits == [2.5, 5, 10, 20, 40, 80, 150, 150, 150]  # half of 5·2ⁿ, capped at 300
    action = core.next_action(now_s, Work(forms=True))
    assert isinstance(action, Do)
    core.heard(now_s, action, OK)
    assert isinstance(core.next_action(now_s, Work(forms=True)), Do)
    assert core.link is LinkState.ONLINE


def test_retry_after_is_never_undercut() -> None:
    core = greeted()
    core.heard(10.0, Do(Step.FORMS, 64), StepOutcome(Result.LATER, retry_after_s=90))
    assert isinstance(core.next_action(99.9, EVERYTHING), Rest)
    assert isinstance(core.next_action(105.1, EVERYTHING), Do)


def test_batch_halves_from_what_was_sent_and_grows_again() -> None:
    core = greeted()
    core.heard(0.0, Do(Step.FORMS, 64), StepOutcome(Result.TOO_LARGE, sent_items=9))
    assert core.next_action(0.0, Work(forms=True)) == Do(Step.FORMS, 4)
    core.heard(0.0, Do(Step.FORMS, 4), StepOutcome(Result.REFUSED, sent_items=4))
    assert core.next_action(0.0, Work(forms=True)) == Do(Step.FORMS, 2)
    core.heard(0.0, Do(Step.FORMS, 2), OK)
    assert core.next_action(0.0, Work(forms=True)) == Do(Step.FORMS, 4)


def test_a_failing_catalogue_does_not_hold_up_the_forms() -> None:
    core = greeted()
    core.heard(0.0, Do(Step.CATALOGUE, 64), StepOutcome(Result.REFUSED))
    work = Work(forms=True, catalogue_behind=True)
    assert core.next_action(0.0, work) == Do(Step.FORMS, 64)
    assert core.next_action(0.0, Work(catalogue_behind=True)) == Do(Step.CHANGES, 64)
    later = core._steps[Step.CATALOGUE].until_s
    assert core.next_action(later, Work(catalogue_behind=True)) == Do(Step.CATALOGUE, 64)


def test_wrong_clock_is_greeted_again_at_once_but_not_for_ever_without_pause() -> None:
    core = greeted()
    core.heard(0.0, Do(Step.FORMS, 64), StepOutcome(Result.CLOCK_SKEW))
    again = core.next_action(0.0, EVERYTHING)
    assert again == Do(Step.GREET, 64)
    core.heard(0.0, again, StepOutcome(Result.CLOCK_SKEW))
    assert isinstance(core.next_action(0.0, EVERYTHING), Rest)


@pytest.mark.parametrize("result", [Result.UNAUTHORISED, Result.BLOCKED])
def test_no_refusal_is_final(result: Result) -> None:
    core, now_s = greeted(), 0.0
    for _ in range(50):
        action = core.next_action(now_s, EVERYTHING)
        if isinstance(action, Rest):
            now_s += action.seconds
        else:
            core.heard(now_s, action, StepOutcome(result))
    assert now_s < 50 * 300
    core.heard(now_s, Do(Step.GREET, 64), OK)
    assert isinstance(core.next_action(now_s, EVERYTHING), Do)


def test_cable_plugged_in_and_send_now_shorten_the_pause() -> None:
    core = greeted()
    for _ in range(8):
        core.heard(0.0, Do(Step.FORMS, 64), StepOutcome(Result.TRANSPORT))
    core.link_up(0.0)
    assert isinstance(core.next_action(5.0, EVERYTHING), Do)
    core.heard(5.0, Do(Step.FORMS, 64), StepOutcome(Result.LATER, retry_after_s=600))
    core.send_now()
    assert isinstance(core.next_action(5.0, EVERYTHING), Do)


def test_thirty_thousand_terminals_spread_out() -> None:
    draw = random.Random(1).uniform
    waits = [full_jitter_s(9, 5, 300, draw) for _ in range(30_000)]
    busiest = max(sum(1 for w in waits if second <= w < second + 1) for second in range(300))
    assert busiest < 220  # 100 on average


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Result)), st.floats(0, 700), st.integers(0, 64)),
        max_size=60,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_heard_the_core_goes_on_within_an_hour(
    heard: list[tuple[Result, float, int]], source: random.Random
) -> None:
    core, now_s = SyncCore(source.uniform, 0.0), 0.0
    for result, gap_s, sent in heard:
        now_s += gap_s
        action = core.next_action(now_s, EVERYTHING)
        if isinstance(action, Rest):
            assert 0 < action.seconds <= core.policy.max_rest_s
            continue
        assert 1 <= action.batch_items <= 64
        core.heard(now_s, action, StepOutcome(result, sent, retry_after_s=gap_s or None))
    waited_s = 0.0
    while isinstance(action := core.next_action(now_s + waited_s, EVERYTHING), Rest):
        waited_s += action.seconds
    assert waited_s <= core.policy.retry_after_cap_s + 10
