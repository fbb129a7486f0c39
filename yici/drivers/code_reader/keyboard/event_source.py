"""Where input events come from: the kernel's event device, or a stream of the same bytes.

    /dev/input/event5, /dev/kiosk/code-reader     an event device, grabbed (EVIOCGRAB)
    stream:/run/…                                 a FIFO that carries `struct input_event`

A stream is for a process that forwards a reader (a twin, a gateway). No ioctl works on it, so the
two differ in how they are opened and held: EVIOCGRAB takes the keys from everybody else, `flock`
only keeps a second reader away. Reading, decoding and everything after it is the same.
"""

import errno
import fcntl
import os
import select
import stat
from collections.abc import Callable, Mapping
from typing import Final

from yici.drivers.code_reader.character_reader import SourceLost
from yici.drivers.code_reader.keyboard.input_events import EV_KEY, EVENT, KEY_ENTER, KeyCharacters
from yici.drivers.device import DeviceState

STREAM_SCHEME: Final = "stream:"
_READ_BYTES: Final = 64 * EVENT.size

# linux/input.h: _IOR('E', 0x01, int), _IOW('E', 0x90, int), _IOC(_IOC_READ, 'E', 0x20 + ev, len)
EVIOCGVERSION: Final = 0x80044501
EVIOCGRAB: Final = 0x40044590
_KEY_BITS_BYTES: Final = 96  # KEY_CNT / 8
EVIOCGBIT_KEY: Final = 0x80004520 + EV_KEY + (_KEY_BITS_BYTES << 16)

_OPENING: Final[Mapping[int, tuple[DeviceState, str]]] = {
    errno.ENOENT: (DeviceState.DISCONNECTED, "keyboard.missing"),
    errno.ENODEV: (DeviceState.DISCONNECTED, "keyboard.missing"),
    errno.ENXIO: (DeviceState.DISCONNECTED, "keyboard.missing"),
    errno.EACCES: (DeviceState.WRONG_SETTING, "keyboard.no_permission"),
    errno.EPERM: (DeviceState.WRONG_SETTING, "keyboard.no_permission"),
    errno.EBUSY: (DeviceState.BUSY, "keyboard.grabbed"),
    errno.EAGAIN: (DeviceState.BUSY, "keyboard.grabbed"),  # flock's word for it
    errno.ENOTTY: (DeviceState.WRONG_SETTING, "keyboard.no_event_device"),
    errno.EINVAL: (DeviceState.WRONG_SETTING, "keyboard.no_event_device"),
}


def open_events(address: str) -> "EventSource":
    """Open and hold the device or stream. Raises SourceLost."""
    if address.startswith(STREAM_SCHEME):
        return EventSource(address.removeprefix(STREAM_SCHEME), hold_stream)
    return EventSource(address, grab_device)


def grab_device(descriptor: int) -> None:
    """Take a keyboard's keys from everybody else. Raises OSError."""
    fcntl.ioctl(descriptor, EVIOCGVERSION, bytes(4))  # ENOTTY for what is no event device
    bits = fcntl.ioctl(descriptor, EVIOCGBIT_KEY, bytes(_KEY_BITS_BYTES))
    if not bits[KEY_ENTER // 8] >> KEY_ENTER % 8 & 1:
        raise OSError(errno.EINVAL, "no keyboard: it has no Enter key")
    # an int by value: the argument is a flag, not a pointer
    fcntl.ioctl(descriptor, EVIOCGRAB, 1)


def hold_stream(descriptor: int) -> None:
    """Keep a second reader away from a stream. Raises OSError."""
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "no stream")
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class EventSource:
    """A CharacterSource over one open source of events."""

    def __init__(self, path: str, hold: Callable[[int], None]) -> None:
        self._keys = KeyCharacters()
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            hold(self._descriptor)
        except OSError as error:
            self.close()
            raise opening_failed(error) from None

    def read(self, *, timeout_s: float) -> bytes:
        """See CharacterSource."""
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        try:
            if not poller.poll(timeout_s * 1000):
                return b""
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:  # ENODEV: unplugged
            data = b""
        if not data:  # the end of a stream is the plug pulled, too
            self.close()
            raise SourceLost(DeviceState.DISCONNECTED, "keyboard.lost")
        return self._keys.feed(data)

    def close(self) -> None:
        """See CharacterSource; the kernel ends the grab with the descriptor."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def opening_failed(error: OSError) -> SourceLost:
    """What an error on opening or holding a source means."""
    unknown = (DeviceState.FAULT, "keyboard.open_failed")
    return SourceLost(*_OPENING.get(error.errno or 0, unknown))
