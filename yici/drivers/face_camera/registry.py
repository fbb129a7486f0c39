"""Which drivers a setting may name; each is imported only when it is asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus, NeedsStaff
from yici.drivers.face_camera import FaceCamera

# name → module whose `connect(source)` opens it
DRIVERS: Final[Mapping[str, str]] = {"video": "yici.drivers.face_camera.video"}

Connect = Callable[..., FaceCamera]


def get_connect(driver: str) -> Connect:
    """The `connect` of a driver; raises NeedsStaff (`camera.driver`) for an unknown name."""
    if driver not in DRIVERS:
        raise NeedsStaff(
            DeviceStatus(DeviceKind.FACE_CAMERA, DeviceState.WRONG_SETTING, "camera.driver")
        )
    connect: Connect = import_module(DRIVERS[driver]).connect
    return connect
