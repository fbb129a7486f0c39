"""What a printer says of itself → one device status.

Reasons are matched by their beginning; their endings -report, -warning and -error tell how much it
matters (RFC 8011 section 5.4.12). CUPS passes on as a warning what its printer really waits for,
so that a warning counts in full unless the printer is idle and no job of ours is in it.
"""

from collections.abc import Sequence
from typing import Final

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.document_printer.ipp.operations import (
    IppStatus,
    PrinterFacts,
    PrinterState,
)
from yici.drivers.transports.http_call import CallFault

# the first that fits wins, so that the worst stands above; second state: an idle printer's warning
_REASONS: Final[Sequence[tuple[str, DeviceState, DeviceState]]] = (
    ("media-jam", DeviceState.PAPER_JAMMED, DeviceState.PAPER_JAMMED),
    ("cover-open", DeviceState.COVER_OPEN, DeviceState.COVER_OPEN),
    ("door-open", DeviceState.COVER_OPEN, DeviceState.COVER_OPEN),
    ("interlock-open", DeviceState.COVER_OPEN, DeviceState.COVER_OPEN),
    ("input-tray-missing", DeviceState.PAPER_OUT, DeviceState.PAPER_NEAR_END),
    ("media-empty", DeviceState.PAPER_OUT, DeviceState.PAPER_NEAR_END),
    ("media-needed", DeviceState.PAPER_OUT, DeviceState.PAPER_NEAR_END),
    ("toner-empty", DeviceState.SUPPLY_OUT, DeviceState.SUPPLY_LOW),
    ("marker-supply-empty", DeviceState.SUPPLY_OUT, DeviceState.SUPPLY_LOW),
    ("developer-empty", DeviceState.SUPPLY_OUT, DeviceState.SUPPLY_LOW),
    ("opc-life-over", DeviceState.SUPPLY_OUT, DeviceState.SUPPLY_LOW),
    ("marker-waste-full", DeviceState.SUPPLY_OUT, DeviceState.SUPPLY_LOW),
    ("offline", DeviceState.OFFLINE, DeviceState.OFFLINE),
    ("paused", DeviceState.OFFLINE, DeviceState.OFFLINE),
    ("moving-to-paused", DeviceState.OFFLINE, DeviceState.OFFLINE),
    ("shutdown", DeviceState.OFFLINE, DeviceState.OFFLINE),
    ("timed-out", DeviceState.DISCONNECTED, DeviceState.READY),
    ("output-area-full", DeviceState.FAULT, DeviceState.READY),
    ("output-tray-missing", DeviceState.FAULT, DeviceState.READY),
    ("fuser-", DeviceState.FAULT, DeviceState.READY),
    ("spool-area-full", DeviceState.FAULT, DeviceState.READY),
    ("media-low", DeviceState.PAPER_NEAR_END, DeviceState.PAPER_NEAR_END),
    ("toner-low", DeviceState.SUPPLY_LOW, DeviceState.SUPPLY_LOW),
    ("marker-supply-low", DeviceState.SUPPLY_LOW, DeviceState.SUPPLY_LOW),
    ("developer-low", DeviceState.SUPPLY_LOW, DeviceState.SUPPLY_LOW),
    ("marker-waste-almost-full", DeviceState.SUPPLY_LOW, DeviceState.SUPPLY_LOW),
    ("opc-near-eol", DeviceState.SUPPLY_LOW, DeviceState.SUPPLY_LOW),
)

# CUPS tells a printer that is gone in no other way than by these words of its ipp backend
_GONE_WORDS: Final = ("may not exist", "unavailable", "not responding", "unable to connect")

_STATE_OF_FAULT: Final = {
    CallFault.MISSING: DeviceState.DISCONNECTED,
    CallFault.LOST: DeviceState.DISCONNECTED,
    CallFault.SILENT: DeviceState.UNKNOWN,
    CallFault.NOT_HTTP: DeviceState.WRONG_SETTING,
    CallFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
}

