"""What udev announces: something of a kind's subsystems was plugged in or out.

An announcement says only "look now": which device it was, and whether it works, is found out by
asking. So too many announcements cost a look each, and a lost one costs the wait for the next.
Without udev (in a container) nothing is ever announced, and looking now and then has to do.
"""

import contextlib
import os
import selectors
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

from yici.drivers.device import DeviceKind

# libudev's own sign that its daemon runs
_UDEV_CONTROL: Final = Path("/run/udev/control")
_GATHER_S: Final = 0.05  # one plug is a handful of announcements
_ACTIONS: Final = frozenset({"add", "remove", "bind", "unbind", "change"})

_SERIAL = ("tty", "usb", "hidraw")
_SUBSYSTEMS: Mapping[DeviceKind, tuple[str, ...]] = {
    DeviceKind.ID_CARD_READER: _SERIAL,
    DeviceKind.RECEIPT_PRINTER: ("tty", "usb", "usbmisc"),
    DeviceKind.DOCUMENT_CAMERA: ("video4linux",),
    DeviceKind.FACE_CAMERA: ("video4linux",),
    DeviceKind.SCANNER: ("usb", "net"),
    DeviceKind.DOCUMENT_PRINTER: ("usb", "usbmisc", "net"),
    DeviceKind.CODE_READER: ("tty", "input", "hidraw"),
    DeviceKind.SOCIAL_SECURITY_CARD_READER: ("usb",),
}
# where a device is a file or a bus of this machine, which udev speaks of
_ANNOUNCED_PREFIXES: Final = ("/dev/", "serial:/dev/", "usb:")

Plugged = Callable[[frozenset[DeviceKind]], None]


def udev_runs() -> bool:
    """Whether anything will ever be announced on this machine."""
    return _UDEV_CONTROL.exists()


def is_announced(address: str) -> bool:
    """Whether a device at this address of the settings comes and goes with an announcement."""
    return address.startswith(_ANNOUNCED_PREFIXES) and udev_runs()


def kinds_of(subsystem: str) -> frozenset[DeviceKind]:
    """The kinds of devices that something of this kernel subsystem may belong to."""
    return frozenset(kind for kind, names in _SUBSYSTEMS.items() if subsystem in names)


class HotplugMonitor:
    """Listens to udev on a thread of its own and calls `plugged` there, until it is closed.

    Where udev can't be listened to it is quiet; `is_listening` says so once it has begun.
    """

    def __init__(self, plugged: Plugged) -> None:
        self._plugged = plugged
        self._stop_read, self._stop_write = os.pipe()
        self._ready = threading.Event()
        self._listens = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="hotplug", daemon=True)
        self._thread.start()

    def is_listening(self, timeout_s: float = 5.0) -> bool:
        """Whether announcements arrive; waits for the thread to begin."""
        self._ready.wait(timeout_s)
        return self._listens

    def close(self) -> None:
        """End the thread; may be called twice."""
        if not self._closed:
            self._closed = True
            os.write(self._stop_write, b"x")
            self._thread.join(timeout=5)
            os.close(self._stop_write)
            os.close(self._stop_read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _run(self) -> None:
        # looking now and then goes on without it, so nothing that fails here may fail more
        with contextlib.suppress(ImportError, OSError):
            self._listen()
        self._ready.set()

    def _listen(self) -> None:
        import pyudev  # slow, and libudev may be missing

        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        for subsystem in sorted({name for names in _SUBSYSTEMS.values() for name in names}):
            monitor.filter_by(subsystem)
        monitor.start()
        self._listens = True
        self._ready.set()
        with selectors.DefaultSelector() as selector:
            selector.register(monitor.fileno(), selectors.EVENT_READ)
            selector.register(self._stop_read, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._stop_read in ready:
                    return
                kinds = _gather(monitor)
                if kinds:
                    self._plugged(kinds)


def _gather(monitor: Any) -> frozenset[DeviceKind]:
    """Whom the announcements of one plug concern; waits a moment for the last of them."""
    kinds: frozenset[DeviceKind] = frozenset()
    while (device := monitor.poll(timeout=_GATHER_S)) is not None:
        if device.action in _ACTIONS:
            kinds |= kinds_of(device.subsystem)
    return kinds
