"""A `WltDecoder` that calls a maker's closed library, in a child process of one photo's life."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from yici.drivers.id_card_reader.portrait import (
    RGB_SIZE,
    WIDTH_PX,
    NoPortrait,
    Portrait,
    has_photo_header,
    worker,
)
from yici.drivers.id_card_reader.portrait.worker import QUESTION, Outcome
from yici.drivers.id_card_reader.reading import WltPhoto
from yici.drivers.transports.child_process import (
    ChildFault,
    ChildLimits,
    ChildLost,
    ChildProcess,
)

DECODE_TIMEOUT_S = 2.0
_LIMITS = ChildLimits(memory_mb=256, cpu_s=3)
_ROW_SIZE = WIDTH_PX * 3
_FAILURES = {
    bytes([Outcome.REFUSED]): NoPortrait.REFUSED,
    bytes([Outcome.UNUSABLE]): NoPortrait.UNUSABLE,
}


class ColourOrder(StrEnum):
    """In which order a library writes a pixel's three bytes."""

    RGB = "rgb"
    BGR = "bgr"


class RowOrder(StrEnum):
    """Which row a library writes first."""

    TOP_DOWN = "top_down"
    BOTTOM_UP = "bottom_up"


@dataclass(frozen=True, slots=True)
class LibraryDecoder:
    """`symbol` and `argument` differ between makers: their manual has them."""

    library: Path
    symbol: str = "_Z6unpackPcS_i"
    argument: int = 708
    colours: ColourOrder = ColourOrder.BGR
    rows: RowOrder = RowOrder.BOTTOM_UP
    timeout_s: float = DECODE_TIMEOUT_S

    def decode(self, photo: WltPhoto) -> Portrait | NoPortrait:
        """See `WltDecoder`; a photo without the header never reaches the library."""
        if not has_photo_header(photo):
            return NoPortrait.BAD_HEADER
        try:
            with ChildProcess(Path(worker.__file__), beside=self.library, limits=_LIMITS) as child:
                answer = child.ask(self._question(photo), timeout_s=self.timeout_s)
        except ChildLost as lost:
            has_hung = lost.fault is ChildFault.HUNG
            return NoPortrait.DECODER_HUNG if has_hung else NoPortrait.DECODER_FAILED
        return self._portrait(answer)

    def _question(self, photo: WltPhoto) -> bytes:
        path, symbol = str(self.library).encode(), self.symbol.encode()
        return QUESTION.pack(self.argument, len(path), len(symbol)) + path + symbol + photo.data

    def _portrait(self, answer: bytes) -> Portrait | NoPortrait:
        outcome, written = answer[:1], answer[1:]
        if outcome == bytes([Outcome.DECODED]) and len(written) == RGB_SIZE:
            return Portrait(self._upright_rgb(written))
        return _FAILURES.get(outcome, NoPortrait.DECODER_FAILED)

    def _upright_rgb(self, written: bytes) -> bytes:
        pixels = bytearray(written)
        if self.colours is ColourOrder.BGR:
            pixels[0::3], pixels[2::3] = pixels[2::3], pixels[0::3]
        if self.rows is RowOrder.TOP_DOWN:
            return bytes(pixels)
        starts = range(RGB_SIZE - _ROW_SIZE, -1, -_ROW_SIZE)
        return b"".join(bytes(pixels[start : start + _ROW_SIZE]) for start in starts)
