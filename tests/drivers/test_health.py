"""Lost once, back once, and never because of one bad moment."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.health import (
    FIRST_RETRY_S,
    GRACE_S,
    LONGEST_GRACE_S,
    LONGEST_RETRY_S,
    PERMANENT_RETRY_S,
    QUIET_S,
    STRIKE_INTERVAL_S,
    STRIKES,
    Change,
    DeviceHealth,
    Fault,
    Phase,
    Reading,
    Turn,
    fault_of,
    reading_of,
)

WELL = (Reading.CONNECTED, Fault.NONE)
SILENT = (Reading.DISCONNECTED, Fault.PASSING)
WRONG = (Reading.DISCONNECTED, Fault.PERMANENT)
BUSY = (Reading.INCONCLUSIVE, Fault.PASSING)


class Watched:
    """A device's health with a clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.health = DeviceHealth(self.now_s)

    def see(self, *readings: tuple[Reading, Fault], every_s: float = 1.0) -> list[Change]:
        changes = []
        for reading, fault in readings:
            self.now_s += every_s
            change = self.health.observe(reading, fault, self.now_s)
            changes += [change] if change else []
        return changes


def turns(changes: list[Change]) -> list[Turn]:
    return [change.turn for change in changes]


def present() -> Watched:
    """Long after the start."""
    watched = Watched()
    watched.see(WELL)
    watched.now_s += GRACE_S
    return watched


def test_lost_after_three_in_a_row_and_back_at_once() -> None:
    watched = present()
    assert watched.see(SILENT, SILENT) == []
    (lost,) = watched.see(SILENT)
    assert lost == Change(Turn.LOST, ago_s=2.0)
    assert watched.see(*[SILENT] * 50) == []
    assert turns(watched.see(WELL, WELL)) == [Turn.BACK]


def test_two_bad_readings_and_a_good_one_are_nothing() -> None:
    watched = present()
    assert watched.see(*[SILENT, SILENT, WELL] * 20) == []


def test_a_device_that_was_never_there_is_not_lost() -> None:
    watched = Watched()
    assert watched.see(*[SILENT, WRONG, BUSY] * 100) == []
    assert watched.health.phase is Phase.NEVER_SEEN


def test_inconclusive_readings_neither_count_nor_acquit() -> None:
    watched = present()
    assert watched.see(SILENT, BUSY, SILENT, BUSY, BUSY) == []
    assert turns(watched.see(SILENT)) == [Turn.LOST]


def test_the_first_seconds_count_for_nothing() -> None:
    watched = Watched()
    watched.see(WELL)
    assert watched.see(*[SILENT] * 6) == []
    watched.now_s += GRACE_S
    assert watched.see(SILENT, SILENT) == []
    assert turns(watched.see(SILENT)) == [Turn.LOST]


def test_a_plug_brings_grace_but_not_for_ever() -> None:
    watched = present()
    for _ in range(round(LONGEST_GRACE_S) - 2):
        watched.health.plugged(watched.now_s)
        assert watched.see(SILENT) == []
    changes: list[Change] = []
    for _ in range(STRIKES + 4):
        watched.health.plugged(watched.now_s)
        changes += watched.see(SILENT)
    assert turns(changes) == [Turn.LOST]


def test_waits_longer_with_each_failure_and_short_again_after_a_quiet_time() -> None:
    watched = present()
    watched.see(*[SILENT] * STRIKES)
    assert watched.health.retry_in_s(watched.now_s) == FIRST_RETRY_S * 4
    watched.see(*[SILENT] * 5)
    assert watched.health.retry_in_s(watched.now_s) == LONGEST_RETRY_S
    watched.see(WELL)
    watched.now_s += GRACE_S
    watched.see(*[SILENT] * STRIKES)
    assert watched.health.retry_in_s(watched.now_s) == LONGEST_RETRY_S, "it comes and goes"
    watched.see(WELL, WELL, every_s=QUIET_S)
    watched.see(*[SILENT] * STRIKES)
    assert watched.health.retry_in_s(watched.now_s) < LONGEST_RETRY_S


def test_a_wrong_setting_is_not_asked_over_and_over() -> None:
    watched = Watched()
    watched.now_s += GRACE_S
    watched.see(WRONG)
    assert watched.health.retry_in_s(watched.now_s) == PERMANENT_RETRY_S
    watched.health.plugged(watched.now_s)
    assert watched.health.retry_in_s(watched.now_s) == STRIKE_INTERVAL_S


@pytest.mark.parametrize("state", DeviceState)
def test_every_state_says_something_about_presence(state: DeviceState) -> None:
    status = DeviceStatus(DeviceKind.RECEIPT_PRINTER, state)
    reading, fault = reading_of(status), fault_of(status)
    assert (fault is Fault.NONE) == (reading is Reading.CONNECTED)
    if state.works:
        assert reading is Reading.CONNECTED


def test_a_printer_without_paper_is_there_and_a_crashed_driver_is_not() -> None:
    kind = DeviceKind.RECEIPT_PRINTER
    assert reading_of(DeviceStatus(kind, DeviceState.PAPER_OUT)) is Reading.CONNECTED
    crashed = DeviceStatus(kind, DeviceState.FAULT, "driver.KeyError")
    assert reading_of(crashed) is Reading.DISCONNECTED
    assert reading_of(DeviceStatus(kind, DeviceState.FAULT)) is Reading.CONNECTED


class AnyDevice(RuleBasedStateMachine):
    """Whatever a device does: its turns alternate, and each has its reason."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.health = DeviceHealth(0.0)
        self.turns: list[Turn] = []
        self.bad_in_a_row = 0
        self.ever_connected = False

    @rule(
        reading=st.sampled_from(Reading),
        fault=st.sampled_from([Fault.PASSING, Fault.PERMANENT]),
        after_s=st.sampled_from([0.0, 0.3, 1.0, 4.0, 11.0, 70.0]),
    )
    def observes(self, reading: Reading, fault: Fault, after_s: float) -> None:
        self.now_s += after_s
        if reading is Reading.DISCONNECTED:
            self.bad_in_a_row += 1
        elif reading is Reading.CONNECTED:
            self.bad_in_a_row, fault = 0, Fault.NONE
        change = self.health.observe(reading, fault, self.now_s)
        if change is None:
            return
        self.turns.append(change.turn)
        if change.turn is Turn.LOST:
            assert reading is Reading.DISCONNECTED
            assert self.bad_in_a_row >= STRIKES
            assert self.ever_connected
            assert 0 <= change.ago_s <= self.now_s
        else:
            assert reading is Reading.CONNECTED
            self.ever_connected = True

    @rule()
    def plugs(self) -> None:
        self.health.plugged(self.now_s)

    @invariant()
    def turns_alternate(self) -> None:
        for number, turn in enumerate(self.turns):
            expected = Turn.SEEN if number == 0 else (Turn.BACK, Turn.LOST)[number % 2]
            assert turn is expected

    @invariant()
    def waits_are_bounded(self) -> None:
        assert 0 < self.health.retry_in_s(self.now_s) <= PERMANENT_RETRY_S


TestAnyDevice = AnyDevice.TestCase
TestAnyDevice.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_a_dead_device_is_lost_within_seconds_of_its_grace() -> None:
    """Looking as often as it asks for, the loss is known soon after three looks."""
    watched = Watched()
    watched.see(WELL)
    waited_s = 0.0
    while watched.health.phase is not Phase.LOST:
        pause_s = watched.health.retry_in_s(watched.now_s)
        waited_s += pause_s
        watched.see(SILENT, every_s=pause_s)
        assert waited_s <= GRACE_S + STRIKES + 1
