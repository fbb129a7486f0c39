"""Each warning comes for its reason and for no other."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from scenes import sample

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.kiosk.capture.page import BgrImage, Quad
from yici.kiosk.capture.quality import (
    QualityWarning,
    edge_width_px,
    framing_warnings,
    page_warnings,
)


def _page(which: SamplePaper, *, blur_sigma: float = 0.6, level: float = 0.9) -> BgrImage:
    """As a camera sees it: soft by `blur_sigma` at 1240 px width, a little noisy."""
    pixels = cv2.resize(sample(which).pixels, (1240, 1754), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(pixels, (0, 0), blur_sigma).astype(np.float32) * level
    noise = np.random.default_rng(1).standard_normal(soft.shape[:2])[..., None] * 2
    return np.clip(soft + noise, 0, 255).astype(np.uint8)


WRITTEN = (SamplePaper.STATEMENT, SamplePaper.BIRTH_CERTIFICATE, SamplePaper.BANK_CARD_COPY)


@pytest.mark.parametrize("which", WRITTEN)
def test_good_page_has_no_warning(which: SamplePaper) -> None:
    assert page_warnings(_page(which)) == set()


@pytest.mark.parametrize("which", WRITTEN)
def test_blurred_page_is_blurred(which: SamplePaper) -> None:
    assert page_warnings(_page(which, blur_sigma=2.2)) == {QualityWarning.BLURRED}


def test_edge_width_grows_with_blur_whatever_is_written() -> None:
    widths = [
        [edge_width_px(_page(which, blur_sigma=sigma)) or 0.0 for which in WRITTEN]
        for sigma in (0.6, 1.5, 2.5, 4.0)
    ]
    assert all(max(sharper) < min(softer) for sharper, softer in pairwise(widths))


def test_blank_page_is_blank_and_not_blurred() -> None:
    blank = _page(SamplePaper.BLANK_SHEET, blur_sigma=3)
    assert edge_width_px(blank) is None
    assert page_warnings(blank) == {QualityWarning.BLANK}


def test_three_words_are_not_blank() -> None:
    page = _page(SamplePaper.BLANK_SHEET)
    cv2.putText(page, "paid 25 Nov", (300, 800), cv2.FONT_HERSHEY_SIMPLEX, 1, (60, 60, 60), 2)
    assert QualityWarning.BLANK not in page_warnings(page)


def test_lamp_on_glossy_paper_is_glare() -> None:
    page = _page(SamplePaper.STATEMENT, level=0.8)
    cv2.circle(page, (700, 500), 60, (255, 255, 255), -1)
    assert page_warnings(page) == {QualityWarning.GLARE}


def test_covered_lens_is_dark() -> None:
    assert QualityWarning.TOO_DARK in page_warnings(_page(SamplePaper.STATEMENT, level=0.2))


def _box(left: float, top: float, right: float, bottom: float) -> Quad:
    return Quad(((left, top), (right, top), (right, bottom), (left, bottom)))


@pytest.mark.parametrize(
    ("quad", "px_per_mm", "expected"),
    [
        (_box(100, 100, 1400, 1900), 6.5, set()),
        (_box(100, 100, 1400, 1900), None, set()),
        (_box(-3, 100, 1400, 1900), None, {QualityWarning.CUT_OFF}),
        (_box(100, 100, 1499, 1900), None, {QualityWarning.CUT_OFF}),
        (_box(100, 100, 1400, 1999), None, {QualityWarning.CUT_OFF}),
        (_box(100, 100, 1400, 1900), 5.0, {QualityWarning.TOO_SMALL}),
        (_box(100, 100, 500, 350), None, {QualityWarning.TOO_SMALL}),
        (_box(100, 100, 630, 430), None, set()),  # an ID card at six pixels a millimetre
    ],
)
def test_place_in_the_picture(
    quad: Quad, px_per_mm: float | None, expected: set[QualityWarning]
) -> None:
    assert framing_warnings(quad, 1500, 2000, px_per_mm=px_per_mm) == expected
