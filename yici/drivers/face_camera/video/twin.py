"""A face camera without hardware: before it stands a drawing, and nobody's face.

with FaceCameraTwin() as twin:
    camera = connect(twin.address)
    twin.act("step_in_front")
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.camera_twin import CameraTwin, LivingScene
from yici.drivers.twin import Act

_WIDTH_PX, _HEIGHT_PX = 960, 720
_STEP_IN, _STEP_AWAY = "step_in_front", "step_away"
_ACTS: Final = (Act(_STEP_IN), Act(_STEP_AWAY))
_WALL, _LINE, _DISC, _COAT = (196, 190, 180), (60, 50, 44), (150, 205, 240), (150, 110, 70)


class FaceCameraTwin(CameraTwin):
    """A virtual face camera; see CameraTwin."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(DeviceKind.FACE_CAMERA, LivingScene(_empty_hall()), port=port)

    @property
    def acts(self) -> Sequence[Act]:
        """See Twin."""
        return _ACTS

    def act(self, name: str, argument: str = "") -> None:
        """See Twin."""
        if argument or name not in (_STEP_IN, _STEP_AWAY):
            raise ValueError(f"{name} {argument!r}: there are {_STEP_IN} and {_STEP_AWAY}")
        self.see(LivingScene(drawn_face() if name == _STEP_IN else _empty_hall()))


def make_twin(directory: Path) -> FaceCameraTwin:
    """A plugged-in twin; it needs nothing in `directory`."""
    del directory
    return FaceCameraTwin()


def _empty_hall() -> BgrImage:
    shade = np.linspace(1.0, 0.86, _WIDTH_PX)[None, :, None]
    hall: BgrImage = (np.full((_HEIGHT_PX, _WIDTH_PX, 3), _WALL) * shade).astype(np.uint8)
    cv2.rectangle(hall, (60, 90), (250, 330), (214, 208, 200), -1)  # a window
    return hall


def drawn_face() -> BgrImage:
    """A disc with two eyes and a mouth above a coat, marked SAMPLE: clearly no person."""
    picture = _empty_hall()
    x, y, radius = _WIDTH_PX // 2, 300, 150
    cv2.ellipse(picture, (x, _HEIGHT_PX + 60), (300, 270), 0, 180, 360, _COAT, -1, cv2.LINE_AA)
    cv2.circle(picture, (x, y), radius, _DISC, -1, cv2.LINE_AA)
    cv2.circle(picture, (x, y), radius, _LINE, 4, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(picture, (x + side * 55, y - 30), 14, _LINE, -1, cv2.LINE_AA)
    cv2.line(picture, (x, y - 5), (x, y + 30), _LINE, 4, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y + 55), (60, 32), 0, 15, 165, _LINE, 5, cv2.LINE_AA)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(picture, "SAMPLE", (x - 90, _HEIGHT_PX - 60), font, 1.6, (255, 255, 255), 3)
    return picture