_STATE_OF_REFUSAL: Final = {
    IppStatus.BUSY: (DeviceState.BUSY, "ipp.busy"),
    IppStatus.SERVICE_UNAVAILABLE: (DeviceState.BUSY, "ipp.unavailable"),
    IppStatus.NOT_ACCEPTING_JOBS: (DeviceState.OFFLINE, "ipp.not_accepting"),
    IppStatus.DEVICE_ERROR: (DeviceState.FAULT, "ipp.device_error"),
    IppStatus.NOT_FOUND: (DeviceState.WRONG_SETTING, "ipp.no_such_printer"),
    IppStatus.GONE: (DeviceState.WRONG_SETTING, "ipp.no_such_printer"),
    IppStatus.FORBIDDEN: (DeviceState.WRONG_SETTING, "ipp.not_allowed"),
    IppStatus.NOT_AUTHENTICATED: (DeviceState.WRONG_SETTING, "ipp.not_allowed"),
    IppStatus.NOT_AUTHORIZED: (DeviceState.WRONG_SETTING, "ipp.not_allowed"),
    IppStatus.FORMAT_NOT_SUPPORTED: (DeviceState.WRONG_SETTING, "ipp.takes_no_pdf"),
}

_STATE_OF_HTTP: Final = {
    401: "ipp.not_allowed",
    403: "ipp.not_allowed",
    404: "ipp.no_such_printer",
    426: "ipp.wants_encryption",
}


def status_of(state: DeviceState, code: str = "") -> DeviceStatus:
    return DeviceStatus(DeviceKind.DOCUMENT_PRINTER, state, code)


def printer_status(facts: PrinterFacts, *, job_waits: bool = False) -> DeviceStatus:
    """The status that the printer's own words amount to; with `job_waits`, while ours is in it."""
    # what an idle printer warns of may be a second tray, or long over
    is_mild = facts.state == PrinterState.IDLE and not job_waits
    if not is_mild and any(word in facts.message.lower() for word in _GONE_WORDS):
        # fresher than the reasons, which CUPS leaves as they were when its printer went away
        return status_of(DeviceState.DISCONNECTED, "ipp.gone_behind_queue")
    told = _told_by_reasons(facts.reasons, is_mild=is_mild)
    if told is not None and not told.works:
        return told
    return _told_by_state(facts) or told or status_of(DeviceState.READY)


def _told_by_state(facts: PrinterFacts) -> DeviceStatus | None:
    """What keeps it from working by its state and message; None when nothing does."""
    if facts.state == PrinterState.STOPPED:
        return status_of(DeviceState.OFFLINE, "ipp.stopped")
    if not facts.accepts_jobs:
        return status_of(DeviceState.OFFLINE, "ipp.not_accepting")
    if facts.state == PrinterState.PROCESSING:
        return status_of(DeviceState.BUSY, "ipp.processing")
    if facts.state == PrinterState.IDLE:
        return None
    return status_of(DeviceState.WRONG_SETTING, "ipp.not_understood")


def failed_call_status(fault: CallFault) -> DeviceStatus:
    return status_of(_STATE_OF_FAULT[fault], f"ipp.{fault.value}")


def http_status(status: int) -> DeviceStatus:
    """What an HTTP status other than 200 means here."""
    if status >= 500:
        return status_of(DeviceState.BUSY, "ipp.unavailable")
    return status_of(DeviceState.WRONG_SETTING, _STATE_OF_HTTP.get(status, "ipp.not_ipp"))


def refusal_status(code: int) -> DeviceStatus:
    """What an IPP status code that is no success means."""
    known = next((one for one in _STATE_OF_REFUSAL if one == code), None)
    if known is not None:
        return status_of(*_STATE_OF_REFUSAL[known])
    return status_of(DeviceState.FAULT, f"ipp.refused_{code:04x}")


def _told_by_reasons(reasons: Sequence[str], *, is_mild: bool) -> DeviceStatus | None:
    """The worst that the reasons tell; None when they tell nothing."""
    found: list[DeviceStatus] = []
    for prefix, state, softened in _REASONS:
        for reason in reasons:
            if not reason.startswith(prefix) or reason.endswith("-report"):
                continue
            mild = is_mild and reason.endswith("-warning")
            found.append(status_of(softened if mild else state, f"ipp.{prefix.rstrip('-')}"))
    # the table's order holds within those that keep it from working, then within the rest
    found.sort(key=lambda status: status.works)
    return next((status for status in found if status.state is not DeviceState.READY), None)
