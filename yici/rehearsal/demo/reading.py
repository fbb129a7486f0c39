"""Find words on a picture of the screen, as a person would: by what they look like.

The words are drawn in the terminal's own typeface, size and weight, and looked for by normalised
cross-correlation (OpenCV's TM_CCOEFF_NORMED), which is blind to colour: light on dark counts the
same. Nothing is asked of the program that shows them.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GreyImage = NDArray[np.uint8]  # height × width

_FONTS = Path("/usr/share/fonts/opentype/noto")
_WEIGHTS = ("Regular", "Bold")
_SIMPLIFIED_FACE = 2  # the collection's order: JP, KR, SC, TC, HK
_MARGIN_PX = 2
_SURE = 0.88  # the same words reach 0.98; one other character of five falls below
_HALF_SURE = 0.6  # at half size the strokes blur


class NoTypeface(Exception):
    """Debian's fonts-noto-cjk is not installed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand, in pixels of the screen, and how sure that is (0–1)."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    likeness: float

    @property
    def centre(self) -> tuple[int, int]:
        return self.x_px + self.width_px // 2, self.y_px + self.height_px // 2

    def moved(self, right_px: int, down_px: int) -> "Place":
        """The same place seen from another corner."""
        return replace(self, x_px=self.x_px + right_px, y_px=self.y_px + down_px)


@dataclass(frozen=True, slots=True)
class Typeface:
    """The sizes in which words may appear (pixels per em)."""

    sizes_px: tuple[int, ...]

    def find(self, picture: GreyImage, words: str) -> Place | None:
        """The place where these words stand most clearly; None when they don't stand there."""
        return max(self.find_all(picture, words), key=lambda place: place.likeness, default=None)

    def find_all(self, picture: GreyImage, words: str) -> list[Place]:
        """Every place where they stand, from the top down."""
        half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        found: list[Place] = []
        for size_px in self.sizes_px:
            for weight in _WEIGHTS:
                drawn = _drawn(words, size_px, weight)
                if drawn.shape[0] <= picture.shape[0] and drawn.shape[1] <= picture.shape[1]:
                    found += _matches(picture, half, drawn)
        return sorted(_distinct(found), key=lambda place: (place.y_px, place.x_px))


def _matches(picture: GreyImage, half: GreyImage, drawn: GreyImage) -> list[Place]:
    small = cv2.resize(drawn, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = np.abs(cv2.matchTemplate(half, small, cv2.TM_CCOEFF_NORMED))
    places: list[Place] = []
    for _ in range(24):
        _, likeness, _, (x, y) = cv2.minMaxLoc(coarse)
        if likeness < _HALF_SURE:
            break
        place = _sharpened(picture, drawn, 2 * x, 2 * y)
        places += [place] if place else []
        radius_y, radius_x = small.shape[0] // 2 + 1, small.shape[1] // 2 + 1
        coarse[max(0, y - radius_y) : y + radius_y, max(0, x - radius_x) : x + radius_x] = 0
    return places


def _sharpened(picture: GreyImage, drawn: GreyImage, x_px: int, y_px: int) -> Place | None:
    """The same match at full size, a few pixels around."""
    height_px, width_px = drawn.shape
    left, top = max(0, x_px - 4), max(0, y_px - 4)
    around = picture[top : y_px + height_px + 4, left : x_px + width_px + 4]
    if around.shape[0] < height_px or around.shape[1] < width_px:
        return None
    fine = np.abs(cv2.matchTemplate(around, drawn, cv2.TM_CCOEFF_NORMED))
    _, likeness, _, (x, y) = cv2.minMaxLoc(fine)
    if likeness < _SURE:
        return None
    return Place(left + x, top + y, width_px, height_px, float(likeness))


def _distinct(places: list[Place]) -> list[Place]:
    kept: list[Place] = []
    for place in sorted(places, key=lambda each: -each.likeness):
        if not any(_overlap(place, other) for other in kept):
            kept.append(place)
    return kept


def _overlap(one: Place, other: Place) -> bool:
    return (
        abs(one.centre[0] - other.centre[0]) < (one.width_px + other.width_px) // 4
        and abs(one.centre[1] - other.centre[1]) < (one.height_px + other.height_px) // 4
    )


@lru_cache(maxsize=512)
def _drawn(words: str, size_px: int, weight: str) -> GreyImage:
    font = _font(size_px, weight)
    left, top, right, bottom = font.getbbox(words)
    size = (round(right - left) + 2 * _MARGIN_PX, round(bottom - top) + 2 * _MARGIN_PX)
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).text((_MARGIN_PX - left, _MARGIN_PX - top), words, fill=0, font=font)
    return np.asarray(image)


@lru_cache(maxsize=32)
def _font(size_px: int, weight: str) -> ImageFont.FreeTypeFont:
    path = _FONTS / f"NotoSansCJK-{weight}.ttc"
    if not path.exists():
        raise NoTypeface(f"{path} is missing: install Debian's package fonts-noto-cjk.")
    return ImageFont.truetype(path, size_px, index=_SIMPLIFIED_FACE)
