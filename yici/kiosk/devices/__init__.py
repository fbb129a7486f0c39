"""The terminal's devices: one worker by role, watched, lost and found again."""

from yici.kiosk.devices.card_watch import CARD_POLL_INTERVAL_S, CardWatch
from yici.kiosk.devices.terminal import Memories, TerminalDevices, open_devices
from yici.kiosk.devices.worker import NOT_ASKED, Care, DeviceWorker, Memory, Post, Watching

__all__ = [
    "CARD_POLL_INTERVAL_S",
    "NOT_ASKED",
    "CardWatch",
    "Care",
    "DeviceWorker",
    "Memories",
    "Memory",
    "Post",
    "TerminalDevices",
    "Watching",
    "open_devices",
]
