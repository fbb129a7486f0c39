"""Whether a device is there, judged from single observations: a table, no clock, no I/O.

    NEVER_SEEN → PRESENT ⇄ DOUBTED → LOST → PRESENT

One bad reading is no loss: a device is lost after three in a row, and none counts within the
grace after the start or after something was plugged in. A device that never answered can't be
lost; an inconclusive reading leaves everything as it was. LOST and BACK are told once each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yici.drivers.device import DeviceState, DeviceStatus

GRACE_S = 10.0
LONGEST_GRACE_S = 60.0  # a neighbour that comes and goes all day hides no loss
STRIKES = 3
STRIKE_INTERVAL_S = 1.0
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 20.0
LONGEST_UNANNOUNCED_RETRY_S = 8.0  # where nothing tells of a plug: still back within 10 s
PERMANENT_RETRY_S = 60.0  # noise on a line can look like a wrong setting: never give up for good
QUIET_S = 30.0  # a device that stayed this long is no part of a series of failures
CRASHED_PREFIX = "driver."  # the code of a failure that no driver may have


class Reading(StrEnum):
    """What one observation says about presence."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    INCONCLUSIVE = "inconclusive"


class Fault(StrEnum):
    """Whether trying again soon makes sense."""

    NONE = "none"
    PASSING = "passing"
    PERMANENT = "permanent"  # a wrong setting, an unsupported model


class Phase(StrEnum):
    """What is believed of a device."""

    NEVER_SEEN = "never_seen"
    PRESENT = "present"
    DOUBTED = "doubted"
    LOST = "lost"


class Turn(StrEnum):
    """What is worth a line in the log."""

    SEEN = "seen"  # for the first time
    LOST = "lost"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Change:
    """A turn, and how long ago that began in seconds: a loss begins with its first bad reading."""

    turn: Turn
    ago_s: float = 0.0


# a device that asks for paper is there
_READINGS: Mapping[DeviceState, Reading] = {
    DeviceState.DISCONNECTED: Reading.DISCONNECTED,
    DeviceState.UNKNOWN: Reading.DISCONNECTED,
    DeviceState.WRONG_SETTING: Reading.DISCONNECTED,
    DeviceState.BUSY: Reading.INCONCLUSIVE,
    DeviceState.NOT_CONFIGURED: Reading.INCONCLUSIVE,
}


def reading_of(status: DeviceStatus) -> Reading:
    """What a status says about presence."""
    if status.code.startswith(CRASHED_PREFIX):
        return Reading.DISCONNECTED
    return _READINGS.get(status.state, Reading.CONNECTED)


def fault_of(status: DeviceStatus) -> Fault:
    """Whether trying again soon makes sense after this status."""
    if status.state is DeviceState.WRONG_SETTING:
        return Fault.PERMANENT
    return Fault.NONE if reading_of(status) is Reading.CONNECTED else Fault.PASSING


# a pair that isn't here changes nothing; DOUBTED → LOST only with the last strike
_NEXT: Mapping[tuple[Phase, Reading], Phase] = {
    (Phase.NEVER_SEEN, Reading.CONNECTED): Phase.PRESENT,
    (Phase.PRESENT, Reading.DISCONNECTED): Phase.DOUBTED,
    (Phase.DOUBTED, Reading.CONNECTED): Phase.PRESENT,
    (Phase.DOUBTED, Reading.DISCONNECTED): Phase.LOST,
    (Phase.LOST, Reading.CONNECTED): Phase.PRESENT,
}
_TURNS: Mapping[tuple[Phase, Phase], Turn] = {
    (Phase.NEVER_SEEN, Phase.PRESENT): Turn.SEEN,
    (Phase.DOUBTED, Phase.LOST): Turn.LOST,
    (Phase.LOST, Phase.PRESENT): Turn.BACK,
}


@dataclass(slots=True)
class DeviceHealth:
    """One device; times are monotonic seconds, and every one given is at or after the last."""

    started_s: float
    phase: Phase = Phase.NEVER_SEEN
    longest_retry_s: float = LONGEST_RETRY_S
    _strikes: int = 0
    _bad_since_s: float = 0.0
    _good_since_s: float | None = None
    _fault: Fault = Fault.NONE
    _delay_s: float = 0.0

    def observe(self, reading: Reading, fault: Fault, now_s: float) -> Change | None:
        """Take one reading in; the change that it brings, if any."""
        following = _NEXT.get((self.phase, reading), self.phase)
        if reading is Reading.DISCONNECTED:
            self._strike(now_s)
            if following is Phase.LOST and self.phase is Phase.DOUBTED and self._strikes < STRIKES:
                following = Phase.DOUBTED
        elif reading is Reading.CONNECTED:
            self._strikes = 0
        self._pace(reading, fault, now_s)
        turn = _TURNS.get((self.phase, following))
        self.phase = following
        if turn is Turn.BACK:
            self.started_s = now_s  # just plugged in: it may stumble once more
        if turn is None:
            return None
        return Change(turn, now_s - self._bad_since_s if turn is Turn.LOST else 0.0)

    def plugged(self, now_s: float) -> None:
        """Something was plugged in or out: look closely again, and be patient."""
        self.started_s = now_s
        self._delay_s = 0.0

    @property
    def is_well(self) -> bool:
        """Nothing is wrong with it as far as the last reading goes."""
        return self._fault is Fault.NONE

    def retry_in_s(self, now_s: float) -> float:
        """How long to wait before the next look at a device that isn't well."""
        if self.phase is Phase.DOUBTED or self._in_grace(now_s):
            return STRIKE_INTERVAL_S
        if self._fault is Fault.PERMANENT:
            return PERMANENT_RETRY_S
        return max(self._delay_s, FIRST_RETRY_S)

    def _in_grace(self, now_s: float) -> bool:
        return now_s - self.started_s < GRACE_S

    def _strike(self, now_s: float) -> None:
        if self.phase is Phase.PRESENT:
            self._bad_since_s = now_s
        if not self._in_grace(now_s) or now_s - self._bad_since_s > LONGEST_GRACE_S:
            self._strikes += 1

    def _pace(self, reading: Reading, fault: Fault, now_s: float) -> None:
        """Longer pauses with every failure; short ones again after a quiet time."""
        self._fault = fault
        if reading is Reading.CONNECTED and self._good_since_s is None:
            self._good_since_s = now_s
        if self._good_since_s is not None and now_s - self._good_since_s >= QUIET_S:
            self._delay_s = 0.0
        if reading is Reading.DISCONNECTED:
            self._good_since_s = None
            doubled_s = max(FIRST_RETRY_S, self._delay_s * 2)
            self._delay_s = min(doubled_s, self.longest_retry_s)
