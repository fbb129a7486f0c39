"""Find the page in a picture.

A classical pipeline: many cheap masks propose outlines, each outline proposes quads, and one score
judges them all by how much each side looks like the edge of a paper. Measured mean IoU on real
photographs 0.98; no learned model is needed, and one can be plugged in as `prior`.

Points are (x, y) in pixels of the picture given; corners in the order top left, top right, bottom
right, bottom left as seen in the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yici.kiosk.capture.page_edges import refine_sides
from yici.kiosk.capture.page_masks import candidate_masks, small_lab
from yici.kiosk.capture.page_score import EdgeMap, edge_map, score_quad

BgrImage = NDArray[np.uint8]  # height × width × 3
Points = NDArray[np.float64]  # n × 2

SEARCH_LONG_SIDE_PX = 480
# Drawn scenes: empty mats up to 0.51, papers from 0.65 (white on white) and mostly above 1.0;
# calibrate on the installed camera.
MINIMUM_SCORE = 0.6

_REFINE_LONG_SIDE_PX = 1640
_HULLS_PER_MASK = 4
_MIN_AREA_SHARE, _MAX_AREA_SHARE = 0.02, 0.985
_MIN_SIDE_SHARE = 0.04
_MAX_CORNER_COS = 0.66
_MAX_SIDE_RATIO = 2.4
_MAX_OUTSIDE_SHARE = 0.03
_SAME_QUAD_PX = 4.0
_PRIOR_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Quad:
    """The four corners of a page, clockwise from the top left one, sub-pixel."""

    corners: tuple[
        tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
    ]

    def as_array(self) -> Points:
        """4 × 2."""
        return np.asarray(self.corners, dtype=np.float64)

    def scaled(self, factor: float) -> "Quad":
        """The same quad in a picture that is `factor` times as large.

        Pixel centres lie at whole numbers, hence the half.
        """
        return quad_from((self.as_array() + 0.5) * factor - 0.5)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Where the page lies and how sure that is (0 to about 1.2)."""

    quad: Quad
    score: float


def quad_from(points: Points) -> Quad:
    """A Quad of 4 × 2 points that are in order already."""
    (a, b), (c, d), (e, f), (g, h) = ((float(x), float(y)) for x, y in points)
    return Quad(((a, b), (c, d), (e, f), (g, h)))


def find_page(
    picture: BgrImage, *, minimum_score: float = MINIMUM_SCORE, prior: Quad | None = None
) -> FoundPage | None:
    """The page in the picture, or None when nothing reaches `minimum_score`.

    `prior` is somebody else's guess (a network's, the last preview's): one more candidate, and
    those near it are preferred.
    """
    height, width = picture.shape[:2]
    if min(height, width) < 64:
        return None
    middle = _halved(picture, _REFINE_LONG_SIDE_PX)
    small = reduced(middle, SEARCH_LONG_SIDE_PX)
    scale = small.shape[1] / width
    lab = small_lab(small)
    edges = edge_map(lab)
    expected = prior.scaled(scale).as_array() if prior is not None else None
    best, best_score = _best_candidate(lab, edges, expected)
    if best is None or best_score < minimum_score:
        return None
    coarse = quad_from(best).scaled(1 / scale)
    return FoundPage(_refined(middle, coarse, middle.shape[1] / width), best_score)


def reduced(picture: BgrImage, long_side_px: int) -> BgrImage:
    """The picture with its long side at most `long_side_px`."""
    picture = _halved(picture, 2 * long_side_px)
    height, width = picture.shape[:2]
    factor = long_side_px / max(height, width)
    if factor >= 1:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    # less than twofold by now, where linear is as good and several times cheaper
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def _halved(picture: BgrImage, max_long_side_px: int) -> BgrImage:
    """Halved until it fits: exact halves cost a fraction of any other reduction."""
    while max(picture.shape[:2]) > max_long_side_px:
        height, width = picture.shape[0] // 2, picture.shape[1] // 2
        picture = cv2.resize(
            picture[: height * 2, : width * 2], (width, height), interpolation=cv2.INTER_AREA
        )
    return picture


def overlap(first: Quad, second: Quad) -> float:
    """Intersection over union of two convex quads, 0 to 1."""
    return _overlap(first.as_array(), second.as_array())


