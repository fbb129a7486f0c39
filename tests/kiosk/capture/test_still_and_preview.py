"""From a whole picture to a page, and to what the screen shows."""

import cv2
import numpy as np
import pytest
from scenes import sample, scene, true_quad

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin_scene import Light, Pose
from yici.kiosk.capture.page import overlap
from yici.kiosk.capture.preview import is_steady, make_preview
from yici.kiosk.capture.quality import QualityWarning
from yici.kiosk.capture.still import find_captured_page, whole_picture


def _decoded(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_a4_page_becomes_a4_and_shows_the_paper_itself() -> None:
    paper = sample(SamplePaper.STATEMENT)
    taken = find_captured_page(scene(paper, Pose(turned_deg=4, tilt_percent=3)).pixels)
    assert taken is not None
    assert (taken.image.width_px, taken.image.height_px) == (1654, 2339)
    page = cv2.resize(_decoded(taken.image.jpeg), (413, 585), interpolation=cv2.INTER_AREA)
    truth = cv2.resize(paper.pixels, (413, 585), interpolation=cv2.INTER_AREA)
    alike = np.corrcoef(page[10:-10, 10:-10].ravel(), truth[10:-10, 10:-10].ravel())[0, 1]
    assert alike > 0.9


def test_empty_mat_gives_no_page_but_the_whole_picture_can_be_taken() -> None:
    empty = scene(None).pixels
    assert find_captured_page(empty) is None
    taken = whole_picture(empty)
    assert taken.found is None
    assert QualityWarning.TOO_DARK in taken.warnings
    assert taken.image.width_px / taken.image.height_px == pytest.approx(1215 / 1620, abs=0.01)


def test_cut_off_page_is_taken_with_a_warning() -> None:
    taken = find_captured_page(scene(sample(SamplePaper.STATEMENT), Pose(x_mm=45)).pixels)
    assert taken is not None
    assert QualityWarning.CUT_OFF in taken.warnings


def test_preview_has_the_outline_in_its_own_pixels() -> None:
    drawn = scene(sample(SamplePaper.HOUSEHOLD_REGISTER_PAGE), Pose(20, 30, turned_deg=12))
    preview = make_preview(drawn.pixels)
    assert max(preview.pixels.shape) == 960
    assert preview.found is not None
    truth = true_quad(drawn).scaled(preview.pixels.shape[1] / drawn.pixels.shape[1])
    assert overlap(preview.found.quad, truth) > 0.97
    assert _decoded(preview.as_jpeg()).shape == preview.pixels.shape
    assert preview.warnings == ()


def test_preview_of_an_empty_dark_mat_says_that_it_is_dark() -> None:
    preview = make_preview(scene(None, light=Light(level=0.3)).pixels)
    assert preview.found is None
    assert preview.warnings == (QualityWarning.TOO_DARK,)


def test_steady_means_the_same_page_in_the_same_place() -> None:
    paper = sample(SamplePaper.STATEMENT)
    still = make_preview(scene(paper, seed=1).pixels)
    again = make_preview(scene(paper, seed=2).pixels, prior=still.found and still.found.quad)
    moved = make_preview(scene(paper, Pose(x_mm=6), seed=2).pixels)
    gone = make_preview(scene(None).pixels)
    assert is_steady(still, again)
    assert not is_steady(still, moved)
    assert not is_steady(still, gone)
