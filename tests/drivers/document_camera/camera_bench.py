"""What the camera's tests share: papers of one colour, and waiting with a deadline."""

import time
from collections.abc import Callable

import numpy as np

from yici.drivers.device import DeviceState
from yici.drivers.document_camera import BgrImage, DocumentCamera
from yici.drivers.document_camera.twin_scene import View

DEADLINE_S = 30
SMALL = View(width_px=480, height_px=640)
WHITE: BgrImage = np.full((297, 210, 3), 240, np.uint8)
RED: BgrImage = np.full((297, 210, 3), (40, 40, 200), np.uint8)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    started_at_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_at_s < DEADLINE_S, f"never {what}"
        time.sleep(0.02)


def wait_for_state(camera: DocumentCamera, state: DeviceState) -> None:
    wait_until(lambda: camera.status().state is state, state.value)


def looks_red(pixels: BgrImage) -> bool:
    height, width = pixels.shape[:2]
    blue, _, red = (int(value) for value in pixels[height // 2, width // 2])
    return red > blue + 60
