"""libzbar through pyzbar's bindings, with the configuration that `pyzbar.decode` can't give.

zbar guesses the character set of a QR code and hands its bytes over transcoded, which turns
Chinese into other Chinese. ZBAR_CFG_BINARY (zbar.h since 0.23.1) makes it leave them alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_char_p, c_void_p, cast, string_at
from typing import Any, Final

import numpy as np
from pyzbar import wrapper as zbar
from pyzbar.wrapper import ZBarSymbol

from yici.drivers.code_reader import SeenCode
from yici.drivers.code_reader.decoding import GreyImage, Symbology

_CFG_ENABLE: Final = 0
_CFG_BINARY: Final = 4  # called CFG_NUM in pyzbar's older list
_EVERY: Final = 0
_Y800: Final = int.from_bytes(b"Y800", "little")

_SYMBOLS: Final[Mapping[Symbology, Any]] = {
    Symbology.QR: ZBarSymbol.QRCODE,
    Symbology.CODE128: ZBarSymbol.CODE128,
    Symbology.CODE39: ZBarSymbol.CODE39,
    Symbology.EAN13: ZBarSymbol.EAN13,
    Symbology.EAN8: ZBarSymbol.EAN8,
    Symbology.ITF: ZBarSymbol.I25,
}
_NAMES: Final[Mapping[int, str]] = {int(found): name.value for name, found in _SYMBOLS.items()}


class ZbarDecoder:
    """A CodeDecoder; symbologies that zbar doesn't know are left out."""

    def __init__(self, symbologies: frozenset[Symbology]) -> None:
        self._symbols = [int(_SYMBOLS[each]) for each in sorted(symbologies) if each in _SYMBOLS]

    def read(self, grey: GreyImage) -> tuple[SeenCode, ...]:
        """See CodeDecoder."""
        pixels = np.ascontiguousarray(grey).tobytes()  # kept alive until the scan is over
        height, width = grey.shape[:2]
        with self._scanner() as scanner, _image() as image:
            zbar.zbar_image_set_format(image, _Y800)
            zbar.zbar_image_set_size(image, width, height)
            zbar.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
            if zbar.zbar_scan_image(scanner, image) <= 0:
                return ()
            return tuple(_seen(image))

    @contextmanager
    def _scanner(self) -> Iterator[Any]:
        scanner = zbar.zbar_image_scanner_create()
        try:
            zbar.zbar_image_scanner_set_config(scanner, _EVERY, _CFG_ENABLE, 0)
            for symbol in self._symbols:
                zbar.zbar_image_scanner_set_config(scanner, symbol, _CFG_ENABLE, 1)
            zbar.zbar_image_scanner_set_config(scanner, int(ZBarSymbol.QRCODE), _CFG_BINARY, 1)
            yield scanner
        finally:
            zbar.zbar_image_scanner_destroy(scanner)


@contextmanager
def _image() -> Iterator[Any]:
    image = zbar.zbar_image_create()
    try:
        yield image
    finally:
        zbar.zbar_image_destroy(image)


def _seen(image: Any) -> Iterator[SeenCode]:
    symbol = zbar.zbar_image_first_symbol(image)
    while symbol:
        size = zbar.zbar_symbol_get_data_length(symbol)
        content = string_at(zbar.zbar_symbol_get_data(symbol), size)
        yield SeenCode(content, _NAMES.get(symbol.contents.type, ""))
        symbol = zbar.zbar_symbol_next(symbol)
