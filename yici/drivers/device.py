"""What every device has in common: its status and the three ways in which a call can fail.

    DeviceError
    ├── NotReady      it may work when tried again: busy, unplugged, no answer yet
    ├── NeedsStaff    a person has to do something: paper, cover, a wrong setting
    └── Unsupported   this device will never do that

Expected outcomes (no card lies on the reader, no page in the picture) are values, not errors.
Nothing else leaves a driver: pyserial's, the operating system's and the codec's errors become
one of the three at the driver's edge.
"""

from dataclasses import dataclass
from enum import StrEnum


class DeviceKind(StrEnum):
    """The device's role at the terminal."""

    ID_CARD_READER = "id_card_reader"
    RECEIPT_PRINTER = "receipt_printer"
    DOCUMENT_CAMERA = "document_camera"


class DeviceState(StrEnum):
    """The closed set of states that staff and screens need to tell apart."""

    READY = "ready"
    BUSY = "busy"
    UNKNOWN = "unknown"  # no answer is never "ok"
    NOT_CONFIGURED = "not_configured"
    DISCONNECTED = "disconnected"
    PAPER_NEAR_END = "paper_near_end"  # still works
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER_JAMMED = "cutter_jammed"
    OFFLINE = "offline"  # the device answers and says that it is not available
    FAULT = "fault"  # the device reports its own failure
    WRONG_SETTING = "wrong_setting"  # answers garbage: baud rate, address, model

    @property
    def works(self) -> bool:
        """Whether a job may be started in this state."""
        return self in (DeviceState.READY, DeviceState.PAPER_NEAR_END)


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One observation of a device.

    `code` is a stable machine word, finer than `state` where the driver knows more (for example
    `sam.not_authorised`). The sentences for residents and staff are looked up by state.
    """

    kind: DeviceKind
    state: DeviceState
    code: str = ""

    @property
    def works(self) -> bool:
        return self.state.works


class DeviceError(Exception):
    """Root of the tree above; carries the status that explains it."""

    def __init__(self, status: DeviceStatus) -> None:
        super().__init__(f"{status.kind.value}: {status.state.value} {status.code}".rstrip())
        self.status = status


class NotReady(DeviceError):
    """Try again later."""


class NeedsStaff(DeviceError):
    """A person has to act first."""


class Unsupported(DeviceError):
    """Give up: this device can't do that."""


def failure(status: DeviceStatus) -> DeviceError:
    """The error that fits a status in which the device can't work."""
    if status.state in (DeviceState.BUSY, DeviceState.UNKNOWN, DeviceState.DISCONNECTED):
        return NotReady(status)
    return NeedsStaff(status)
