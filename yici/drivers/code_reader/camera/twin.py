"""A camera that looks for codes, without hardware: codes are drawn and held before it.

    with CodeCameraTwin() as twin:
        reader = connect(twin.address)
        twin.show_code(b"https://example.test/1")

The codes are drawn by `qrcode`, which neither decoder has anything to do with.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import qrcode

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.camera_twin import CameraTwin, LivingScene
from yici.drivers.twin import Act

_WIDTH_PX, _HEIGHT_PX = 960, 720
_CODE_PX: Final = 460
_COUNTER: Final = 92  # grey
_SHOW, _TAKE = "show_code", "take_code"
_ACTS: Final = (Act(_SHOW, takes_text=True), Act(_TAKE))


class CodeCameraTwin(CameraTwin):
    """A virtual camera over a place to hold codes; see CameraTwin."""

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(DeviceKind.CODE_READER, LivingScene(_counter()), port=port)

    @property
    def acts(self) -> Sequence[Act]:
        """See Twin."""
        return _ACTS

    def act(self, name: str, argument: str = "") -> None:
        """Hold a QR code with the text `argument` there, or take it away."""
        if name == _SHOW and argument:
            self.show_code(argument.encode())
        elif name == _TAKE and not argument:
            self.take_code()
        else:
            raise ValueError(f"{name} {argument!r}: show_code needs a text, take_code none")

    def show_code(self, content: bytes) -> None:
        """Hold a QR code there until it is taken."""
        picture = _counter()
        code = draw_qr_code(content, _CODE_PX)
        top, left = (_HEIGHT_PX - code.shape[0]) // 2, (_WIDTH_PX - code.shape[1]) // 2
        picture[top : top + code.shape[0], left : left + code.shape[1]] = code
        self.see(LivingScene(picture))

    def take_code(self) -> None:
        """Nothing is held there any more."""
        self.see(LivingScene(_counter()))


def draw_qr_code(content: bytes, most_px: int) -> BgrImage:
    """A QR code of at most `most_px` with its quiet zone. Raises ValueError when it can't fit."""
    code = qrcode.QRCode(border=4)
    code.add_data(content)
    modules = np.array(code.get_matrix(), bool)
    module_px = most_px // modules.shape[0]
    if module_px < 3:
        raise ValueError(f"a code of {len(content)} bytes has modules of less than 3 px here")
    dark = modules.repeat(module_px, axis=0).repeat(module_px, axis=1)
    picture: BgrImage = np.where(dark[..., None], 24, 232).astype(np.uint8).repeat(3, axis=2)
    return picture


def _counter() -> BgrImage:
    return np.full((_HEIGHT_PX, _WIDTH_PX, 3), _COUNTER, np.uint8)


def make_twin(directory: Path) -> CodeCameraTwin:
    """A plugged-in twin; it needs nothing in `directory`."""
    del directory
    return CodeCameraTwin()
