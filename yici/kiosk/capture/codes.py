"""QR codes in a picture, by the engine that the settings name; contents are anybody's bytes."""

from functools import lru_cache

from yici.drivers.code_reader.decoding import QR_ONLY, CodeDecoder, get_decoder, read_codes
from yici.kiosk.capture.page import BgrImage

MAX_CONTENT_BYTES = 512


@lru_cache(maxsize=2)
def get_qr_decoder(name: str) -> CodeDecoder:
    """The engine, set up for QR codes. Raises ValueError or DecoderMissing, see `get_decoder`."""
    return get_decoder(name, QR_ONLY)


def read_qr_codes(picture: BgrImage, decoder: str = "zxing") -> tuple[bytes, ...]:
    """The contents of the QR codes in the picture, without those that are too long for a slip."""
    found = read_codes(get_qr_decoder(decoder), picture)
    return tuple(code.content for code in found if len(code.content) <= MAX_CONTENT_BYTES)
