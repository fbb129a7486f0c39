"""From one full-resolution picture to a page that can be submitted."""

from dataclasses import dataclass

import cv2

from yici.kiosk.capture.document import PageImage
from yici.kiosk.capture.intake import encode_jpeg
from yici.kiosk.capture.page import MINIMUM_SCORE, BgrImage, FoundPage, Quad, find_page
from yici.kiosk.capture.quality import QualityWarning, framing_warnings, page_warnings
from yici.kiosk.capture.straighten import (
    PAGE_DPI,
    PageSize,
    PaperSize,
    flatten_light,
    page_size,
    straighten,
)


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """A straightened page, where it lay, how sure that is, and what may be wrong with it.

    `found` is None for a page that was taken as the whole picture because the person said so.
    """

    image: PageImage
    found: FoundPage | None
    warnings: tuple[QualityWarning, ...]


def find_captured_page(
    picture: BgrImage,
    *,
    minimum_score: float = MINIMUM_SCORE,
    paper: PaperSize = PaperSize.AUTO,
    px_per_mm: float | None = None,
    prior: Quad | None = None,
) -> CapturedPage | None:
    """Find, straighten, check, even out the light, encode; None when no page is found.

    About a quarter of a second of one core for 5 megapixels: call it outside the screen's thread.
    """
    cv2.setNumThreads(1)  # a second thread gains nothing on a terminal's busy cores
    found = find_page(picture, minimum_score=minimum_score, prior=prior)
    if found is None:
        return None
    height_px, width_px = picture.shape[:2]
    framing = framing_warnings(found.quad, width_px, height_px, px_per_mm=px_per_mm)
    size = page_size(found.quad, paper, px_per_mm=px_per_mm)
    return _finished(straighten(picture, found.quad, size), found, framing)


def whole_picture(picture: BgrImage) -> CapturedPage:
    """The picture as it is, for a person who insists that it shows the paper."""
    cv2.setNumThreads(1)
    height_px, width_px = picture.shape[:2]
    corners = ((0.0, 0.0), (width_px - 1.0, 0.0), (width_px - 1.0, height_px - 1.0))
    frame = Quad((*corners, (0.0, height_px - 1.0)))
    size: PageSize = page_size(frame, PaperSize.AS_FOUND)
    return _finished(straighten(picture, frame, size), None, frozenset())


def _finished(
    page: BgrImage, found: FoundPage | None, framing: frozenset[QualityWarning]
) -> CapturedPage:
    seen = framing | page_warnings(page)
    if found is not None:
        page = flatten_light(page)
    height_px, width_px = page.shape[:2]
    image = PageImage(encode_jpeg(page), width_px, height_px, PAGE_DPI)
    return CapturedPage(image, found, tuple(w for w in QualityWarning if w in seen))
