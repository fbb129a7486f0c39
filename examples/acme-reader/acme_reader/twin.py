"""A virtual CR-2 behind a pty: it speaks the real frames, so the driver can't know.

with make_twin(Path("/run/acme")) as twin:
    twin.act("show_code", "https://example.test/1")
"""

import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from select import select
from typing import Final, Self

from acme_reader.frames import LAMP_FAILED, Frame, FrameParser, FrameType, Symbology, encode_frame
from yici.drivers.device import DeviceKind
from yici.drivers.transports.pty_port import PtyPort
from yici.drivers.twin import NO_FAULT, Act

MODEL: Final = b"ACME CR-2 twin"
SLOW_S: Final = 1.0  # later than the driver waits
_TICK_S: Final = 0.02
_SHOW, _TAKE = "show_code", "take_code"


class AcmeFault(StrEnum):
    """What can be made to go wrong."""

    SILENT = "silent"
    GARBAGE = "garbage"
    SLOW = "slow"
    LAMP_FAILED = "lamp_failed"


def make_twin(directory: Path) -> "AcmeTwin":
    """A plugged-in twin whose port lies in `directory`."""
    return AcmeTwin(directory / "acme-reader")


class AcmeTwin:
    """One reader; see `yici.drivers.twin.Twin`. A thread answers what the host asks."""

    kind = DeviceKind.CODE_READER
    fault_names: Sequence[str] = tuple(AcmeFault)
    acts = (Act(_SHOW, takes_text=True), Act(_TAKE))

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError when something else has the path."""
        self.address = str(path)
        self._path = path
        self._lock = threading.RLock()
        self._port: PtyPort | None = PtyPort(path)
        self._parser = FrameParser()
        self._fault = NO_FAULT
        self._code: bytes | None = None  # held there and not yet reported
        self._armed: Frame | None = None
        self._armed_until_s = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="acme-twin", daemon=True)
        self._thread.start()

    @property
    def is_plugged_in(self) -> bool:
        return self._port is not None

    @property
    def fault(self) -> str:
        return self._fault

    def plug_in(self) -> None:
        """See `Twin`."""
        with self._lock:
            if self._port is None:
                self._port = PtyPort(self._path)

    def unplug(self) -> None:
        """See `Twin`: a reader without power has forgotten what it was asked."""
        with self._lock:
            if self._port is not None:
                self._port.close()
            self._port, self._armed, self._parser = None, None, FrameParser()

    def set_fault(self, name: str) -> None:
        """See `Twin`."""
        if name != NO_FAULT and name not in self.fault_names:
            raise ValueError(f"this twin's faults are {', '.join(self.fault_names)}")
        self._fault = name

    def act(self, name: str, argument: str = "") -> None:
        """Hold the code `argument` before the reader, or take it away."""
        if name not in (_SHOW, _TAKE) or bool(argument) != (name == _SHOW):
            raise ValueError(f"{name} {argument!r}: show_code needs a text, take_code none")
        with self._lock:
            self._code = argument.encode() if name == _SHOW else None

    def close(self) -> None:
        """See `Twin`."""
        self._closing.set()
        self._thread.join(timeout=10)
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closing.wait(_TICK_S):
            with self._lock:
                late = [reply for request in self._hear() if (reply := self._answer(request))]
                late += self._look()
                slow = self._fault == AcmeFault.SLOW
                if not slow:
                    self._say(late)
            if late and slow and not self._closing.wait(SLOW_S):
                with self._lock:
                    self._say(late)

    def _hear(self) -> list[Frame]:
        if self._port is None or not select([self._port.device_fd], [], [], 0)[0]:
            return []
        return self._parser.feed(self._port.read())

    def _answer(self, request: Frame) -> Frame | None:
        if request.type is FrameType.ARM:
            self._armed = request
            self._armed_until_s = time.monotonic() + int.from_bytes(request.body, "big") / 1000
            return None
        flags = LAMP_FAILED if self._fault == AcmeFault.LAMP_FAILED else 0
        return Frame(request.number, FrameType.STATE, bytes((flags,)) + MODEL)

    def _look(self) -> list[Frame]:
        """The answer that is due to an ARM: a code that is seen, or the end of its time."""
        if self._armed is None:
            return []
        number = self._armed.number
        if self._code is not None:
            code, self._code, self._armed = self._code, None, None
            return [Frame(number, FrameType.CODE, bytes((Symbology.QR,)) + code)]
        if time.monotonic() < self._armed_until_s:
            return []
        self._armed = None
        return [Frame(number, FrameType.NOTHING)]

    def _say(self, replies: list[Frame]) -> None:
        if self._port is None or self._fault == AcmeFault.SILENT:
            return
        for reply in replies:
            data = encode_frame(reply)
            if self._fault == AcmeFault.GARBAGE:
                data = bytes(byte ^ 0x5A for byte in data)
            self._port.write(data)
