"""What the matrix is made of: devices, states, faults, and what has to come of each.

Rows come from `DeviceKind` and from the session's own table, so that a new kind or state has a
row, and a test fails until somebody says what has to happen there.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from yici.drivers.device import DeviceKind
from yici.kiosk.session.cared_for import CARED_FOR
from yici.kiosk.session.table import State


class Fault(StrEnum):
    """What happens to the device; each ends with its coming back."""

    UNPLUGGED = "unplugged"
    SILENT = "silent"
    GARBAGE = "garbage"
    SLOW = "slow"


class Outcome(StrEnum):
    """What has to come of a fault in a state; in all of them the session goes on as it was."""

    TOLD = "told"  # the status shows, the resident reads what to do, and it works after "back"
    STATUS = "status"  # the status shows; this screen doesn't need the device
    LATE = "late"  # nothing to tell: the step is completed under the fault
    HIDDEN = "hidden"  # nobody can see it; the step is completed after "back"
    GOES_ON = "goes_on"  # this screen doesn't need the device


STATES: Final = (
    State.FAREWELL,
    State.HOME,
    State.PROGRESS,
    State.FIND,
    State.GUIDE,
    State.IDENTIFY,
    State.FILL,
    State.MATERIALS,
    State.REVIEW,
    State.SEALING,
    State.SUBMITTED,
    State.SLIP,
    State.ENDED,
)  # in the order of the walk

# devices that no screen uses today: the walk looks at them as the maintenance pages would
STATUS_ONLY: Final = frozenset({DeviceKind.FACE_CAMERA, DeviceKind.DOCUMENT_PRINTER})

# how the faults that don't end in a word to the resident look like
_UNTOLD: Final[Mapping[tuple[DeviceKind, Fault], Outcome]] = {
    (DeviceKind.ID_CARD_READER, Fault.SLOW): Outcome.LATE,
    (DeviceKind.SOCIAL_SECURITY_CARD_READER, Fault.SLOW): Outcome.LATE,
    (DeviceKind.DOCUMENT_CAMERA, Fault.SLOW): Outcome.LATE,
    (DeviceKind.FACE_CAMERA, Fault.SLOW): Outcome.LATE,
    (DeviceKind.DOCUMENT_PRINTER, Fault.SLOW): Outcome.LATE,
    (DeviceKind.CODE_READER, Fault.SLOW): Outcome.LATE,
    # a code reader only ever says codes: silence is "no code", noise is no slip's code
    (DeviceKind.CODE_READER, Fault.SILENT): Outcome.HIDDEN,
    (DeviceKind.CODE_READER, Fault.GARBAGE): Outcome.HIDDEN,
}
# a code reader that is a camera fails as a camera does
_CAMERAS_AMONG_CODE_READERS: Final = frozenset({"camera"})
_NEVER_OPEN_AT_HOME: Final = frozenset({DeviceKind.DOCUMENT_CAMERA})
# the service answers for the reader; only a card can speak garbage
_ONLY_WITH_A_CARD: Final = frozenset({(DeviceKind.SOCIAL_SECURITY_CARD_READER, Fault.GARBAGE)})
_MISSED_AT_HOME: Final = frozenset({DeviceKind.ID_CARD_READER, DeviceKind.RECEIPT_PRINTER})


def is_used(kind: DeviceKind, state: State) -> bool:
    """Whether this screen uses the device."""
    return kind in CARED_FOR.get(state, frozenset())


def outcome_of(kind: DeviceKind, state: State, fault: Fault, driver: str = "") -> Outcome:
    """What has to come of it, with the kind's usual driver or another one."""
    if kind is DeviceKind.CODE_READER and driver in _CAMERAS_AMONG_CODE_READERS:
        untold = _UNTOLD.get((DeviceKind.DOCUMENT_CAMERA, fault))
        return (untold or Outcome.TOLD) if is_used(kind, state) else Outcome.GOES_ON
    untold = _UNTOLD.get((kind, fault))
    if is_used(kind, state):
        return untold or Outcome.TOLD
    if state is not State.HOME or kind in _NEVER_OPEN_AT_HOME:
        return Outcome.GOES_ON
    if untold is not None or (kind, fault) in _ONLY_WITH_A_CARD:
        return Outcome.GOES_ON
    return Outcome.TOLD if kind in _MISSED_AT_HOME else Outcome.STATUS
