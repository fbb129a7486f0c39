"""Codes in a picture to bytes, by one of two engines; `code_reader.decoder` names it.

    decoder = get_decoder("zxing")
    read_codes(decoder, frame.pixels)      # a tuple of SeenCode, empty when there is none

`zxing` reads more, faster. `pyzbar` is for processors without a zxing-cpp wheel; it knows no
PDF417 and no DataMatrix. They are never asked one after the other, and OpenCV's own detector is
not used: it can hang on pages of text. What a code holds is bytes that anybody may have written.
"""

from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from yici.drivers.code_reader import MAX_CONTENT_BYTES, SeenCode

GreyImage = NDArray[np.uint8]  # height × width
BgrImage = NDArray[np.uint8]  # height × width × 3


class Symbology(StrEnum):
    """The codes that papers and telephones bring to a hall."""

    QR = "qr"
    MICRO_QR = "micro_qr"
    CODE128 = "code128"
    CODE39 = "code39"
    EAN13 = "ean13"
    EAN8 = "ean8"
    ITF = "itf"
    PDF417 = "pdf417"
    DATAMATRIX = "datamatrix"


ALL_SYMBOLOGIES: Final = frozenset(Symbology)
QR_ONLY: Final = frozenset({Symbology.QR})


class CodeDecoder(Protocol):
    """One engine, set up for some symbologies. Each symbology asked for costs time."""

    def read(self, grey: GreyImage) -> tuple[SeenCode, ...]:
        """The codes in the picture with their exact bytes; never raises for any picture."""
        ...


class DecoderMissing(Exception):
    """The engine, or the library under it, is not installed; says what to install."""


def get_decoder(name: str, symbologies: frozenset[Symbology] = ALL_SYMBOLOGIES) -> CodeDecoder:
    """An engine by its name, imported now.

    Raises ValueError for a name that none has, DecoderMissing when it can't be loaded.
    """
    try:
        if name == "zxing":
            from yici.drivers.code_reader.decoding.zxing import ZxingDecoder

            return ZxingDecoder(symbologies)
        if name == "pyzbar":
            from yici.drivers.code_reader.decoding.zbar import ZbarDecoder

            return ZbarDecoder(symbologies)
    except (ImportError, OSError) as error:
        packages = {"zxing": "the wheel zxing-cpp", "pyzbar": "the Debian package libzbar0"}
        raise DecoderMissing(f"the decoder {name} can't be loaded: install {packages[name]}") from (
            error
        )
    raise ValueError(f"no decoder is called {name!r}; there are: pyzbar, zxing")


def read_codes(decoder: CodeDecoder, picture: BgrImage) -> tuple[SeenCode, ...]:
    """The codes in a colour picture: half size first, which is far quicker and reads blurred ones.

    Contents longer than MAX_CONTENT_BYTES are left out.
    """
    import cv2

    if min(picture.shape[:2]) < 8:
        return ()
    grey: GreyImage = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    half: GreyImage = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    found = decoder.read(half) or decoder.read(grey)
    return tuple(code for code in found if 0 < len(code.content) <= MAX_CONTENT_BYTES)
