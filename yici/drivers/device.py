"""What every device has in common: its status and the three ways in which a call can fail.

    DeviceError
    ├── NotReady      it may work when tried again: busy, unplugged, no answer yet
    ├── NeedsStaff    a person has to do something: paper, cover, a wrong setting
    └── Unsupported   this device will never do that

Expected outcomes (no card lies on the reader, no page in the picture) are values, not errors.
Nothing else leaves a driver: pyserial's, the operating system's and the codec's errors become
one of the three at the driver's edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class DeviceKind(StrEnum):
    """The device's role at the terminal."""

    ID_CARD_READER = "id_card_reader"
    RECEIPT_PRINTER = "receipt_printer"
    DOCUMENT_CAMERA = "document_camera"
    FACE_CAMERA = "face_camera"
    SCANNER = "scanner"
    DOCUMENT_PRINTER = "document_printer"
    CODE_READER = "code_reader"
    SOCIAL_SECURITY_CARD_READER = "social_security_card_reader"


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
    PAPER_JAMMED = "paper_jammed"
    SUPPLY_LOW = "supply_low"  # toner, ink; still works
    SUPPLY_OUT = "supply_out"
    OFFLINE = "offline"  # the device answers and says that it is not available
    FAULT = "fault"  # the device reports its own failure
    WRONG_SETTING = "wrong_setting"  # answers garbage: baud rate, address, model

    @property
    def works(self) -> bool:
        """Whether a job may be started in this state."""
        return self in _WORKING


_WORKING = frozenset({DeviceState.READY, DeviceState.PAPER_NEAR_END, DeviceState.SUPPLY_LOW})


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


class StepOutcome(StrEnum):
    """How one step of a self-test ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"  # an earlier step failed, or this device can't be asked


@dataclass(frozen=True, slots=True)
class SelfTestStep:
    """One line of a self-test; `code` is a stable machine word such as `sam.status`."""

    code: str
    outcome: StepOutcome
    detail: str = ""  # a machine word or a number, never what a resident brought


def answers(status: DeviceStatus) -> SelfTestStep:
    """The first step of every self-test: does the device answer, and can it work?"""
    outcome = StepOutcome.PASSED if status.works else StepOutcome.FAILED
    return SelfTestStep("answers", outcome, status.code or status.state.value)


class Device(Protocol):
    """What every kind offers beside its own calls. Calls block, and come from one thread."""

    def status(self) -> DeviceStatus:
        """Ask the device; never raises: a silent device is UNKNOWN, a lost one DISCONNECTED."""
        ...

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """What the device can prove of itself without a person, paper or card; never raises."""
        ...

    def diagnostics(self) -> Mapping[str, str | int]:
        """Facts for the one who mends it (model, firmware, counts, last failure's code).

        Redacted by construction: nothing that a resident brought, no serial number of a card.
        Never raises and never talks to the device.
        """
        ...

    def close(self) -> None:
        """Give the port back; may be called twice."""
        ...
