"""A serial code reader without hardware: a pty at `path`.

with SerialReaderTwin(Path("/run/yici/code-reader")) as twin:
    reader = connect(twin.address)
    twin.show_code(b"https://example.test/1")
    reader.find_code(timeout_ms=2000)
"""

import random
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from yici.drivers.code_reader.shown_code_twin import Port, ShownCodeTwin
from yici.drivers.transports.pty_port import PtyPort
from yici.drivers.transports.wrong_speed import heard_at_another_speed

_USUAL_BAUD_RATE = 9600
_OTHER_SPEEDS = (19200, 38400)


class SerialReaderFault(StrEnum):
    """What can be made to go wrong."""

    SILENT = "silent"  # sees the code, sends nothing
    GARBAGE = "garbage"  # noise instead of a code
    SLOW = "slow"  # sends late, a few bytes at a time
    NO_END = "no_end"  # set up without CR or LF
    NEVER_ENDS = "never_ends"  # one line longer than any code
    WRONG_SPEED = "wrong_speed"  # the reader's own speed is another than the port's


class SerialReaderTwin(ShownCodeTwin):
    """One reader; `baud_rate` None is a USB reader, which has no speed."""

    def __init__(
        self,
        path: Path,
        *,
        baud_rate: int | None = None,
        suffix: bytes = b"\r",
        prefix: bytes = b"",
    ) -> None:
        """Plugged in at once; `prefix` and `suffix` are what the reader adds to each code.

        Raises FileExistsError when something else has the path.
        """
        self.path = path
        self._baud_rate = baud_rate
        self._prefix, self._suffix = prefix, suffix
        self._random = random.Random(7)  # noqa: S311 (noise, not a secret)
        super().__init__()

    @property
    def address(self) -> str:
        return str(self.path) if self._baud_rate is None else f"{self.path}@{self._baud_rate}"

    @property
    def fault_names(self) -> Sequence[str]:
        return tuple(SerialReaderFault)

    def _open_port(self) -> Port:
        return PtyPort(self.path)

    def _on_the_line(self, content: bytes, fault: str) -> bytes:
        line = self._prefix + content + self._suffix
        if fault in ("none", SerialReaderFault.SLOW, SerialReaderFault.WRONG_SPEED):
            return self._heard(line, fault)
        noise = bytes(self._random.randrange(256) for _ in range(40))
        return {
            SerialReaderFault.SILENT: b"",
            SerialReaderFault.GARBAGE: b"\x00" + noise + self._suffix,
            SerialReaderFault.NO_END: self._prefix + content,
            SerialReaderFault.NEVER_ENDS: b"9" * 512,
        }[SerialReaderFault(fault)]

    def _heard(self, line: bytes, fault: str) -> bytes:
        """What arrives at a port that may be set to another speed than the reader."""
        port_speed = self._find_port_speed()
        if fault == SerialReaderFault.WRONG_SPEED:
            heard_at = port_speed or _USUAL_BAUD_RATE
            sent_at = next(speed for speed in _OTHER_SPEEDS if speed != heard_at)
        elif self._baud_rate is None or port_speed is None:
            return line
        else:
            sent_at, heard_at = self._baud_rate, port_speed
        if sent_at == heard_at:
            return line
        return heard_at_another_speed(line, sent_at=sent_at, heard_at=heard_at)

    def _find_port_speed(self) -> int | None:
        port = self._port
        return port.find_host_baud_rate() if isinstance(port, PtyPort) else None


def make_twin(directory: Path) -> SerialReaderTwin:
    """A plugged-in twin whose port lies in `directory`."""
    return SerialReaderTwin(directory / "code-reader")
