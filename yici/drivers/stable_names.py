"""Stable names: what udev knows of the devices that are plugged in, and the rule that names one.

A kernel name such as ttyUSB0 goes to whatever was plugged in first. A rule names one particular
device: by its serial number where it has one, else by the socket that it is plugged into.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PROPERTY = re.compile(r"[\w./:+ -]{1,120}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")

# subsystem → which of its nodes can be a terminal's device
_NODES: Final[Mapping[str, re.Pattern[str]]] = {
    "tty": re.compile(r"/dev/tty(USB|ACM)\d+"),
    "video4linux": re.compile(r"/dev/video\d+"),
    "usbmisc": re.compile(r"/dev/usb/lp\d+"),
    "hidraw": re.compile(r"/dev/hidraw\d+"),
    "input": re.compile(r"/dev/input/event\d+"),
}
_MORE: Final[Mapping[str, str]] = {
    "tty": 'ENV{ID_MM_DEVICE_IGNORE}="1"',
    "video4linux": "",
    "usbmisc": "",
    "hidraw": "",
    "input": 'ENV{LIBINPUT_IGNORE_DEVICE}="1"',  # or the screen would get its keys
}


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """One device file; empty where udev doesn't know."""

    node: str
    subsystem: str
    links: tuple[str, ...] = ()
    vendor_id: str = ""
    model_id: str = ""
    serial: str = ""
    socket: str = ""  # where it is plugged in
    title: str = ""
    index: str = ""  # a camera's first node gives pictures, its others don't


def find_device(properties: Mapping[str, str]) -> FoundDevice | None:
    """What udev's properties say of a device that a terminal could use; None for any other."""
    subsystem, node = properties.get("SUBSYSTEM", ""), properties.get("DEVNAME", "")
    pattern = _NODES.get(subsystem)
    if pattern is None or not pattern.fullmatch(node):
        return None
    vendor = properties.get("ID_VENDOR_FROM_DATABASE") or properties.get("ID_VENDOR", "")
    model = properties.get("ID_MODEL_FROM_DATABASE") or properties.get("ID_MODEL", "")
    return FoundDevice(
        node,
        subsystem,
        tuple(sorted(properties.get("DEVLINKS", "").split())),
        properties.get("ID_VENDOR_ID", ""),
        properties.get("ID_MODEL_ID", ""),
        properties.get("ID_SERIAL_SHORT", ""),
        properties.get("ID_PATH", ""),
        " ".join(f"{vendor} {model}".split()),
        properties.get("index", ""),
    )


def rule_for(device: FoundDevice, name: str) -> str:
    """The rule that calls this device /dev/kiosk/`name`.

    Raises ValueError with a sentence for a name that is none, and for a device that nothing tells
    from others.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: take small letters, digits and hyphens")
    known_by = _distinction(device)
    if not known_by:
        raise ValueError(
            f"nothing tells {device.node} from others: it has no USB ids, or no serial number and "
            "no known socket"
        )
    conditions = [f'SUBSYSTEM=="{device.subsystem}"']
    if device.subsystem == "input":
        conditions.append('KERNEL=="event[0-9]*"')
    if device.index:
        conditions.append(f'ATTR{{index}}=="{device.index}"')
    actions = ['GROUP="yici"', 'MODE="0660"', f'SYMLINK+="kiosk/{name}"']
    more = _MORE[device.subsystem]
    return ", ".join([*conditions, *known_by, *actions, *([more] if more else [])])


def found_devices() -> tuple[FoundDevice, ...]:
    """Everything that is plugged in now and could be a terminal's device, by its node.

    Raises OSError with a sentence where libudev can't be asked.
    """
    try:
        import pyudev

        present = list(pyudev.Context().list_devices())
    except ImportError as error:
        raise OSError("libudev is missing: install the package libudev1") from error
    found = []
    for device in present:
        properties = dict(device.properties)
        if device.subsystem == "video4linux":
            properties["index"] = device.attributes.get("index", b"").decode("ascii", "replace")
        known = find_device(properties)
        if known is not None:
            found.append(known)
    return tuple(sorted(found, key=lambda known: known.node))


def _distinction(device: FoundDevice) -> list[str]:
    facts = {
        "ID_VENDOR_ID": device.vendor_id,
        "ID_MODEL_ID": device.model_id,
        **(
            {"ID_SERIAL_SHORT": device.serial}
            if _PROPERTY.fullmatch(device.serial)
            else {"ID_PATH": device.socket}
        ),
    }
    # what a device says of itself must not become another rule
    if not all(_PROPERTY.fullmatch(value) for value in facts.values()):
        return []
    return [f'ENV{{{key}}}=="{value}"' for key, value in facts.items()]
