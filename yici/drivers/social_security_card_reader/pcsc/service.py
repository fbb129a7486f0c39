"""pcscd, seen from the terminal: every call has a deadline, every refusal is a status."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.transports.child_process import ChildFault, ChildLost, ChildProcess

_WORKER: Final = Path(__file__).with_name("worker.py")
_NO_LIBRARY: Final = -1

# SCARD_STATE_…
STATE_UNAVAILABLE: Final = 0x08
STATE_PRESENT: Final = 0x20
STATE_EXCLUSIVE: Final = 0x80
STATE_MUTE: Final = 0x200

# the context is worth nothing: the service was stopped or restarted
_STALE: Final = frozenset({0x80100003, 0x80100013, 0x8010001D, 0x8010001E})

NO_CARD: Final = frozenset({0x8010000C, 0x80100069})  # none, or just taken out
CARD_TROUBLE: Final = frozenset(
    {
        0x8010000F,  # protocol mismatch
        0x80100016,  # not transacted
        0x8010002F,  # communication error
        0x80100065,  # unsupported card
        0x80100066,  # unresponsive
        0x80100067,  # unpowered
        0x80100068,  # was reset
    }
)

_STATUSES: Final[Mapping[int, tuple[DeviceState, str]]] = {
    _NO_LIBRARY: (DeviceState.WRONG_SETTING, "pcsc.no_library"),
    0x8010000B: (DeviceState.BUSY, "pcsc.in_use"),
    0x80100009: (DeviceState.DISCONNECTED, "pcsc.no_reader"),
    0x80100017: (DeviceState.DISCONNECTED, "pcsc.no_reader"),
    0x8010002E: (DeviceState.DISCONNECTED, "pcsc.no_reader"),
    0x8010001D: (DeviceState.DISCONNECTED, "pcsc.no_service"),
    0x8010001E: (DeviceState.DISCONNECTED, "pcsc.no_service"),
    0x8010006A: (DeviceState.WRONG_SETTING, "pcsc.no_permission"),
}
_CHILD_STATUSES: Final = {
    ChildFault.HUNG: (DeviceState.UNKNOWN, "pcsc.hangs"),
    ChildFault.RESTING: (DeviceState.UNKNOWN, "pcsc.hangs"),
    ChildFault.CRASHED: (DeviceState.UNKNOWN, "pcsc.crashed"),
    ChildFault.GARBLED: (DeviceState.UNKNOWN, "pcsc.crashed"),
}


def status_of(state: DeviceState, code: str = "") -> DeviceStatus:
    """A status of this kind of device."""
    return DeviceStatus(DeviceKind.SOCIAL_SECURITY_CARD_READER, state, code)


class ServiceFault(Exception):
    """There is no answer; `status` says why. `code` is the library's word, 0 without one."""

    def __init__(self, status: DeviceStatus, code: int = 0) -> None:
        super().__init__(status.code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader as the service lists it; `state` is a set of the bits above."""

    name: str
    state: int


class PcscService:
    """One service; calls come from one thread. Everything raises ServiceFault."""

    def __init__(self, socket_path: str, *, timeout_s: float) -> None:
        self._socket_path = socket_path
        self._timeout_s = timeout_s
        self._child = ChildProcess(_WORKER)

    def readers(self) -> list[Reader]:
        """Every reader, and how it is; a service that was restarted meanwhile is asked again."""
        try:
            said = self._ask(do="look")
        except ServiceFault as fault:
            if fault.code not in _STALE:
                raise
            said = self._ask(do="look")
        return [Reader(entry["name"], entry["state"]) for entry in said["readers"]]

    def connect(self, reader: str) -> None:
        """Power the card, for us alone."""
        self._ask(do="connect", reader=reader)

    def transmit(self, command: bytes) -> bytes:
        """One command to the card."""
        return bytes.fromhex(self._ask(do="transmit", command=command.hex())["answer"])

    def disconnect(self) -> None:
        """Power the card off."""
        self._ask(do="disconnect")

    def close(self) -> None:
        """End the child, and with it whatever it has heard; the next call starts another."""
        self._child.close()

    def _ask(self, **question: str) -> Any:
        question["service"] = self._socket_path
        try:
            answer = self._child.ask(json.dumps(question).encode(), timeout_s=self._timeout_s)
        except ChildLost as lost:
            raise ServiceFault(status_of(*_CHILD_STATUSES[lost.fault])) from None
        said = json.loads(answer)
        code = said["code"]
        if code != 0:
            state, word = _STATUSES.get(
                code, (DeviceState.UNKNOWN, f"pcsc.{code & 0xFFFFFFFF:08x}")
            )
            raise ServiceFault(status_of(state, word), code)
        return said
