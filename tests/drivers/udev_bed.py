"""A machine whose udev says what we want, by libumockdev; only under `umockdev-wrapper`."""

import ctypes
from pathlib import Path


class UdevBed:
    """Devices that come and go with an announcement, as from a udev that runs."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libumockdev.so.0")
        for name in ("new", "add_devicev"):
            getattr(self._library, f"umockdev_testbed_{name}").restype = ctypes.c_void_p
        self._library.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._library.umockdev_testbed_new())
        root = Path(self._library.umockdev_testbed_get_root_dir(self._bed).decode())
        # what stands for the daemon's own; the preloaded library doesn't put it in its place
        self.control = root / "run/udev/control"
        self.control.parent.mkdir(parents=True, exist_ok=True)
        self.control.touch()

    def add(self, subsystem: str, name: str, **properties: str) -> None:
        """Plug in; announced as "add"."""
        pairs = [text for pair in properties.items() for text in pair]
        self._library.umockdev_testbed_add_devicev(
            self._bed, subsystem.encode(), name.encode(), None, _strings(), _strings(*pairs)
        )

    def announce(self, name: str, action: str) -> None:
        """Say that something happened to a device that was added before."""
        path = f"/sys/devices/{name}".encode()
        self._library.umockdev_testbed_uevent(self._bed, path, action.encode())


def _strings(*texts: str) -> "ctypes.Array[ctypes.c_char_p]":
    return (ctypes.c_char_p * (len(texts) + 1))(*(text.encode() for text in texts), None)
