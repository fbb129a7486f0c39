"""Ask an eSCL scanner how it is (Mopria eSCL 2.97, `ScannerStatus`): SANE has no such question."""

import re
import time
from dataclasses import dataclass
from typing import Final

from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.scanner.sane.address import EsclService
from yici.drivers.scanner.sane.status import status_of
from yici.drivers.transports.http_call import CallFailed, CallFault, call

_MAX_BYTES: Final = 64 << 10
# two words of a small document: a whole XML parser would be one more thing to attack
_STATE = re.compile(rb"<(?:[\w.-]{1,32}:)?State\s*>\s*(\w{1,40})\s*<")
_FEEDER = re.compile(rb"<(?:[\w.-]{1,32}:)?AdfState\s*>\s*(\w{1,40})\s*<")

_STATES: Final = {
    b"Idle": DeviceState.READY,
    b"Processing": DeviceState.BUSY,
    b"Testing": DeviceState.BUSY,
    b"Stopped": DeviceState.FAULT,
    b"Down": DeviceState.OFFLINE,
}
_FEEDER_STATES: Final = {
    b"ScannerAdfJam": DeviceState.PAPER_JAMMED,
    b"ScannerAdfDoorOpen": DeviceState.COVER_OPEN,
    b"ScannerAdfHatchOpen": DeviceState.COVER_OPEN,
    b"ScannerAdfMultipickDetected": DeviceState.PAPER_JAMMED,
    b"ScannerAdfInputTrayFailed": DeviceState.FAULT,
}
_FAULTS: Final = {
    CallFault.MISSING: DeviceState.DISCONNECTED,
    CallFault.LOST: DeviceState.DISCONNECTED,
    CallFault.SILENT: DeviceState.UNKNOWN,
    CallFault.NOT_HTTP: DeviceState.WRONG_SETTING,
    CallFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
}


@dataclass(frozen=True, slots=True)
class EsclAnswer:
    """`has_sheets`: the feeder says that paper lies in it; False too when it doesn't say."""

    status: DeviceStatus
    has_sheets: bool = False


def parse_answer(body: bytes) -> EsclAnswer:
    """Any bytes give an answer; what is no ScannerStatus is a wrong setting."""
    state = _STATE.search(body[:_MAX_BYTES])
    if state is None:
        return EsclAnswer(status_of(DeviceState.WRONG_SETTING, "escl.not_understood"))
    found = _FEEDER.search(body[:_MAX_BYTES])
    feeder = found[1] if found is not None else b""
    if feeder in _FEEDER_STATES:
        return EsclAnswer(status_of(_FEEDER_STATES[feeder], f"escl.{feeder.decode().lower()}"))
    amounts_to = _STATES.get(state[1], DeviceState.FAULT)
    code = "" if amounts_to is DeviceState.READY else f"escl.{state[1].decode().lower()}"
    return EsclAnswer(status_of(amounts_to, code), has_sheets=feeder == b"ScannerAdfLoaded")


def ask(service: EsclService, timeout_s: float) -> EsclAnswer:
    """The scanner's own words; never raises."""
    try:
        reply = call(
            service.endpoint,
            "GET",
            f"{service.root}/ScannerStatus",
            deadline_s=time.monotonic() + timeout_s,
            max_reply_bytes=_MAX_BYTES,
        )
    except CallFailed as failed:
        return EsclAnswer(status_of(_FAULTS[failed.fault], f"escl.{failed.fault.value}"))
    if reply.status == 503:
        return EsclAnswer(status_of(DeviceState.BUSY, "escl.unavailable"))
    if reply.status != 200:
        return EsclAnswer(status_of(DeviceState.WRONG_SETTING, "escl.no_such_service"))
    return parse_answer(reply.body)
