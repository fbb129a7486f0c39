"""What a virtual keyboard types through: the kernel's own uinput, or a FIFO where there is none."""

import contextlib
import errno
import fcntl
import os
import struct
import time
from pathlib import Path
from typing import Final

from yici.drivers.code_reader.keyboard.event_source import STREAM_SCHEME
from yici.drivers.code_reader.keyboard.input_events import (
    EV_KEY,
    KEY_CAPSLOCK,
    KEY_ENTER,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEYMAP,
)

UINPUT: Final = Path("/dev/uinput")
_DEVICE_NAME: Final = b"Yici virtual code reader"
_NODE_TIMEOUT_S: Final = 5.0

# linux/uinput.h
_UI_DEV_CREATE: Final = 0x5501
_UI_DEV_DESTROY: Final = 0x5502
_UI_DEV_SETUP: Final = 0x405C5503  # struct uinput_setup: input_id, name[80], ff_effects_max
_UI_SET_EVBIT: Final = 0x40045564
_UI_SET_KEYBIT: Final = 0x40045565
_UI_GET_SYSNAME: Final = 0x8000552C + (64 << 16)
_SETUP: Final = struct.Struct("=HHHH80sI")
_BUS_VIRTUAL: Final = 6


class FifoPort:
    """A FIFO under `path`. Raises FileExistsError when something else has the path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.is_fifo():
            path.unlink()  # of a twin that was killed
        os.mkfifo(path, 0o600)
        # both directions: opening waits for nobody, and nobody's leaving is an error
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    @staticmethod
    def address_of(path: Path) -> str:
        return f"{STREAM_SCHEME}{path}"

    def write(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads: the kernel would drop it, too
            os.write(self._descriptor, data)

    def close(self) -> None:
        """Pull the plug."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


class UinputPort:
    """A keyboard that the kernel believes in; `path` becomes a link to its event device.

    Needs write access to /dev/uinput. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(UINPUT, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(self._descriptor, _UI_SET_EVBIT, EV_KEY)
            modifiers = (KEY_LEFTSHIFT, KEY_LEFTCTRL, KEY_LEFTALT, KEY_CAPSLOCK)
            for key in (*KEYMAP, KEY_ENTER, *modifiers):
                fcntl.ioctl(self._descriptor, _UI_SET_KEYBIT, key)
            setup = _SETUP.pack(_BUS_VIRTUAL, 0, 0, 1, _DEVICE_NAME, 0)
            fcntl.ioctl(self._descriptor, _UI_DEV_SETUP, setup)
            fcntl.ioctl(self._descriptor, _UI_DEV_CREATE)
            self._link(self._get_event_device())
        except BaseException:
            os.close(self._descriptor)
            raise

    @staticmethod
    def address_of(path: Path) -> str:
        return str(path)

    def write(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._descriptor, data)

    def close(self) -> None:
        """Pull the plug: whoever reads gets ENODEV."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._descriptor, _UI_DEV_DESTROY)
        os.close(self._descriptor)

    def _get_event_device(self) -> Path:
        """The node under /dev/input; udev takes a moment to make it."""
        name = fcntl.ioctl(self._descriptor, _UI_GET_SYSNAME, bytes(64)).split(b"\0")[0].decode()
        deadline_s = time.monotonic() + _NODE_TIMEOUT_S
        while time.monotonic() < deadline_s:
            for entry in Path(f"/sys/devices/virtual/input/{name}").glob("event*"):
                node = Path("/dev/input", entry.name)
                if node.exists():
                    return node
            time.sleep(0.02)
        raise OSError(errno.ENODEV, f"no event device appeared for {name}: is udev running?")

    def _link(self, node: Path) -> None:
        if self._path.is_symlink() and str(self._path.readlink()).startswith("/dev/input/"):
            self._path.unlink()
        self._path.symlink_to(node)
