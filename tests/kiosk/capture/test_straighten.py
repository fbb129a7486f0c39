"""A page comes out straight, in the right size and evenly lit."""

import numpy as np
import pytest
from scenes import sample, scene, true_quad

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin_scene import Light, Paper, Pose
from yici.kiosk.capture.page import Quad
from yici.kiosk.capture.straighten import (
    PageSize,
    PaperSize,
    flatten_light,
    page_size,
    straighten,
)

A4 = PageSize(1654, 2339)


def _upright(width_px: float, height_px: float) -> Quad:
    return Quad(((0.0, 0.0), (width_px, 0.0), (width_px, height_px), (0.0, height_px)))


def test_corner_marks_come_back_into_their_corners() -> None:
    pixels = np.full((594, 420, 3), 235, np.uint8)
    marks = {(20, 20): (0, 0, 220), (20, 400): (0, 200, 0), (574, 400): (220, 0, 0)}
    for (row, column), colour in marks.items():
        pixels[row - 15 : row + 15, column - 15 : column + 15] = colour
    drawn = scene(
        Paper(pixels, 210, 297),
        Pose(turned_deg=8, tilt_percent=5),
        light=Light(0.95, 0.0, 0.0),
    )
    page = straighten(drawn.pixels, true_quad(drawn), PageSize(420, 594))
    for (row, column), colour in marks.items():
        strongest = int(np.argmax(colour))
        seen = page[row, column].astype(int)
        assert seen.argmax() == strongest
        assert seen[strongest] > 2 * np.delete(seen, strongest).max()
    assert page[574, 20].min() > 190  # the corner without a mark


@pytest.mark.parametrize(
    ("quad", "paper", "px_per_mm", "expected"),
    [
        (_upright(1000, 1414), PaperSize.AUTO, None, A4),
        (_upright(1414, 1000), PaperSize.AUTO, None, PageSize(2339, 1654)),
        (_upright(500, 900), PaperSize.A4, None, A4),
        (_upright(856, 540), PaperSize.AUTO, None, PageSize(856, 540)),  # no pixels invented
        (_upright(3000, 5000), PaperSize.AUTO, None, PageSize(1403, 2339)),  # fits into A4
        (_upright(1480, 2100), PaperSize.AUTO, 10.0, PageSize(1165, 1654)),  # A5 stays A5
        (_upright(2110, 2960), PaperSize.AUTO, 10.0, A4),
        (_upright(2110, 2960), PaperSize.AS_FOUND, 10.0, PageSize(1661, 2331)),
        (_upright(856, 540), PaperSize.AUTO, 10.0, PageSize(674, 425)),  # ID-1 in its true size
    ],
)
def test_size_follows_the_paper(
    quad: Quad, paper: PaperSize, px_per_mm: float | None, expected: PageSize
) -> None:
    assert page_size(quad, paper, px_per_mm=px_per_mm) == expected


def test_size_never_exceeds_a3_and_never_vanishes() -> None:
    assert page_size(_upright(9000, 9000), px_per_mm=0.1) == PageSize(3307, 3307)
    assert page_size(_upright(1, 1), px_per_mm=100.0) == PageSize(16, 16)


def test_light_is_evened_out_and_dark_areas_stay_dark() -> None:
    drawn = scene(
        sample(SamplePaper.MARRIAGE_CERTIFICATE), light=Light(level=0.8, falloff=0.4, noise_sigma=0)
    )
    page = straighten(drawn.pixels, true_quad(drawn), PageSize(1386, 992))
    flat = flatten_light(page)
    # three plain places of the paper, far apart
    places = ((300, 60), (60, 1000), (940, 760))
    before = [int(page[at].max()) for at in places]
    after = [int(flat[at].max()) for at in places]
    assert max(before) - min(before) > 20
    assert max(after) - min(after) <= 8
    assert min(after) > 230
    head = flat[400, 345].astype(int)  # the photograph's grey head
    assert head.max() < 190


def test_dark_page_is_brightened_but_not_burnt_out() -> None:
    page = np.full((400, 300, 3), (60, 70, 80), np.uint8)
    flat = flatten_light(page)
    assert flat.max() <= 205
    hue_before, hue_after = page[0, 0] / page[0, 0].max(), flat[0, 0] / flat[0, 0].max()
    assert np.allclose(hue_before, hue_after, atol=0.03)
