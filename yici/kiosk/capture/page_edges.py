"""Move the sides of a quad on to the paper's edge, to a fraction of a pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BAND_SHARE, _MIN_BAND_PX = 0.012, 6.0
_PROFILE_EVERY_PX = 6.0
_MIN_PROFILES, _MAX_PROFILES = 24, 160
_GRADIENT_REACH_PX = 2
_MIN_PEAK, _MIN_PEAK_SHARE = 6.0, 0.35
_MIN_POINTS = 8
_MIN_OUTLIER_PX = 1.5
_MIN_DETERMINANT = 0.2
_MAX_MOVE_BANDS = 2.5

Line = tuple[Floats, Floats]  # a point, a unit direction


def refine_sides(grey: NDArray[np.uint8], quad: Floats) -> Floats | None:
    """The corners (4 × 2) where the fitted sides meet; None when they are not to be trusted."""
    band_px = max(_MIN_BAND_PX, _BAND_SHARE * max(grey.shape))
    ends = np.roll(quad, -1, axis=0)
    lines = [_fitted(grey, start, end, band_px) for start, end in zip(quad, ends, strict=True)]
    corners = []
    for before, after in zip([lines[-1], *lines[:-1]], lines, strict=True):
        corner = _crossing(before, after)
        if corner is None:
            return None
        corners.append(corner)
    refined = np.array(corners)
    moved = np.hypot(*(refined - quad).T)
    return refined if moved.max() < _MAX_MOVE_BANDS * band_px else None


def _fitted(grey: NDArray[np.uint8], start: Floats, end: Floats, band_px: float) -> Line:
    length = float(np.hypot(*(end - start)))
    along = (end - start) / length
    unchanged = (start, along)
    points = _edge_points(grey, start, end, band_px)
    if len(points) < _MIN_POINTS:
        return unchanged
    line = _fit(points)
    residuals = _distances(points, line)
    kept = points[residuals <= max(_MIN_OUTLIER_PX, 2 * float(np.median(residuals)))]
    return _fit(kept) if len(kept) >= _MIN_POINTS else line


def _edge_points(grey: NDArray[np.uint8], start: Floats, end: Floats, band_px: float) -> Floats:
    """One point on the strongest edge of each profile across the side (n × 2)."""
    length = float(np.hypot(*(end - start)))
    along = (end - start) / length
    normal = np.array([-along[1], along[0]])
    count = int(np.clip(length / _PROFILE_EVERY_PX, _MIN_PROFILES, _MAX_PROFILES))
    feet = start + np.linspace(0.05, 0.95, count)[:, None] * (end - start)
    reach = round(band_px) + _GRADIENT_REACH_PX
    offsets = np.arange(-reach, reach + 1, dtype=np.float64)
    places = (feet[:, None, :] + offsets[None, :, None] * normal).astype(np.float32)
    profiles = cv2.remap(
        grey, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    smooth = cv2.blur(profiles.astype(np.float32), (3, 7))
    step = smooth[:, 2 * _GRADIENT_REACH_PX :] - smooth[:, : -2 * _GRADIENT_REACH_PX]
    offsets = offsets[_GRADIENT_REACH_PX:-_GRADIENT_REACH_PX]
    # one paper has one polarity: dark to light or light to dark along the whole side
    if step.max(axis=1).mean() < (-step).max(axis=1).mean():
        step = -step
    step = step * np.exp(-((offsets / band_px) ** 2)).astype(np.float32)
    best = step.argmax(axis=1)
    peaks = step[np.arange(count), best]
    kept = peaks > max(_MIN_PEAK, _MIN_PEAK_SHARE * float(np.median(peaks)))
    exact = _vertex(step, best) + offsets[0]
    return feet[kept] + exact[kept, None] * normal


def _vertex(step: NDArray[np.float32], best: NDArray[np.intp]) -> Floats:
    """The maximum between the samples: the top of the parabola through it and its neighbours."""
    rows = np.arange(len(best))
    inner = np.clip(best, 1, step.shape[1] - 2)
    left, middle, right = (step[rows, inner + shift].astype(np.float64) for shift in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < -1e-6, 0.5 * (left - right) / np.where(bend < -1e-6, bend, 1.0), 0.0)
    return np.where(inner == best, inner + np.clip(shift, -0.5, 0.5), best.astype(np.float64))


def _fit(points: Floats) -> Line:
    dx, dy, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return np.array([x, y], np.float64), np.array([dx, dy], np.float64)


def _distances(points: Floats, line: Line) -> Floats:
    away = points - line[0]
    return np.abs(away[:, 0] * line[1][1] - away[:, 1] * line[1][0])


def _crossing(one: Line, other: Line) -> Floats | None:
    determinant = one[1][0] * other[1][1] - one[1][1] * other[1][0]
    if abs(determinant) < _MIN_DETERMINANT:
        return None
    apart = other[0] - one[0]
    along = (apart[0] * other[1][1] - apart[1] * other[1][0]) / determinant
    return one[0] + along * one[1]
