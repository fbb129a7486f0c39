"""Pictures as a document camera would see them: a paper on a mat, with exactly known corners.

Distances on the mat are millimetres from its centre; corners are pixels of the frame in the order
top left, top right, bottom right, bottom left *of the paper*.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from yici.drivers.document_camera import BgrImage

Corners = NDArray[np.float64]  # 4 × 2


class Mat(StrEnum):
    """What lies under the paper."""

    DARK_RUBBER = "dark_rubber"
    GREY_FELT = "grey_felt"
    GREEN_CUTTING = "green_cutting"
    WOOD = "wood"
    LIGHT_DESK = "light_desk"
    A4_OUTLINE = "a4_outline"  # dark rubber with the place for an A4 sheet printed on it


@dataclass(frozen=True, slots=True)
class Paper:
    """A picture of a paper and its physical size."""

    pixels: BgrImage
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Pose:
    """How the paper lies: offset from the centre, turned clockwise, camera tilt in per cent.

    A tilt of 3 makes the far edge of the mat 3 % shorter than the near one.
    """

    x_mm: float = 0.0
    y_mm: float = 0.0
    turned_deg: float = 0.0
    tilt_percent: float = 0.0


@dataclass(frozen=True, slots=True)
class Light:
    """Brightness as a share of a well-exposed picture, its fall-off to one side, and noise."""

    level: float = 0.92
    falloff: float = 0.12
    noise_sigma: float = 2.0


@dataclass(frozen=True, slots=True)
class View:
    """The camera's frame and how much of the mat it sees across."""

    width_px: int = 1944
    height_px: int = 2592
    width_mm: float = 290.0
    mat: Mat = Mat.DARK_RUBBER
    light: Light = field(default_factory=Light)

    @property
    def px_per_mm(self) -> float:
        return self.width_px / self.width_mm


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished picture; `corners` is None for an empty mat."""

    pixels: BgrImage
    corners: Corners | None


def compose(view: View, paper: Paper | None, pose: Pose, *, seed: int = 0) -> Scene:
    """Draw the mat, the paper with its soft shadow, the light and the noise. Same seed, same."""
    random = np.random.default_rng(seed)
    picture = _mat(view.mat, view.width_px, view.height_px, view.px_per_mm, seed).copy()
    corners = None
    if paper is not None:
        corners = paper_corners(view, paper, pose)
        _lay(picture, paper, corners, view.px_per_mm)
    _light(picture, view.light)
    pixels = cv2.convertScaleAbs(picture)
    return Scene(add_noise(pixels, view.light.noise_sigma, random), corners)


def add_noise(pixels: BgrImage, sigma: float, random: np.random.Generator) -> BgrImage:
    """The same picture as another exposure would have it: grey noise of `sigma` levels."""
    if sigma <= 0:
        return pixels
    # a small tile, repeated from a random start: fresh noise for every pixel costs ten times more
    tile = np.round(random.standard_normal((256, 256)) * sigma).astype(np.int16)
    tile = np.roll(tile, tuple(random.integers(0, 256, 2)), axis=(0, 1))
    height, width = pixels.shape[:2]
    noise = np.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]
    noisy: BgrImage = cv2.add(pixels, cv2.merge([noise] * 3), dtype=cv2.CV_8U)
    return noisy


def paper_corners(view: View, paper: Paper, pose: Pose) -> Corners:
    """Where the paper's corners fall in the frame."""
    half = np.array([paper.width_mm, paper.height_mm]) / 2
    outline = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    angle = np.deg2rad(pose.turned_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    on_mat = outline @ turn + (pose.x_mm, pose.y_mm)
    # perspective: what lies farther up is smaller
    height_mm = view.height_px / view.px_per_mm
    depth = 1 - pose.tilt_percent / 100 * on_mat[:, 1:] / height_mm
    return on_mat / depth * view.px_per_mm + (view.width_px / 2, view.height_px / 2)


@lru_cache(maxsize=4)
def _mat(
    mat: Mat, width_px: int, height_px: int, px_per_mm: float, seed: int
) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    size = (height_px, width_px)
    grain = _grain(size, random, cell_px=3)
    colour, depth = {
        Mat.DARK_RUBBER: ((52, 48, 46), 5.0),
        Mat.GREY_FELT: ((118, 120, 122), 12.0),
        Mat.GREEN_CUTTING: ((92, 112, 52), 4.0),
        Mat.WOOD: ((88, 132, 172), 8.0),
        Mat.LIGHT_DESK: ((206, 211, 214), 3.0),
        Mat.A4_OUTLINE: ((52, 48, 46), 5.0),
    }[mat]
    if mat is Mat.WOOD:
        rings = _grain((height_px, 8), random, cell_px=40).mean(axis=1, keepdims=True)
        grain = grain * 0.4 + cv2.resize(rings, (width_px, height_px)) * 4
    picture = np.empty((*size, 3), np.float32)
    picture[:] = colour
    picture += (grain * depth)[..., None]
    if mat is Mat.GREEN_CUTTING:
        step = round(px_per_mm * 10)
        picture[::step, :] += 26
        picture[:, ::step] += 26
    if mat is Mat.A4_OUTLINE:
        half = np.array([105.0, 148.5]) * px_per_mm
        centre = np.array([width_px, height_px]) / 2
        corners = [tuple(np.rint(centre + sign * half).astype(int).tolist()) for sign in (-1, 1)]
        cv2.rectangle(picture, corners[0], corners[1], (190, 190, 190), round(1.2 * px_per_mm))
    return picture


def _grain(size: tuple[int, int], random: np.random.Generator, cell_px: int) -> NDArray[np.float32]:
    """Smooth noise of unit strength with a grain of `cell_px`."""
    coarse = random.standard_normal((size[0] // cell_px + 2, size[1] // cell_px + 2))
    grain: NDArray[np.float32] = cv2.resize(
        coarse.astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_LINEAR
    )
    return grain


def _lay(picture: NDArray[np.float32], paper: Paper, corners: Corners, px_per_mm: float) -> None:
    height, width = picture.shape[:2]
    paper_height, paper_width = paper.pixels.shape[:2]
    # pixel centres lie at whole numbers, so the paper's outline lies half a pixel outside them
    outline = np.array([[0, 0], [paper_width, 0], [paper_width, paper_height], [0, paper_height]])
    place = cv2.getPerspectiveTransform(
        (outline - 0.5).astype(np.float32), (corners - 0.5).astype(np.float32)
    )
    reduced = cv2.INTER_AREA if paper_width > np.ptp(corners[:, 0]) * 2 else cv2.INTER_LINEAR
    laid = cv2.warpPerspective(
        paper.pixels, place, (width, height), flags=reduced, borderMode=cv2.BORDER_REPLICATE
    )
    cover = np.zeros((height, width), np.uint8)
    fixed_point = np.round((corners - 0.5) * 16).astype(np.int32)
    cv2.fillConvexPoly(cover, fixed_point, 255, lineType=cv2.LINE_AA, shift=4)
    shadow = _shadow(cover, px_per_mm)
    picture *= shadow[..., None]
    share = (cover.astype(np.float32) / 255)[..., None]
    picture *= 1 - share
    picture += laid * share


def _shadow(cover: NDArray[np.uint8], px_per_mm: float) -> NDArray[np.float32]:
    """How much light is left around a paper that lies a little above the mat."""
    height, width = cover.shape
    blur_px = max(1.0, px_per_mm * 0.8)
    small = cv2.resize(cover, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), blur_px / 4)
    small = np.roll(small, max(1, round(blur_px / 4)), axis=(0, 1))
    left = 1 - 0.35 / 255 * small.astype(np.float32)
    shadow: NDArray[np.float32] = cv2.resize(left, (width, height))
    return shadow


def _light(picture: NDArray[np.float32], light: Light) -> None:
    height, width = picture.shape[:2]
    across = np.linspace(0, light.falloff, width, dtype=np.float32)[None, :]
    down = np.linspace(0, light.falloff / 2, height, dtype=np.float32)[:, None]
    picture *= (np.float32(light.level) * (1 - across - down))[..., None]
