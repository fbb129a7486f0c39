"""The virtual screen as a stream of JPEG pictures: a new one only when something has changed."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from yici.drivers.twin_panel.screen.framebuffer import Framebuffer, as_bgr

_JPEG_QUALITY = 86


@dataclass(frozen=True, slots=True)
class Picture:
    """One state of the screen; `number` rises with every change."""

    number: int
    jpeg: bytes


class ScreenMirror:
    """Compares, scales and encodes once for all viewers; calls may come from any thread."""

    def __init__(self, framebuffer_path: Path, *, width_px: int | None = None) -> None:
        """`width_px` is the width of the pictures, at most the screen's.

        Raises UnreadableScreen.
        """
        self._framebuffer = Framebuffer(framebuffer_path)
        self._scaled_px = _scaled(self._framebuffer, width_px)
        self._guard = threading.Lock()
        self._seen: NDArray[np.uint32] | None = None
        self._picture = Picture(0, b"")

    @property
    def width_px(self) -> int:
        """The screen's own width."""
        return self._framebuffer.width_px

    @property
    def height_px(self) -> int:
        """The screen's own height."""
        return self._framebuffer.height_px

    def find_picture(self, newer_than: int) -> Picture | None:
        """The screen as it is now, or None when it still is picture `newer_than`."""
        with self._guard:
            pixels = self._framebuffer.copy()
            if self._seen is None or not np.array_equal(pixels, self._seen):
                self._seen = pixels
                self._picture = Picture(self._picture.number + 1, self._encode(pixels))
            return self._picture if self._picture.number > newer_than else None

    def png(self) -> bytes:
        """The screen as it is now, in its own size and without loss."""
        with self._guard:
            pixels = self._framebuffer.copy()
        _, encoded = cv2.imencode(".png", as_bgr(pixels), [cv2.IMWRITE_PNG_COMPRESSION, 3])
        return bytes(encoded)

    def close(self) -> None:
        """May be called twice."""
        with self._guard:
            self._framebuffer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _encode(self, pixels: NDArray[np.uint32]) -> bytes:
        image = as_bgr(pixels)
        if self._scaled_px != (self.width_px, self.height_px):
            image = cv2.resize(image, self._scaled_px, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return bytes(encoded)


def _scaled(framebuffer: Framebuffer, width_px: int | None) -> tuple[int, int]:
    own_px = framebuffer.width_px
    wanted_px = min(width_px or own_px, own_px)
    return wanted_px, round(framebuffer.height_px * wanted_px / own_px)
