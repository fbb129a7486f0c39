"""The reader behind pcscd: look for a card, power it, read its holder, power it off.

reader = connect("*")                      # the first reader that the service knows
reader = connect("ACS ACR38U")             # the first whose name begins so
reader = connect("*@/run/other/pcscd.comm")  # a service with a socket of its own
"""

import contextlib
from collections.abc import Mapping

from yici.contract.people import Identity
from yici.drivers.device import (
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
    failure,
)
from yici.drivers.social_security_card_reader import SscPresence
from yici.drivers.social_security_card_reader.pcsc.reading import read_holder
from yici.drivers.social_security_card_reader.pcsc.service import (
    CARD_TROUBLE,
    NO_CARD,
    STATE_EXCLUSIVE,
    STATE_MUTE,
    STATE_PRESENT,
    STATE_UNAVAILABLE,
    PcscService,
    Reader,
    ServiceFault,
    status_of,
)

ANY_READER = "*"
DEADLINE_S = 1.5  # for one call to the service; a card needs far less for one command


def connect(address: str, *, deadline_s: float = DEADLINE_S) -> "PcscReader":
    """A reader by name, which need not be there yet; ValueError for what is no name."""
    name, separator, socket = address.partition("@/")
    if not name or "://" in name or not name.isprintable():
        raise ValueError(f"{address!r} names no PC/SC reader; * takes the first")
    return PcscReader(name, f"/{socket}" if separator else "", deadline_s)


class PcscReader:
    """A `SocialSecurityCardReader`; see `connect`."""

    def __init__(self, name: str, socket_path: str, deadline_s: float) -> None:
        self._name = name
        self._service = PcscService(socket_path, timeout_s=deadline_s)
        self._last_code = ""

    def status(self) -> DeviceStatus:
        """READY while the service has the reader; one deadline, two after a restart of it."""
        try:
            reader = self._find_reader()
        except ServiceFault as fault:
            return self._noted(fault.status)
        if reader.state & STATE_EXCLUSIVE:
            return self._noted(status_of(DeviceState.BUSY, "pcsc.in_use"))
        return status_of(DeviceState.READY)

    def read_card(self) -> Identity | SscPresence:
        """See `SocialSecurityCardReader`. A silent card costs one deadline."""
        try:
            reader = self._find_reader()
            if not reader.state & STATE_PRESENT:
                return SscPresence.ABSENT
            if reader.state & STATE_MUTE:
                return SscPresence.READ_FAILED
            outcome = self._read(reader.name)
        except ServiceFault as fault:
            raise failure(self._noted(fault.status)) from None
        if isinstance(outcome, Identity):
            self._service.close()  # the child has heard whose card it was
        return outcome

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether the service answers, and has the reader."""
        try:
            readers = self._service.readers()
        except ServiceFault as fault:
            service = SelfTestStep("service", StepOutcome.FAILED, fault.status.code)
            return service, SelfTestStep("answers", StepOutcome.NOT_DONE)
        service = SelfTestStep("service", StepOutcome.PASSED, str(len(readers)))
        return service, answers(self.status())

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`."""
        return {"driver": "pcsc", "reader": self._name, "last_failure": self._last_code}

    def close(self) -> None:
        """Give the reader back; the next call would take it again."""
        self._service.close()

    def _find_reader(self) -> Reader:
        """Raises ServiceFault, also when the service has no such reader."""
        for reader in self._service.readers():
            if self._name == ANY_READER or reader.name.startswith(self._name):
                if reader.state & STATE_UNAVAILABLE:
                    break
                return reader
        raise ServiceFault(status_of(DeviceState.DISCONNECTED, "pcsc.no_reader"))

    def _read(self, reader: str) -> Identity | SscPresence:
        try:
            self._service.connect(reader)
            try:
                return read_holder(self._service.transmit)
            finally:
                with contextlib.suppress(ServiceFault):
                    self._service.disconnect()
        except ServiceFault as fault:
            if fault.code in NO_CARD:
                return SscPresence.ABSENT
            if fault.code in CARD_TROUBLE:
                return SscPresence.READ_FAILED
            raise

    def _noted(self, status: DeviceStatus) -> DeviceStatus:
        self._last_code = status.code
        return status
