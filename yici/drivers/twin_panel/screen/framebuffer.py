"""Read the picture of a virtual screen from the file that `Xvfb -fbdir` maps.

The file is an X window dump, version 7 (X11/XWDFile.h): 25 big-endian 32-bit numbers, a window
name, a colour map of 12-byte entries, then the pixels. Reading it asks nothing of the X server.
"""

import mmap
import struct
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

BgrImage = NDArray[np.uint8]  # height × width × 3

_HEADER = struct.Struct(">25I")
_COLOUR_ENTRY_BYTES = 12
_FILE_VERSION = 7
_Z_PIXMAP = 2
_LEAST_SIGNIFICANT_FIRST = 0


class UnreadableScreen(Exception):
    """The framebuffer file isn't there or isn't a 24-bit X window dump."""


class Framebuffer:
    """A virtual screen's live pixels; close it to unmap the file."""

    def __init__(self, path: Path) -> None:
        """Raises UnreadableScreen."""
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise UnreadableScreen(f"There is no screen at {path}: {error}.") from error
        try:
            self._rows = _pixel_rows(self._map)
        except UnreadableScreen:
            self._map.close()
            raise

    @property
    def width_px(self) -> int:
        return int(self._rows.shape[1])

    @property
    def height_px(self) -> int:
        return int(self._rows.shape[0])

    def copy(self) -> NDArray[np.uint32]:
        """The pixels now, height × width, one 0x00RRGGBB number each.

        X may be drawing meanwhile; the next copy then differs from this one.
        """
        return self._rows.copy()

    def close(self) -> None:
        """May be called twice."""
        if not self._map.closed:
            self._rows = np.zeros(self._rows.shape, np.uint32)
            self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _pixel_rows(mapped: mmap.mmap) -> NDArray[np.uint32]:
    if len(mapped) < _HEADER.size:
        raise UnreadableScreen("The screen's file is too short to be an X window dump.")
    header = _HEADER.unpack_from(mapped)
    header_bytes, version, pixmap_format, _, width_px, height_px = header[:6]
    byte_order, bits_per_pixel = header[7], header[11]
    bytes_per_line, colours = header[12], header[19]
    if (version, pixmap_format, byte_order, bits_per_pixel) != (
        _FILE_VERSION,
        _Z_PIXMAP,
        _LEAST_SIGNIFICANT_FIRST,
        32,
    ):
        raise UnreadableScreen(
            "The screen's file is not a 24-bit little-endian X window dump; start Xvfb with "
            "`-screen 0 1080x1920x24`."
        )
    start = header_bytes + colours * _COLOUR_ENTRY_BYTES
    if len(mapped) < start + bytes_per_line * height_px:
        raise UnreadableScreen("The screen's file ends before its picture does.")
    words = np.frombuffer(mapped, "<u4", bytes_per_line // 4 * height_px, start)
    return words.reshape(height_px, bytes_per_line // 4)[:, :width_px]


def as_bgr(pixels: NDArray[np.uint32]) -> BgrImage:
    """The copy of a framebuffer as an image for OpenCV."""
    channels = np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)
    return np.ascontiguousarray(channels[:, :, :3])
