"""The driver: a serial line read into code lines.

reader = connect("/dev/kiosk/code-reader@9600")
code = reader.find_code(timeout_ms=10_000)     # None: nobody showed one
"""

from collections.abc import Mapping
from typing import Final

from yici.drivers.code_reader.character_reader import CharacterCodeReader, SourceLost
from yici.drivers.code_reader.serial_line.address import SerialReaderAddress, parse_address
from yici.drivers.device import DeviceState
from yici.drivers.transports.serial_line import LineFault, LineLost, SerialLine

# the longest pause inside a code: 1 byte takes 8 ms at 1200 baud, a USB adapter holds back 16 ms
PAUSE_S = 0.15

_STATES: Final[Mapping[LineFault, DeviceState]] = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
    LineFault.IN_USE: DeviceState.BUSY,
}


def connect(address: str, *, decoder: str = "") -> CharacterCodeReader:
    """A reader at `address` (see `address.py`), opened on first use.

    The reader decodes by itself, so `decoder` is not used. Raises ValueError with a sentence.
    """
    del decoder
    parsed = parse_address(address)
    return CharacterCodeReader(
        "serial_line", lambda: _LineSource(parsed), pause_s=PAUSE_S, prefix=parsed.prefix
    )


class _LineSource:
    """A CharacterSource over a serial line."""

    def __init__(self, address: SerialReaderAddress) -> None:
        try:
            self._line = SerialLine(address.port, baud_rate=address.baud_rate)
        except LineLost as lost:
            raise _source_lost(lost) from None

    def read(self, *, timeout_s: float) -> bytes:
        try:
            return self._line.read(timeout_s=timeout_s)
        except LineLost as lost:
            raise _source_lost(lost) from None

    def close(self) -> None:
        self._line.close()


def _source_lost(lost: LineLost) -> SourceLost:
    return SourceLost(_STATES[lost.fault], f"line.{lost.fault}")
