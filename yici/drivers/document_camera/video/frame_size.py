"""Sizes of frames: which a camera may have, and which of its modes serve for what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_FRAME_PIXELS: Final = 20_000_000
_MIN_SIDE_PX: Final = 64
_MOST_ELONGATED: Final = 8


@dataclass(frozen=True, slots=True)
class FrameSize:
    """What a V4L2 device is asked for; it may answer with the nearest size that it has."""

    width_px: int
    height_px: int

    @property
    def pixels(self) -> int:
        return self.width_px * self.height_px

    @property
    def is_absurd(self) -> bool:
        """Whether no camera of ours has such frames: they cost memory or can't be shown."""
        short, long = sorted((self.width_px, self.height_px))
        return (
            short < _MIN_SIDE_PX or long > _MOST_ELONGATED * short or self.pixels > MAX_FRAME_PIXELS
        )


def find_preview_size(sizes: Iterable[FrameSize], wanted: FrameSize) -> FrameSize | None:
    """The smallest mode that is as wide as wanted, else the largest below; None without modes."""
    usable = sorted((size for size in sizes if not size.is_absurd), key=lambda size: size.pixels)
    wide = [size for size in usable if size.width_px >= wanted.width_px]
    return next(iter(wide), usable[-1] if usable else None)


def find_still_size(sizes: Iterable[FrameSize], most: FrameSize) -> FrameSize | None:
    """The largest mode with at most as many pixels as `most`; None without such a mode."""
    usable = [size for size in sizes if not size.is_absurd and size.pixels <= most.pixels]
    return max(usable, key=lambda size: size.pixels, default=None)
