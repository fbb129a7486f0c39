"""A picture as GS v 0 bands.

Bands are short because cheap printers stop in the middle of a tall one: their input buffer is
smaller than it.
"""

from collections.abc import Iterator

from PIL import Image

from yici.drivers.receipt_printer.escpos.commands import raster_header

BAND_ROWS = 100


def to_bitmap(image: Image.Image) -> Image.Image:
    """Mode "1", black and white only.

    Grey is cut at half, not dithered: a receipt is letters and codes, and dither frays them.
    """
    if image.mode == "1":
        return image
    if image.mode != "L":
        raise ValueError(f'a receipt is an image of mode "1" or "L", not "{image.mode}"')
    return image.point(lambda level: 255 if level >= 128 else 0).convert(
        "1", dither=Image.Dither.NONE
    )


def raster_bands(image: Image.Image, band_rows: int = BAND_ROWS) -> Iterator[bytes]:
    """Complete GS v 0 commands that together print `image` (mode "1" or "L")."""
    bitmap = to_bitmap(image)
    width_bytes = (bitmap.width + 7) // 8
    # Pillow packs white as 1 and pads a row's last byte with 0; a printer burns where a bit is 1.
    padding_mask = 0xFF << (width_bytes * 8 - bitmap.width) & 0xFF
    for top in range(0, bitmap.height, band_rows):
        rows = min(band_rows, bitmap.height - top)
        packed = bitmap.crop((0, top, bitmap.width, top + rows)).tobytes()
        burnt = bytearray(byte ^ 0xFF for byte in packed)
        for last in range(width_bytes - 1, len(burnt), width_bytes):
            burnt[last] &= padding_mask
        yield raster_header(width_bytes, rows) + bytes(burnt)
