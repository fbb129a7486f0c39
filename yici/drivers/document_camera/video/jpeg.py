"""JPEGs of strangers to pixels: the size is looked at before anything is decoded."""

import io

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.frame_size import FrameSize


class NoJpeg(ValueError):
    """These bytes are no picture that a camera of ours would send; says why in a word."""


def find_jpeg_size(encoded: bytes) -> FrameSize | None:
    """The size that its header claims; None when it is no JPEG."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG",)) as image:
            return FrameSize(*image.size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return FrameSize(65535, 65535)  # as good as any other size above the limit
    except (OSError, SyntaxError, ValueError):
        return None


def decode_jpeg(encoded: bytes) -> BgrImage:
    """Its pixels, upright as its sensor. Raises NoJpeg (`no_jpeg`, `size_absurd`)."""
    import cv2
    import numpy as np

    size = find_jpeg_size(encoded)
    if size is None:
        raise NoJpeg("no_jpeg")
    if size.is_absurd:
        raise NoJpeg("size_absurd")
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels: BgrImage | None = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags)
    if pixels is None:
        raise NoJpeg("no_jpeg")
    return pixels
