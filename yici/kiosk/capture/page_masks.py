"""Binary masks in which a page may stand out from what it lies on.

No single one works for every paper and every mat; together they propose, and the score decides.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_RING_PX = 8
_CANNY_THRESHOLDS = ((20, 60), (50, 130))


def small_lab(small: Image) -> Image:
    """The search picture in OpenCV's 8-bit Lab, without fine grain (median 5)."""
    lab: Image = cv2.cvtColor(cv2.medianBlur(small, 5), cv2.COLOR_BGR2LAB)
    return lab


def candidate_masks(lab: Image) -> Iterator[Image]:
    """Eleven masks, 0 or 255, of the picture's size."""
    for grey in (_distance_to_border(lab), lab[:, :, 0], _blue_yellow(lab)):
        _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _square(7))
        yield closed
        yield cv2.morphologyEx(closed, cv2.MORPH_OPEN, _square(15))
    lightness = lab[:, :, 0]
    bright = (lightness > min(250.0, float(np.percentile(lightness, 60)))).astype(np.uint8) * 255
    yield cv2.morphologyEx(bright, cv2.MORPH_OPEN, _square(7))
    for low, high in _CANNY_THRESHOLDS:
        edges = np.zeros(lab.shape[:2], np.uint8)
        for channel in cv2.split(lab):
            edges |= cv2.Canny(channel, low, high)
        yield cv2.dilate(edges, _square(3))
        yield cv2.morphologyEx(edges, cv2.MORPH_CLOSE, _square(7))


def _distance_to_border(lab: Image) -> Image:
    """How far each pixel's colour is from the median colour around the frame."""
    ring = np.concatenate(
        [
            lab[:_RING_PX].reshape(-1, 3),
            lab[-_RING_PX:].reshape(-1, 3),
            lab[:, :_RING_PX].reshape(-1, 3),
            lab[:, -_RING_PX:].reshape(-1, 3),
        ]
    )
    difference = lab.astype(np.float32) - np.median(ring, axis=0).astype(np.float32)
    squares = cv2.transform(difference * difference, np.ones((1, 3), np.float32))
    distance: Image = cv2.convertScaleAbs(cv2.sqrt(squares))
    return distance


def _blue_yellow(lab: Image) -> Image:
    away: Image = cv2.convertScaleAbs(lab[:, :, 2].astype(np.int16) - 128)
    return away


def _square(side_px: int) -> Image:
    return np.ones((side_px, side_px), np.uint8)
