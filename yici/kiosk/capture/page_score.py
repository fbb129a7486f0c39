"""How much a quad looks like the outline of a page.

Two witnesses for each side: *edge support* (the side lies on strong gradients, all from light to
dark or all from dark to light) and *colour step* (what lies inside differs from what lies outside;
a line of text has paper on both sides, so its step is about nothing).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

_SUPPORT_SAMPLES = 48
_SUPPORT_OFFSETS_PX = np.array([-3.0, -1.5, 0.0, 1.5, 3.0])
_STEP_SAMPLES = 24
_STEP_STRIPS_PX = np.array([4.0, 6.0, 8.0, 11.0])
_FULL_STEP = 14.0  # Lab units
_SUPPORT_ON_BORDER = 0.35  # no evidence either way
_STEP_OUTSIDE = 0.45
_BORDER_PX = 2.0
# A frame printed on the mat has perfect edges and no step; a paper has some, even on a white desk.
_MIN_MEAN_STEP = 0.18


@dataclass(frozen=True, slots=True)
class EdgeMap:
    """Per pixel the gradient of the channel in which it is largest, and what counts as strong."""

    dx: NDArray[np.float32]
    dy: NDArray[np.float32]
    strong: float


def edge_map(lab: Image) -> EdgeMap:
    """Gradients of a small Lab picture."""
    soft = cv2.GaussianBlur(lab, (0, 0), 1.0)
    shape = lab.shape[:2]
    best_dx, best_dy, largest = (np.zeros(shape, np.float32) for _ in range(3))
    for channel in cv2.split(soft):
        dx, dy = cv2.Sobel(channel, cv2.CV_32F, 1, 0), cv2.Sobel(channel, cv2.CV_32F, 0, 1)
        magnitude = cv2.magnitude(dx, dy)
        better = magnitude > largest
        for target, source in ((best_dx, dx), (best_dy, dy), (largest, magnitude)):
            np.copyto(target, source, where=better)
    return EdgeMap(
        best_dx,
        best_dy,
        float(np.clip(np.percentile(largest, 75), 10, 28)),
    )


def score_quad(quad: Floats, lab: Image, edges: EdgeMap) -> float:
    """0 (no page) to 1.22; `quad` is 4 × 2, clockwise."""
    height, width = lab.shape[:2]
    supports, steps = [], []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        supports.append(_edge_support(start, end, edges))
        steps.append(_colour_step(start, end, lab))
    if float(np.mean(steps)) < _MIN_MEAN_STEP:
        return 0.0
    area_share = float(cv2.contourArea(quad.astype(np.float32))) / (height * width)
    return (
        0.30 * float(np.mean(supports))
        + 0.25 * min(supports)
        + 0.25 * float(np.mean(steps))
        + 0.20 * min(steps)
        + 0.22 * float(np.sqrt(area_share))
        - 0.05 * corners_on_border(quad, width, height)
    )


def corners_on_border(quad: Floats, width: int, height: int) -> int:
    """How many corners lie on the frame's border."""
    near = (quad <= _BORDER_PX) | (quad >= np.array([width, height]) - 1 - _BORDER_PX)
    return int(near.any(axis=1).sum())


def _inward(start: Floats, end: Floats) -> Floats:
    """The unit vector to the inside of a clockwise quad (y grows downwards)."""
    along = (end - start) / max(1e-9, float(np.hypot(*(end - start))))
    return np.array([-along[1], along[0]])


def _edge_support(start: Floats, end: Floats, edges: EdgeMap) -> float:
    height, width = edges.dx.shape
    share = np.linspace(0.06, 0.94, _SUPPORT_SAMPLES)[:, None]
    centres = start + share * (end - start)
    if _share_on_border(centres, width, height) > 0.7:
        return _SUPPORT_ON_BORDER
    normal = _inward(start, end)
    points = centres[:, None, :] + _SUPPORT_OFFSETS_PX[None, :, None] * normal
    columns = np.clip(np.rint(points[..., 0]), 0, width - 1).astype(int)
    rows = np.clip(np.rint(points[..., 1]), 0, height - 1).astype(int)
    across = edges.dx[rows, columns] * normal[0] + edges.dy[rows, columns] * normal[1]
    largest = np.take_along_axis(across, np.abs(across).argmax(axis=1)[:, None], axis=1)[:, 0]
    return float(max((largest > edges.strong).mean(), (largest < -edges.strong).mean()))


def _share_on_border(points: Floats, width: int, height: int) -> float:
    near = (points <= _BORDER_PX) | (points >= np.array([width, height]) - 1 - _BORDER_PX)
    return float(near.any(axis=1).mean())


def _colour_step(start: Floats, end: Floats, lab: Image) -> float:
    normal = _inward(start, end)
    inside = _strip(start, end, normal, lab)
    outside = _strip(start, end, -normal, lab)
    if inside is None or outside is None:
        return _STEP_OUTSIDE
    distance = float(np.linalg.norm(np.median(inside, axis=0) - np.median(outside, axis=0)))
    return min(1.0, distance / _FULL_STEP)


def _strip(start: Floats, end: Floats, towards: Floats, lab: Image) -> Floats | None:
    """Colours beside a side; None when most of the strip lies outside the frame."""
    height, width = lab.shape[:2]
    share = np.linspace(0.08, 0.92, _STEP_SAMPLES)[:, None, None]
    points = start + share * (end - start) + _STEP_STRIPS_PX[None, :, None] * towards
    cells = np.rint(points.reshape(-1, 2)).astype(int)
    visible = cells[((cells >= 0) & (cells < (width, height))).all(axis=1)]
    if len(visible) * 2 < len(cells):
        return None
    return lab[visible[:, 1], visible[:, 0]].astype(np.float64)
