"""From a found page to an upright, evenly lit picture of it."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from yici.kiosk.capture.page import BgrImage, Points, Quad

PAGE_DPI = 200
A4_MM = (210.0, 297.0)
_A_SERIES_RATIO = 2**0.5
_A4_TOLERANCE = 0.03
_MIN_SIDE_PX = 16

_PAPER_LEVEL = 245.0
_MAX_GAIN = 2.5
_LIGHT_SCALE = 16


class PaperSize(StrEnum):
    """Which outline the straightened page gets."""

    AUTO = "auto"  # A4 when the ratio fits and nothing contradicts, else the paper's own ratio
    A4 = "a4"
    AS_FOUND = "as_found"


@dataclass(frozen=True, slots=True)
class PageSize:
    """Pixels of a straightened page at PAGE_DPI."""

    width_px: int
    height_px: int


def straighten(picture: BgrImage, quad: Quad, size: PageSize) -> BgrImage:
    """The page inside `quad`, seen from straight above, as an image of `size`."""
    target = np.array(
        [[0, 0], [size.width_px, 0], [size.width_px, size.height_px], [0, size.height_px]]
    )
    place = cv2.getPerspectiveTransform(
        quad.as_array().astype(np.float32), (target - 0.5).astype(np.float32)
    )
    page: BgrImage = cv2.warpPerspective(
        picture,
        place,
        (size.width_px, size.height_px),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return page


def page_size(
    quad: Quad, paper: PaperSize = PaperSize.AUTO, *, px_per_mm: float | None = None
) -> PageSize:
    """How large the straightened page should be.

    With the camera's calibrated `px_per_mm` (on the mat) the true size counts, so that an A5 page
    or a card keeps its size in print. Without it a page of A4's ratio becomes A4; any other
    paper keeps its ratio and pixels, within A4.
    """
    across_px, down_px = quad_lengths(quad)
    a4 = A4_MM if down_px >= across_px else A4_MM[::-1]
    if paper is PaperSize.A4:
        return _at_page_dpi(*a4)
    if px_per_mm is not None and px_per_mm > 0:
        across_mm, down_mm = across_px / px_per_mm, down_px / px_per_mm
        if paper is PaperSize.AUTO and _nearly_a4(across_mm, down_mm):
            return _at_page_dpi(*a4)
        return _at_page_dpi(across_mm, down_mm)
    # without a scale a page never gets more pixels than it has, unless it is taken to be A4
    ratio = max(across_px, down_px) / max(1.0, min(across_px, down_px))
    if paper is PaperSize.AUTO and abs(ratio / _A_SERIES_RATIO - 1) <= _A4_TOLERANCE:
        return _at_page_dpi(*a4)
    mm_per_px = min(a4[0] / across_px, a4[1] / down_px, 25.4 / PAGE_DPI)
    return _at_page_dpi(across_px * mm_per_px, down_px * mm_per_px)


def quad_lengths(quad: Quad) -> tuple[float, float]:
    """Mean length of the horizontal and of the vertical sides, pixels."""
    corners: Points = quad.as_array()
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    return float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2


def _nearly_a4(across_mm: float, down_mm: float) -> bool:
    short_mm, long_mm = sorted((across_mm, down_mm))
    return (
        abs(short_mm / A4_MM[0] - 1) <= _A4_TOLERANCE
        and abs(long_mm / A4_MM[1] - 1) <= _A4_TOLERANCE
    )


def _at_page_dpi(width_mm: float, height_mm: float) -> PageSize:
    # nothing on a document camera is larger than A3
    return PageSize(
        *(
            round(min(max(mm * PAGE_DPI / 25.4, _MIN_SIDE_PX), 420 * PAGE_DPI / 25.4))
            for mm in (width_mm, height_mm)
        )
    )


def flatten_light(page: BgrImage) -> BgrImage:
    """Even out the light across a page and bring its paper to near white; colours keep their hue.

    A smooth surface (degree 2) is fitted to the brightness of the paper. Photographs, stamps and
    coloured areas are darker than the paper around them, drop out of the fit and stay as they are.
    """
    height, width = page.shape[:2]
    paper = _paper_light(page)
    columns = np.linspace(-1, 1, paper.shape[1])
    rows = np.linspace(-1, 1, paper.shape[0])
    x, y = np.meshgrid(columns, rows)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    light = (terms @ _robust_fit(terms, paper.ravel())).reshape(paper.shape)
    gain = np.clip(_PAPER_LEVEL / np.maximum(light, 1.0), 1.0, _MAX_GAIN).astype(np.float32)
    full = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    channels = [cv2.multiply(channel, full, dtype=cv2.CV_8U) for channel in cv2.split(page)]
    bright: BgrImage = cv2.merge(channels)
    return bright


def _paper_light(page: BgrImage) -> NDArray[np.float64]:
    """The page's brightest channel, small, with the writing closed."""
    height, width = page.shape[:2]
    small = cv2.resize(
        page,
        (max(8, width // _LIGHT_SCALE), max(8, height // _LIGHT_SCALE)),
        interpolation=cv2.INTER_AREA,
    )
    closed = cv2.dilate(small.max(axis=2), np.ones((5, 5), np.uint8))
    light: NDArray[np.float64] = cv2.medianBlur(closed, 5).astype(np.float64)
    return light


def _robust_fit(terms: NDArray[np.float64], light: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = light >= np.percentile(light, 40)
    fit: NDArray[np.float64] = np.zeros(terms.shape[1])
    for _ in range(4):
        fit = np.linalg.lstsq(terms[kept], light[kept], rcond=None)[0].astype(np.float64)
        expected = terms @ fit
        kept = (light >= 0.93 * expected) & (light <= 1.1 * expected)
        if kept.sum() < 4 * terms.shape[1]:
            return np.array([float(np.percentile(light, 80)), 0, 0, 0, 0, 0])
    return fit
