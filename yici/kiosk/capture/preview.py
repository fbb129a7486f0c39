"""What the screen shows while a paper is being laid: a small picture and the page's outline."""

from dataclasses import dataclass

import cv2

from yici.kiosk.capture.intake import encode_jpeg
from yici.kiosk.capture.page import (
    MINIMUM_SCORE,
    BgrImage,
    FoundPage,
    Quad,
    find_page,
    overlap,
    reduced,
)
from yici.kiosk.capture.quality import QualityWarning, framing_warnings, is_dark

LONG_SIDE_PX = 960
STEADY_OVERLAP = 0.985


@dataclass(frozen=True, slots=True)
class Preview:
    """`found` is in pixels of `pixels`."""

    pixels: BgrImage
    found: FoundPage | None
    warnings: tuple[QualityWarning, ...]

    def as_jpeg(self) -> bytes:
        """The picture for an `image/jpeg` consumer."""
        return encode_jpeg(self.pixels, quality=80)


def make_preview(
    picture: BgrImage,
    *,
    long_side_px: int = LONG_SIDE_PX,
    minimum_score: float = MINIMUM_SCORE,
    prior: Quad | None = None,
) -> Preview:
    """Shrink and look for the page. `prior` is the last preview's quad: it steadies the outline."""
    cv2.setNumThreads(1)
    small = reduced(picture, long_side_px)
    found = find_page(small, minimum_score=minimum_score, prior=prior)
    height_px, width_px = small.shape[:2]
    seen = {QualityWarning.TOO_DARK} if is_dark(small) else set()
    if found is not None:
        cut_off = framing_warnings(found.quad, width_px, height_px) & {QualityWarning.CUT_OFF}
        seen |= cut_off
    return Preview(small, found, tuple(w for w in QualityWarning if w in seen))


def is_steady(before: Preview, after: Preview) -> bool:
    """Whether the same page lies still in both: the moment to take it."""
    if before.found is None or after.found is None:
        return False
    return overlap(before.found.quad, after.found.quad) >= STEADY_OVERLAP
