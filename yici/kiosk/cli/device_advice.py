"""What a status means for the one who mends it: one sentence, by code or by state."""

from collections.abc import Mapping
from typing import Final

from yici.drivers.device import DeviceState, DeviceStatus

_ADVICE: Final[Mapping[str, str]] = {
    "device.not_asked": "Plugged in; it is opened when somebody uses it.",
    "device.missing": "Its device file is missing: plug it in, or correct the settings.",
    "driver.hangs": "The driver does not come back: unplug the device, end the terminal's session.",
    "line.no_permission": "This user may not open it: join the group that owns it.",
    "pcsc.no_library": "PC/SC is not installed: install the packages libpcsclite1 and pcscd.",
    "pcsc.no_service": "The PC/SC service does not run: start it (systemctl start pcscd).",
    "pcsc.no_reader": "PC/SC knows no such reader: plug it in, or correct its name.",
    "pcsc.no_permission": "This user may not use PC/SC: polkit has to allow it.",
    "pcsc.in_use": "Another program holds the card: end that program.",
    "pcsc.hangs": "The PC/SC service does not answer: restart it (systemctl restart pcscd).",
    DeviceState.READY: "Works.",
    DeviceState.BUSY: "In use, perhaps by the running terminal: end that, or ask it.",
    DeviceState.UNKNOWN: "No answer: check its power and cable.",
    DeviceState.NOT_CONFIGURED: "The settings name none.",
    DeviceState.DISCONNECTED: "Not connected: plug it in, or correct the settings.",
    DeviceState.PAPER_NEAR_END: "Works; the paper is near its end: lay a new roll ready.",
    DeviceState.PAPER_OUT: "The paper is out: put in more.",
    DeviceState.COVER_OPEN: "A cover is open: close it.",
    DeviceState.CUTTER_JAMMED: "The cutter is jammed: switch off, free the blade, switch on.",
    DeviceState.PAPER_JAMMED: "Paper is jammed: open it and take the sheets out.",
    DeviceState.SUPPLY_LOW: "Works; ink or toner is low: have more ready.",
    DeviceState.SUPPLY_OUT: "Ink or toner is out: put in more.",
    DeviceState.OFFLINE: "It is off duty: switch it on at its own panel.",
    DeviceState.FAULT: "It reports a failure of its own: switch it off and on again.",
    DeviceState.WRONG_SETTING: "What answers is not understood: check address, speed and driver.",
}


def advice_for(status: DeviceStatus) -> str:
    """One sentence."""
    return _ADVICE.get(status.code) or _ADVICE[status.state]
