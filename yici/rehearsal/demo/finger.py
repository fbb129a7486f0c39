"""One finger on the terminal's screen, at a person's pace."""

import math
import time
from collections.abc import Sequence

from yici.drivers.twin_panel.screen.touch import Touch, TouchInjector, TouchKind

Point = tuple[int, int]  # pixels from the screen's upper left corner

_TAP_S = 0.06
_BETWEEN_TAPS_S = 0.05
_POINT_S = 0.008  # touch screens report about 120 points a second


class Finger:
    """Taps and strokes through XTEST."""

    def __init__(self, injector: TouchInjector) -> None:
        self._injector = injector

    def tap(self, point: Point) -> None:
        """Press and release."""
        x_px, y_px = point
        self._injector.apply([Touch(TouchKind.PRESS, x_px, y_px)])
        time.sleep(_TAP_S)
        self._injector.apply([Touch(TouchKind.RELEASE, x_px, y_px)])
        time.sleep(_BETWEEN_TAPS_S)

    def stroke(self, points: Sequence[Point]) -> None:
        """Press at the first point, move through all, release at the last."""
        first, *others = points
        self._injector.apply([Touch(TouchKind.PRESS, *first)])
        for point in others:
            time.sleep(_POINT_S)
            self._injector.apply([Touch(TouchKind.MOVE, *point)])
        self._injector.apply([Touch(TouchKind.RELEASE, *points[-1])])
        time.sleep(_BETWEEN_TAPS_S)


def signature_around(centre: Point, width_px: int) -> list[list[Point]]:
    """Three strokes of a made-up handwriting: two bars and a running wave."""
    x_px, y_px = centre
    left, half = x_px - width_px // 2, width_px // 6
    bars = [
        [(left + step * half // 12, y_px - half // 2) for step in range(24)],
        [(left + half, y_px - half + step * half // 10) for step in range(22)],
    ]
    wave = [
        (
            left + 2 * half + step * 4 * half // 80,
            y_px + round(half * 0.7 * math.sin(step / 7) * (1 - step / 140)),
        )
        for step in range(80)
    ]
    return [*bars, wave]
