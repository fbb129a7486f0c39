"""The terminal's devices: one worker by role, watched, lost and found again."""

from yici.kiosk.devices.card_watch import CARD_POLL_INTERVAL_S, CardWatch
from yici.kiosk.devices.terminal import TerminalDevices, open_devices
from yici.kiosk.devices.worker import Care, DeviceWorker, Memory, Post

__all__ = [
    "CARD_POLL_INTERVAL_S",
    "CardWatch",
    "Care",
    "DeviceWorker",
    "Memory",
    "Post",
    "TerminalDevices",
    "open_devices",
]
