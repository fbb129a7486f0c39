"""Papers under a camera, with exactly known corners."""

import functools
import tempfile

import numpy as np
from PIL import Image

from yici.drivers.document_camera.paper_samples import DPI, SamplePaper, draw
from yici.drivers.document_camera.twin_scene import Light, Mat, Paper, Pose, Scene, View, compose
from yici.kiosk.capture.page import Quad, ordered, quad_from

VIEW = View(width_px=1215, height_px=1620)


@functools.lru_cache(maxsize=8)
def sample(which: SamplePaper) -> Paper:
    pixels = np.asarray(draw(which))[:, :, ::-1]
    height_px, width_px = pixels.shape[:2]
    return Paper(pixels, width_px / DPI * 25.4, height_px / DPI * 25.4)


def card() -> Paper:
    """A dark ID-1 card, without rounded corners."""
    return Paper(np.full((540, 856, 3), (150, 90, 60), np.uint8), 85.6, 54)


def scene(
    paper: Paper | None,
    pose: Pose | None = None,
    *,
    mat: Mat = Mat.DARK_RUBBER,
    light: Light | None = None,
    seed: int = 0,
) -> Scene:
    view = View(VIEW.width_px, VIEW.height_px, mat=mat, light=light or Light())
    return compose(view, paper, pose or Pose(), seed=seed)


def true_quad(drawn: Scene) -> Quad:
    """The scene's corners as the page finder counts: pixel centres at whole numbers."""
    assert drawn.corners is not None
    return quad_from(ordered(drawn.corners - 0.5))


def as_file(pixels: np.ndarray, file_format: str, **options: object) -> bytes:
    """RGB pixels as the bytes of an image file."""
    with tempfile.TemporaryFile() as file:
        Image.fromarray(pixels).save(file, format=file_format, **options)
        file.seek(0)
        return file.read()
