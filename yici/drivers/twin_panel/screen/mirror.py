"""The virtual screen as JPEG pictures: a new one only when something has changed."""

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
    """Compares once for all viewers, encodes once per width; calls may come from any thread."""

    def __init__(self, framebuffer_path: Path) -> None:
        """Raises UnreadableScreen."""
        self._framebuffer = Framebuffer(framebuffer_path)
        self._guard = threading.Lock()
        self._seen: NDArray[np.uint32] | None = None
        self._number = 0
        self._encoded: dict[int, bytes] = {}  # width → picture, of the newest state

    @property
    def width_px(self) -> int:
        """The screen's own width."""
        return self._framebuffer.width_px

    @property
    def height_px(self) -> int:
        """The screen's own height."""
        return self._framebuffer.height_px

    def find_picture(self, newer_than: int, *, width_px: int | None = None) -> Picture | None:
        """The screen as it is now, or None when it still is picture `newer_than`.

        `width_px` is the width of the picture, at most the screen's.
        """
        wanted_px = min(width_px or self.width_px, self.width_px)
        with self._guard:
            pixels = self._framebuffer.copy()
            if self._seen is None or not np.array_equal(pixels, self._seen):
                self._seen = pixels
                self._number += 1
                self._encoded.clear()
            if self._number <= newer_than:
                return None
            if wanted_px not in self._encoded:
                self._encoded[wanted_px] = self._encode(pixels, wanted_px)
            return Picture(self._number, self._encoded[wanted_px])

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

    def _encode(self, pixels: NDArray[np.uint32], width_px: int) -> bytes:
        image = as_bgr(pixels)
        if width_px != self.width_px:
            size_px = (width_px, round(self.height_px * width_px / self.width_px))
            image = cv2.resize(image, size_px, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return bytes(encoded)
