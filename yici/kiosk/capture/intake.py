"""A file that somebody offers as an attachment: a page, or a typed reason why not.

The header is judged before anything is decoded, so that a small file can't unfold to gigabytes.
The pixels are then encoded anew: whatever else the file held (position, camera, thumbnail, a
second file behind the picture) stays behind.
"""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageOps

from yici.kiosk.capture.document import PageImage
from yici.kiosk.capture.jpeg_header import JpegColour, find_jpeg_header
from yici.kiosk.capture.page import BgrImage
from yici.kiosk.capture.straighten import A4_MM, PAGE_DPI

MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 40_000_000
MIN_SIDE_PX: Final = 16
JPEG_QUALITY: Final = 85
_PAGE_LONG_SIDE_PX = round(A4_MM[1] * PAGE_DPI / 25.4)
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_COLOUR_TYPES = {0, 2, 3, 4, 6}  # ISO/IEC 15948, table 11.1


class RefusalReason(StrEnum):
    """Why a file can't be an attachment."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    NOT_AN_IMAGE = "not_an_image"  # neither JPEG nor PNG
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    DAMAGED = "damaged"  # truncated, or broken inside
    TOO_DEMANDING = "too_demanding"  # decoding took more time or memory than it may


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken in."""

    reason: RefusalReason


class ImageFormat(StrEnum):
    """The formats that are taken in."""

    JPEG = "JPEG"
    PNG = "PNG"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the file says about itself."""

    format: ImageFormat
    width_px: int
    height_px: int


def read_header(data: bytes) -> ImageHeader | Refusal:
    """Judge a file by its size and its header alone; nothing is decoded."""
    if not data:
        return Refusal(RefusalReason.EMPTY)
    if len(data) > MAX_BYTES:
        return Refusal(RefusalReason.TOO_MANY_BYTES)
    header = _find_png_header(data) if data.startswith(_PNG_SIGNATURE) else _find_jpeg(data)
    if header is None:
        image = data.startswith((_PNG_SIGNATURE, b"\xff\xd8\xff"))
        return Refusal(RefusalReason.DAMAGED if image else RefusalReason.NOT_AN_IMAGE)
    if header.width_px * header.height_px > MAX_PIXELS:
        return Refusal(RefusalReason.TOO_MANY_PIXELS)
    if min(header.width_px, header.height_px) < MIN_SIDE_PX:
        return Refusal(RefusalReason.TOO_SMALL)
    return header


def take_in(data: bytes) -> PageImage | Refusal:
    """Decode, turn upright, fit and encode anew, in this process and at most about 250 MB.

    Use `guarded.take_in` for a file from outside: it bounds time and memory as well.
    """
    header = read_header(data)
    if isinstance(header, Refusal):
        return header
    pixels = _find_pixels(data, header)
    return Refusal(RefusalReason.DAMAGED) if pixels is None else to_page(pixels)


def to_page(pixels: BgrImage) -> PageImage:
    """Encode an upright picture as a page no larger than A4 at 200 dpi."""
    height, width = pixels.shape[:2]
    factor = _PAGE_LONG_SIDE_PX / max(height, width)
    if factor < 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        height, width = pixels.shape[:2]
    return PageImage(encode_jpeg(pixels), width, height, PAGE_DPI)


def encode_jpeg(pixels: BgrImage, quality: int = JPEG_QUALITY) -> bytes:
    """A baseline JPEG without metadata; the same pixels give the same bytes."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of {pixels.shape} can't be a JPEG")
    return bytes(encoded)


def _find_jpeg(data: bytes) -> ImageHeader | None:
    header = find_jpeg_header(data)
    if header is None or header.colour is JpegColour.CMYK:
        return None
    return ImageHeader(ImageFormat.JPEG, header.width_px, header.height_px)


def _find_png_header(data: bytes) -> ImageHeader | None:
    if len(data) < 33 or data[8:16] != b"\x00\x00\x00\rIHDR":
        return None
    width_px, height_px, depth, colour_type = struct.unpack(">IIBB", data[16:26])
    if not width_px or not height_px or depth not in (1, 2, 4, 8, 16):
        return None
    if colour_type not in _PNG_COLOUR_TYPES:
        return None
    return ImageHeader(ImageFormat.PNG, width_px, height_px)


def _find_pixels(data: bytes, header: ImageHeader) -> BgrImage | None:
    """Upright BGR pixels, or None when the file is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damage that it then refuses, or heals
            with Image.open(io.BytesIO(data), formats=[header.format.value]) as image:
                if image.size != (header.width_px, header.height_px):
                    return None
                if header.format is ImageFormat.JPEG:
                    # the decoder shrinks by 2, 4 or 8 at no cost: a page needs no more
                    image.draft("RGB", (_PAGE_LONG_SIDE_PX, _PAGE_LONG_SIDE_PX))
                image.load()
                upright = ImageOps.exif_transpose(image)
                flat = _on_white(upright)
    # Pillow's decoders raise these for damaged input; MemoryError is for the guard to see
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
        IndexError,
        KeyError,
    ):
        return None
    except (TypeError, ZeroDivisionError, OverflowError, AttributeError):  # broken EXIF or ICC
        return None
    return np.ascontiguousarray(np.asarray(flat)[:, :, ::-1])


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes paper."""
    if image.mode in ("I", "I;16", "I;16B", "F"):
        # 16-bit grey: the high byte
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, coloured).convert("RGB")
    return image.convert("RGB")
