"""A document camera without hardware: papers are laid under it and faults caused by a call.

with DocumentCameraTwin() as twin:
    camera = connect(twin.address)
    twin.lay_paper(Path("certificate.png"))
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.camera_twin import CameraFault, CameraTwin, LivingScene
from yici.drivers.document_camera.paper_samples import DPI, SamplePaper, draw
from yici.drivers.document_camera.twin_scene import Corners, Paper, Pose, Scene, View, compose
from yici.drivers.twin import Act

__all__ = ["CameraFault", "DocumentCameraTwin", "make_twin"]

_A4_MM = (210.0, 297.0)
_RESTING_POSE = Pose(x_mm=2.0, y_mm=-3.0, turned_deg=1.8, tilt_percent=2.0)
_LAY, _TAKE = "lay_paper", "take_paper"
_ACTS: Final = (Act(_LAY, tuple(SamplePaper)), Act(_TAKE))


class DocumentCameraTwin(CameraTwin):
    """A virtual document camera; see CameraTwin."""

    def __init__(
        self,
        *,
        port: int = 0,
        view: View | None = None,
        kind: DeviceKind = DeviceKind.DOCUMENT_CAMERA,
        preview_divisor: int = 1,
    ) -> None:
        self._view = view or View()
        empty, _ = self._composed(None, _RESTING_POSE)
        super().__init__(kind, empty, port=port, preview_divisor=preview_divisor)

    @property
    def view(self) -> View:
        return self._view

    @property
    def plugged_in(self) -> bool:
        return self.is_plugged_in

    @property
    def acts(self) -> Sequence[Act]:
        """See Twin."""
        return _ACTS

    def act(self, name: str, argument: str = "") -> None:
        """Lay a sample paper, or take away what lies there."""
        if name == _LAY and argument in tuple(SamplePaper):
            pixels = np.asarray(draw(SamplePaper(argument)))[:, :, ::-1]
            self.lay_paper(_at_resolution(np.ascontiguousarray(pixels), (DPI, DPI)))
        elif name == _TAKE and not argument:
            self.lay_paper(None)
        else:
            raise ValueError(
                f"{name} {argument!r}: lay_paper needs a sample's name, take_paper none"
            )

    def lay_paper(
        self, paper: Paper | BgrImage | Path | None, pose: Pose = _RESTING_POSE
    ) -> Corners | None:
        """Put a paper under the camera (None takes it away); its corners in the frame.

        An image file's resolution gives the paper's size; without one it is A4-sized.
        """
        living, scene = self._composed(_get_paper(paper) if paper is not None else None, pose)
        self.see(living)
        return scene.corners

    def _composed(self, paper: Paper | None, pose: Pose) -> tuple[LivingScene, Scene]:
        silent = replace(self._view, light=replace(self._view.light, noise_sigma=0.0))
        scene = compose(silent, paper, pose)
        return LivingScene(scene.pixels, self._view.light.noise_sigma), scene


def make_twin(directory: Path) -> DocumentCameraTwin:
    """A plugged-in twin with a small stream and full stills; it needs nothing in `directory`."""
    del directory
    return DocumentCameraTwin(preview_divisor=2)


def _get_paper(paper: Paper | BgrImage | Path) -> Paper:
    if isinstance(paper, Paper):
        return paper
    if isinstance(paper, Path):
        with Image.open(paper) as image:
            dpi = image.info.get("dpi")
            pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        return _at_resolution(pixels, dpi) if dpi and min(dpi) > 30 else _fitted_to_a4(pixels)
    return _fitted_to_a4(paper)


def _at_resolution(pixels: BgrImage, dpi: tuple[float, float]) -> Paper:
    height_px, width_px = pixels.shape[:2]
    return Paper(pixels, width_px / dpi[0] * 25.4, height_px / dpi[1] * 25.4)


def _fitted_to_a4(pixels: BgrImage) -> Paper:
    height_px, width_px = pixels.shape[:2]
    across_mm, down_mm = _A4_MM if height_px >= width_px else _A4_MM[::-1]
    mm_per_px = min(across_mm / width_px, down_mm / height_px)
    return Paper(pixels, width_px * mm_per_px, height_px * mm_per_px)
