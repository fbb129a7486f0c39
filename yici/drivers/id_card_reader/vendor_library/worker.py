"""The child process around a maker's library: `child_process.py` starts this file.

    question  call(1) | for OPEN: port(4) and the library's path
    answer    outcome(1) return code(4) | data

The calls, as makers' headers publish them (`ifOpen` 0: the port is open already):

    int SDT_OpenPort(int port)                        int SDT_ClosePort(int port)
    int SDT_ResetSAM(int port, int ifOpen)            int SDT_GetSAMStatus(int port, int ifOpen)
    int SDT_GetSAMIDToStr(int port, char *id, int ifOpen)
    int SDT_StartFindIDCard(int port, unsigned char *iin4, int ifOpen)
    int SDT_SelectIDCard(int port, unsigned char *sn8, int ifOpen)
    int SDT_ReadBaseMsg(int port, unsigned char *text, unsigned *textLength,
                        unsigned char *photo, unsigned *photoLength, int ifOpen)
    int SDT_ReadNewAppMsg(int port, unsigned char *address, unsigned *length, int ifOpen)

Only the standard library is imported, so that it starts fast. Nothing is kept between two calls.
"""

import ctypes
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from yici.drivers.transports.child_end import serve

ANSWER = struct.Struct("!Bi")
OPEN_PORT = struct.Struct("!i")

_BUFFER_SIZE = 8192
_TOLERATED = 16  # bytes: some libraries end what they write with zeros
_UNTOUCHED = 0xA5
_OK, _NO_SUCH_COMMAND = 0x90, 0x21
_NEEDED = (
    "SDT_OpenPort",
    "SDT_ClosePort",
    "SDT_GetSAMStatus",
    "SDT_StartFindIDCard",
    "SDT_SelectIDCard",
    "SDT_ReadBaseMsg",
)
_SIZES = {"iin": 4, "sn": 8, "text": 256, "photo": 1024, "address": 70, "sam_id": 64}


class Call(IntEnum):
    """What the driver asks for."""

    OPEN = 1
    CLOSE = 2
    RESET = 3
    STATUS = 4
    SAM_ID = 5
    FIND = 6
    SELECT = 7
    READ = 8
    NEWEST_ADDRESS = 9


class Outcome(IntEnum):
    """How the call went, beside the library's own return code."""

    RETURNED = 1
    UNUSABLE = 2  # no such file, not a library of this machine, or not of this kind
    OVERRUN = 3  # it wrote beyond what it promises: nothing in this process can be trusted
    BAD_LENGTH = 4  # it reports more than it may


class _Overrun(Exception):
    """The library wrote where it must not."""


class _Buffer:
    """Room for one result, with untouched bytes behind it."""

    def __init__(self, name: str) -> None:
        self.promised = _SIZES[name]
        self.memory = (ctypes.c_ubyte * _BUFFER_SIZE)()
        ctypes.memset(self.memory, _UNTOUCHED, _BUFFER_SIZE)

    def take(self, size: int) -> bytes:
        """Its first bytes, which are wiped here. Raises _Overrun."""
        written = bytes(self.memory)
        ctypes.memset(self.memory, 0, _BUFFER_SIZE)
        behind = written[self.promised + _TOLERATED :]
        if behind.count(_UNTOUCHED) != len(behind):
            raise _Overrun
        return written[:size]


class Library:
    """The library, once it is loaded, and the port that it was told to use."""

    def __init__(self) -> None:
        self._sdt: Any = None
        self._port = 0

    def answer(self, question: bytes) -> bytes:
        """One call; see the module's words."""
        call = Call(question[0])
        try:
            if call is Call.OPEN:
                self._port = OPEN_PORT.unpack_from(question, 1)[0]
                self._load(question[1 + OPEN_PORT.size :].decode())
            outcome, code, data = self._calls()[call]()
        except AttributeError:  # loaded, but without a call that not every library has
            outcome, code, data = Outcome.RETURNED, _NO_SUCH_COMMAND, b""
        except OSError:
            outcome, code, data = Outcome.UNUSABLE, 0, b""
        except _Overrun:
            outcome, code, data = Outcome.OVERRUN, 0, b""
        return ANSWER.pack(outcome, code) + data

    def _load(self, path: str) -> None:
        """Raises OSError for a file that is no such library."""
        if self._sdt is None:
            sdt = ctypes.CDLL(path)
            if not all(hasattr(sdt, name) for name in _NEEDED):
                raise OSError
            self._sdt = sdt

    def _calls(self) -> dict[Call, Callable[[], tuple[Outcome, int, bytes]]]:
        sdt, port = self._sdt, self._port
        return {
            Call.OPEN: lambda: self._plain(sdt.SDT_OpenPort(port)),
            Call.CLOSE: lambda: self._plain(sdt.SDT_ClosePort(port)),
            Call.RESET: lambda: self._plain(sdt.SDT_ResetSAM(port, 0)),
            Call.STATUS: lambda: self._plain(sdt.SDT_GetSAMStatus(port, 0)),
            Call.SAM_ID: self._sam_id,
            Call.FIND: lambda: self._fixed(sdt.SDT_StartFindIDCard, "iin"),
            Call.SELECT: lambda: self._fixed(sdt.SDT_SelectIDCard, "sn"),
            Call.READ: self._read,
            Call.NEWEST_ADDRESS: self._newest_address,
        }

    def _plain(self, code: int) -> tuple[Outcome, int, bytes]:
        return Outcome.RETURNED, code, b""

    def _fixed(self, call: Callable[..., int], name: str) -> tuple[Outcome, int, bytes]:
        buffer = _Buffer(name)
        code = call(self._port, buffer.memory, 0)
        return Outcome.RETURNED, code, buffer.take(buffer.promised)

    def _sam_id(self) -> tuple[Outcome, int, bytes]:
        buffer = _Buffer("sam_id")
        code = self._sdt.SDT_GetSAMIDToStr(self._port, buffer.memory, 0)
        return Outcome.RETURNED, code, buffer.take(buffer.promised).split(b"\0")[0]

    def _read(self) -> tuple[Outcome, int, bytes]:
        text, photo = _Buffer("text"), _Buffer("photo")
        text_size, photo_size = ctypes.c_uint(0), ctypes.c_uint(0)
        code = self._sdt.SDT_ReadBaseMsg(
            self._port,
            text.memory,
            ctypes.byref(text_size),
            photo.memory,
            ctypes.byref(photo_size),
            0,
        )
        sizes = text_size.value, photo_size.value
        data = text.take(text.promised) + photo.take(photo.promised)
        if code != _OK:
            return Outcome.RETURNED, code, b""
        # as in a reply of the module itself; a card without a photo is possible
        if sizes not in ((text.promised, photo.promised), (text.promised, 0)):
            return Outcome.BAD_LENGTH, code, b""
        return Outcome.RETURNED, code, struct.pack("!HH", *sizes) + data[: sum(sizes)]

    def _newest_address(self) -> tuple[Outcome, int, bytes]:
        buffer, size = _Buffer("address"), ctypes.c_uint(0)
        code = self._sdt.SDT_ReadNewAppMsg(self._port, buffer.memory, ctypes.byref(size), 0)
        data = buffer.take(buffer.promised)
        if code == _OK and size.value != buffer.promised:
            return Outcome.BAD_LENGTH, code, b""
        return Outcome.RETURNED, code, data


if __name__ == "__main__":
    serve(Library().answer)
