"""zxing-cpp: `.bytes` are exact; its `.text` guesses a character set and is never looked at."""

from collections.abc import Mapping
from typing import Any, Final

import zxingcpp

from yici.drivers.code_reader import SeenCode
from yici.drivers.code_reader.decoding import GreyImage, Symbology

_FORMATS: Final[Mapping[Symbology, Any]] = {
    Symbology.QR: zxingcpp.BarcodeFormat.QRCode,
    Symbology.MICRO_QR: zxingcpp.BarcodeFormat.MicroQRCode,
    Symbology.CODE128: zxingcpp.BarcodeFormat.Code128,
    Symbology.CODE39: zxingcpp.BarcodeFormat.Code39,
    Symbology.EAN13: zxingcpp.BarcodeFormat.EAN13,
    Symbology.EAN8: zxingcpp.BarcodeFormat.EAN8,
    Symbology.ITF: zxingcpp.BarcodeFormat.ITF,
    Symbology.PDF417: zxingcpp.BarcodeFormat.PDF417,
    Symbology.DATAMATRIX: zxingcpp.BarcodeFormat.DataMatrix,
}
_NAMES: Final[Mapping[Any, str]] = {found: name.value for name, found in _FORMATS.items()}


class ZxingDecoder:
    """A CodeDecoder."""

    def __init__(self, symbologies: frozenset[Symbology]) -> None:
        self._formats = [_FORMATS[symbology] for symbology in sorted(symbologies)]

    def read(self, grey: GreyImage) -> tuple[SeenCode, ...]:
        """See CodeDecoder."""
        found = zxingcpp.read_barcodes(grey, formats=self._formats)
        return tuple(SeenCode(bytes(code.bytes), _NAMES.get(code.format, "")) for code in found)
