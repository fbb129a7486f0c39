"""What may be wrong with a captured page. Warnings only: the person decides, nothing is blocked."""

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from yici.kiosk.capture.page import BgrImage, Quad
from yici.kiosk.capture.straighten import quad_lengths

BLURRED_ABOVE_EDGE_PX = 4.1
GLARE_ABOVE_SHARE = 0.002
BLANK_BELOW_INK_SHARE = 1e-4
MIN_PX_PER_MM = 6.0
DARK_BELOW_LEVEL = 70.0

_FRAME_BORDER_PX = 3.0
_ID_CARD_LONG_SIDE_MM = 85.6
_EDGE_WIDTH_PX = 1240
_CHECK_WIDTH_PX = 1000
_MARGIN_PX = 20


class QualityWarning(StrEnum):
    """In the order in which a person should be told."""

    CUT_OFF = "cut_off"  # the paper reaches over the picture's edge
    TOO_DARK = "too_dark"
    BLURRED = "blurred"
    GLARE = "glare"
    TOO_SMALL = "too_small"  # too few pixels to read small print
    BLANK = "blank"  # perhaps it lies with its face down


def page_warnings(page: BgrImage) -> frozenset[QualityWarning]:
    """What a straightened page shows (before its light is flattened)."""
    found = set()
    if is_dark(page):
        found.add(QualityWarning.TOO_DARK)
    width_px = edge_width_px(page)
    if width_px is not None and width_px > BLURRED_ABOVE_EDGE_PX:
        found.add(QualityWarning.BLURRED)
    if glare_share(page) > GLARE_ABOVE_SHARE:
        found.add(QualityWarning.GLARE)
    if ink_share(page) < BLANK_BELOW_INK_SHARE:
        found.add(QualityWarning.BLANK)
        found.discard(QualityWarning.BLURRED)  # nothing on it that could be sharp
    return frozenset(found)


def framing_warnings(
    quad: Quad, width_px: int, height_px: int, *, px_per_mm: float | None = None
) -> frozenset[QualityWarning]:
    """What the page's place in a picture of that size shows.

    `px_per_mm` is the camera's calibrated scale on the mat; without it only a paper that is smaller
    than a well taken ID card counts as too small.
    """
    found = set()
    corners = quad.as_array()
    inner = np.array([width_px, height_px]) - 1 - _FRAME_BORDER_PX
    if ((corners <= _FRAME_BORDER_PX) | (corners >= inner)).any():
        found.add(QualityWarning.CUT_OFF)
    coarse = px_per_mm is not None and px_per_mm < MIN_PX_PER_MM
    if coarse or max(quad_lengths(quad)) < _ID_CARD_LONG_SIDE_MM * MIN_PX_PER_MM:
        found.add(QualityWarning.TOO_SMALL)
    return frozenset(found)


def is_dark(picture: BgrImage) -> bool:
    """Whether even the light parts are dark: a covered lens, or no light."""
    return float(np.percentile(picture[::8, ::8].max(axis=2), 95)) < DARK_BELOW_LEVEL


def edge_width_px(page: BgrImage) -> float | None:
    """Width of the sharpest edges at 1240 px page width; None on a page without edges.

    Local contrast divided by gradient: unlike the variance of the Laplacian it does not depend on
    how much is written on the page.
    """
    # without the outline, which is as sharp as the straightening
    grey = cv2.GaussianBlur(_inner(_grey_at(page, _EDGE_WIDTH_PX)), (0, 0), 0.7)
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    slope = cv2.magnitude(dx, dy) / 8
    square = np.ones((9, 9), np.uint8)
    contrast = cv2.subtract(cv2.dilate(grey, square), cv2.erode(grey, square)).astype(np.float32)
    edges = (slope > np.percentile(slope[::2, ::2], 99)) & (contrast > 25)
    if np.count_nonzero(edges) <= 200:
        return None
    return float(np.median(contrast[edges] / slope[edges]))


def glare_share(page: BgrImage) -> float:
    """The largest spot of colourless full white, as a share of the page."""
    small = _at_width(page, _CHECK_WIDTH_PX)
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    colourless = cv2.inRange(hsv, (0, 0, 250), (180, 24, 255))
    spots = cv2.morphologyEx(colourless, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(spots, connectivity=8)
    areas = parts[1:, cv2.CC_STAT_AREA]
    return float(areas.max(initial=0)) / spots.size


def ink_share(page: BgrImage) -> float:
    """The share of the page that is written or printed on; dust does not count."""
    grey = cv2.GaussianBlur(_inner(_grey_at(page, _CHECK_WIDTH_PX)), (3, 3), 0)
    height, width = grey.shape
    small = cv2.resize(
        grey, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA
    )
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 15)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(grey, paper, scale=235)
    ink = (flat < 200).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    areas = parts[1:, cv2.CC_STAT_AREA]
    return float(areas[areas >= 12].sum()) / ink.size


def _inner(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    margin_px = min(_MARGIN_PX, min(grey.shape) // 8)
    height, width = grey.shape
    return grey[margin_px : height - margin_px, margin_px : width - margin_px]


def _grey_at(page: BgrImage, width_px: int) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = cv2.cvtColor(_at_width(page, width_px), cv2.COLOR_BGR2GRAY)
    return grey


def _at_width(page: BgrImage, width_px: int) -> BgrImage:
    height, width = page.shape[:2]
    if width == width_px:
        return page
    # linear is enough when shrinking less than twofold, and several times cheaper
    way = cv2.INTER_AREA if width >= 2 * width_px else cv2.INTER_LINEAR
    size = (width_px, max(1, round(height * width_px / width)))
    scaled: BgrImage = cv2.resize(page, size, interpolation=way)
    return scaled