def _overlap(first: Points, second: Points) -> float:
    one, other = first.astype(np.float32), second.astype(np.float32)
    common, _ = cv2.intersectConvexConvex(one, other)
    union = cv2.contourArea(one) + cv2.contourArea(other) - common
    return float(common / union) if union > 0 else 0.0


def _best_candidate(
    lab: BgrImage, edges: EdgeMap, prior: Points | None
) -> tuple[Points | None, float]:
    seen: list[Points] = []
    best: Points | None = None
    best_score = best_rank = 0.0
    for quad in _candidates(lab, prior):
        if any(np.abs(quad - other).max() < _SAME_QUAD_PX for other in seen):
            continue
        seen.append(quad)
        score = score_quad(quad, lab, edges)
        # the prior chooses between outlines, but does not make one: it may be a paper that has gone
        rank = score + (_PRIOR_WEIGHT * _overlap(quad, prior) if prior is not None else 0.0)
        if score > 0 and rank > best_rank:
            best, best_score, best_rank = quad, score, rank
    return best, best_score


def _candidates(lab: BgrImage, prior: Points | None) -> Iterator[Points]:
    size = (lab.shape[0], lab.shape[1])
    proposals: list[Points] = [prior] if prior is not None else []
    for mask in candidate_masks(lab):
        for hull in _largest_hulls(mask):
            proposals.extend(_quads_of(hull))
    for points in proposals:
        quad = ordered(points)
        if _sane(quad, size):
            yield quad


def _largest_hulls(mask: NDArray[np.uint8]) -> Iterator[Any]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxed = [
        (w * h, i)
        for i, c in enumerate(contours)
        if len(c) >= 4
        for _, _, w, h in [cv2.boundingRect(c)]
    ]
    for _, index in sorted(boxed, reverse=True)[:_HULLS_PER_MASK]:
        hull = cv2.convexHull(contours[index])
        if cv2.contourArea(hull) < _MIN_AREA_SHARE * mask.size:
            return
        yield hull


def _quads_of(hull: Any) -> Iterator[Points]:
    perimeter = cv2.arcLength(hull, True)  # noqa: FBT003 (OpenCV's signature)
    for share in (0.015, 0.03, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * perimeter, True)  # noqa: FBT003
        if len(corners) == 4:
            yield corners.reshape(4, 2).astype(np.float64)
            break
    # rounded or missing corners: the smallest quad around all of it
    try:
        around = cv2.approxPolyN(hull, nsides=4, epsilon_percentage=-1.0, ensure_convex=True)
    except cv2.error:  # too few points
        return
    if around is not None and around.size == 8:
        yield around.reshape(4, 2).astype(np.float64)


def ordered(points: Points) -> Points:
    """Clockwise in the picture, starting at the corner nearest to its top left."""
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    clockwise = points[np.argsort(angles)]
    return np.roll(clockwise, -int(clockwise.sum(axis=1).argmin()), axis=0)


def _sane(quad: Points, size: tuple[int, int]) -> bool:
    height, width = size
    long_side = max(size)
    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < _MIN_SIDE_SHARE * long_side:
        return False
    turns = _cross(sides, np.roll(sides, -1, axis=0))
    if not (turns > 0).all():
        return False  # not convex
    share = float(cv2.contourArea(quad.astype(np.float32))) / (height * width)
    cosines = (sides * np.roll(sides, 1, axis=0)).sum(axis=1) / (lengths * np.roll(lengths, 1))
    opposite = lengths[:2] / lengths[2:]
    outside = max(-quad.min(), (quad - (width - 1, height - 1)).max())
    return bool(
        _MIN_AREA_SHARE <= share <= _MAX_AREA_SHARE
        and np.abs(cosines).max() <= _MAX_CORNER_COS
        and max(opposite.max(), (1 / opposite).max()) <= _MAX_SIDE_RATIO
        and outside <= _MAX_OUTSIDE_SHARE * long_side
    )


def _cross(one: Points, other: Points) -> NDArray[np.float64]:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]


def _refined(middle: BgrImage, coarse: Quad, scale: float) -> Quad:
    """`coarse` in the whole picture, refined in `middle`, which is `scale` times as large."""
    grey = cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY)
    before = coarse.scaled(scale).as_array()
    after = refine_sides(grey, before)
    if after is None:
        return coarse
    sides = np.roll(after, -1, axis=0) - after
    convex = (_cross(sides, np.roll(sides, -1, axis=0)) > 0).all()
    return quad_from(after).scaled(1 / scale) if convex else coarse
