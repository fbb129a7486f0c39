"""The page finder against scenes with exact corners, and against what is no page."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import VIEW, card, sample, scene, true_quad

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin_scene import Light, Mat, Pose
from yici.kiosk.capture.page import FoundPage, Quad, find_page, ordered, overlap, quad_from

MATS = (Mat.DARK_RUBBER, Mat.GREY_FELT, Mat.GREEN_CUTTING, Mat.WOOD, Mat.A4_OUTLINE)
A4_PAPERS = (
    SamplePaper.STATEMENT,
    SamplePaper.BLANK_SHEET,
    SamplePaper.ID_CARD_COPY,
    SamplePaper.BIRTH_CERTIFICATE,
)
SMALL_PAPERS = (SamplePaper.MARRIAGE_CERTIFICATE, SamplePaper.HOUSEHOLD_REGISTER_PAGE)


def _random_scenes() -> list[tuple[str, float]]:
    """Name and IoU of 25 scenes: every mat, large and small papers, bad light, noise."""
    results = []
    random = np.random.default_rng(20261125)
    for number in range(25):
        mat = MATS[number // 5]
        is_large = number % 2 == 0
        choice = A4_PAPERS if is_large else SMALL_PAPERS
        name = choice[(number // 2) % len(choice)]
        paper = card() if number % 7 == 6 else sample(name)
        reach_mm, turn_deg = (3.0, 6.0) if is_large else (30.0, 40.0)
        pose = Pose(
            *random.uniform(-reach_mm, reach_mm, 2),
            turned_deg=random.uniform(-turn_deg, turn_deg),
            tilt_percent=random.uniform(-4, 6),
        )
        light = Light(random.uniform(0.55, 1.0), random.uniform(0, 0.35), random.uniform(0, 5))
        drawn = scene(paper, pose, mat=mat, light=light)
        found = find_page(drawn.pixels)
        iou = overlap(found.quad, true_quad(drawn)) if found is not None else 0.0
        results.append((f"{number}: {name.value} on {mat.value}", iou))
    return results


def test_pages_are_found_to_a_hundredth_of_their_area() -> None:
    results = _random_scenes()
    assert np.mean([iou for _, iou in results]) >= 0.985
    assert [(name, iou) for name, iou in results if iou < 0.93] == []


@pytest.mark.parametrize("mat", Mat)
def test_empty_mat_gives_no_page(mat: Mat) -> None:
    for level, seed in ((0.95, 1), (0.6, 2), (0.3, 3)):
        drawn = scene(None, mat=mat, light=Light(level=level, falloff=0.3), seed=seed)
        assert find_page(drawn.pixels) is None


def test_page_that_has_gone_is_not_kept_alive_by_the_last_guess() -> None:
    there = scene(sample(SamplePaper.STATEMENT))
    before = find_page(there.pixels)
    assert before is not None
    for mat in Mat:
        assert find_page(scene(None, mat=mat).pixels, prior=before.quad) is None


def test_guess_decides_between_two_papers() -> None:
    left, right = Pose(x_mm=-60, y_mm=-100), Pose(x_mm=60, y_mm=100)
    one = scene(card(), left)
    other = scene(card(), right)
    both = np.maximum(one.pixels, other.pixels)
    both[810:] = other.pixels[810:]
    both[:810] = one.pixels[:810]
    for drawn in (one, other):
        found = find_page(both, prior=true_quad(drawn))
        assert found is not None
        assert overlap(found.quad, true_quad(drawn)) > 0.95


def test_white_paper_is_found_on_a_light_desk() -> None:
    drawn = scene(sample(SamplePaper.STATEMENT), Pose(turned_deg=3), mat=Mat.LIGHT_DESK)
    found = find_page(drawn.pixels)
    assert found is not None
    assert overlap(found.quad, true_quad(drawn)) > 0.97


def test_score_is_what_the_caller_asks_for() -> None:
    drawn = scene(sample(SamplePaper.STATEMENT))
    found = find_page(drawn.pixels)
    assert found is not None
    assert find_page(drawn.pixels, minimum_score=found.score + 0.01) is None


def test_page_turned_upside_down_keeps_the_corner_order_of_the_picture() -> None:
    found = find_page(scene(sample(SamplePaper.STATEMENT), Pose(turned_deg=180)).pixels)
    assert found is not None
    top_left, top_right, bottom_right, bottom_left = found.quad.as_array()
    assert top_left[0] < top_right[0]
    assert top_left[1] < bottom_left[1]
    assert bottom_left[0] < bottom_right[0]


@settings(max_examples=40)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    seed=st.integers(0, 2**32 - 1),
    blocks=st.integers(1, 40),
)
def test_any_picture_gives_a_sane_answer(height: int, width: int, seed: int, blocks: int) -> None:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (blocks, blocks, 3), dtype=np.uint8)
    rows = np.arange(height) * blocks // height
    columns = np.arange(width) * blocks // width
    found = find_page(np.ascontiguousarray(coarse[rows][:, columns]), minimum_score=0.0)
    assert found is None or _is_sane(found, width, height)


def _is_sane(found: FoundPage, width: int, height: int) -> bool:
    corners = found.quad.as_array()
    slack = 0.1 * max(width, height) + 8
    inside = (corners > -slack).all() and (corners < (width + slack, height + slack)).all()
    return bool(inside and np.isfinite(corners).all() and 0 <= found.score <= 1.22)


@given(st.floats(0.1, 10))
def test_scaling_a_quad_there_and_back_changes_nothing(factor: float) -> None:
    quad = Quad(((1.0, 2.0), (101.5, 3.0), (99.0, 150.0), (-2.0, 149.0)))
    assert np.allclose(quad.scaled(factor).scaled(1 / factor).as_array(), quad.as_array())


def test_rounded_card_gives_the_corners_that_it_would_have() -> None:
    drawn = scene(None, mat=Mat.GREY_FELT)
    half = np.array([42.8, 27.0]) * VIEW.px_per_mm
    radius = 3.18 * VIEW.px_per_mm
    angle = np.deg2rad(15)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array([600.0, 800.0])
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    arc = np.deg2rad(np.arange(0, 91, 10))
    outline = [
        sign * (half - radius) + radius * np.stack([np.cos(a), np.sin(a)], axis=-1)
        for sign, a in zip(
            signs, [arc + quarter * np.pi / 2 for quarter in (2, 3, 0, 1)], strict=True
        )
    ]
    points = np.concatenate(outline) @ turn + centre
    picture = drawn.pixels.copy()
    cv2.fillPoly(picture, [np.round(points * 16).astype(np.int32)], (190, 160, 120), cv2.LINE_AA, 4)
    found = find_page(picture)
    assert found is not None
    assert overlap(found.quad, quad_from(ordered(signs * half @ turn + centre))) > 0.98


def test_thumb_on_the_edge_does_not_bend_the_page() -> None:
    drawn = scene(sample(SamplePaper.STATEMENT), Pose(turned_deg=2), mat=Mat.GREEN_CUTTING)
    side = true_quad(drawn).as_array()[1:3].mean(axis=0)
    place = (round(side[0]), round(side[1]))
    thumb = cv2.ellipse(drawn.pixels.copy(), place, (110, 45), 8, 0, 360, (120, 150, 205), -1)
    found = find_page(cv2.GaussianBlur(thumb, (5, 5), 0))
    assert found is not None
    assert overlap(found.quad, true_quad(drawn)) > 0.97
