"""What is on the terminal's screen, and waiting for it with a deadline."""

import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from yici.drivers.twin_panel.screen.framebuffer import BgrImage, Framebuffer, as_bgr
from yici.rehearsal.demo.reading import GreyImage, Place, Typeface

_LOOK_S = 0.15
_SETTLE_S = 3.0
_SURFACE = 254  # boxes to type into are white on the paler page
_BOX_MIN_HEIGHT_PX = 30
_BOX_WITHIN_PX = 220


class NotSeen(Exception):
    """Something that should be on the screen isn't; the message names the saved picture."""


@dataclass(frozen=True, slots=True)
class Region:
    """A horizontal band of the screen, in pixels from the top."""

    top_px: int
    bottom_px: int


class Eyes:
    """Reads the screen's own pixels; keeps pictures in `album`."""

    def __init__(self, framebuffer: Framebuffer, typeface: Typeface, album: Path) -> None:
        self._framebuffer = framebuffer
        self._typeface = typeface
        self._album = album
        self._kept = 0
        album.mkdir(parents=True, exist_ok=True)

    def look(self) -> GreyImage:
        """The screen now, in shades of grey."""
        return np.asarray(cv2.cvtColor(self._colours(), cv2.COLOR_BGR2GRAY), np.uint8)

    def find(self, words: str) -> Place | None:
        """Where these words stand now."""
        return self._typeface.find(self.look(), words)

    def find_in(self, words: str, region: Region, sizes_px: tuple[int, ...]) -> Place | None:
        """Where they stand now in a band of the screen, in one of these sizes."""
        band = self.look()[region.top_px : region.bottom_px]
        place = Typeface(sizes_px).find(band, words)
        return place.moved(0, region.top_px) if place else None

    def wait_for(self, words: str, within_s: float) -> Place:
        """Where these words stand once they do. Raises NotSeen."""
        return self.wait_for_any((words,), within_s)[1]

    def wait_for_any(self, choices: tuple[str, ...], within_s: float) -> tuple[str, Place]:
        """The first of these words that is there, and where. Raises NotSeen."""
        deadline_s = time.monotonic() + within_s
        while True:
            picture = self.look()
            for words in choices:
                place = self._typeface.find(picture, words)
                if place is not None:
                    return words, place
            if time.monotonic() > deadline_s:
                wanted = " / ".join(choices)
                raise NotSeen(
                    f"“{wanted}” did not appear within {within_s:.0f} s; "
                    f"the screen then: {self.keep('not-seen')}"
                )
            time.sleep(_LOOK_S)

    def wait_until_gone(self, words: str, within_s: float) -> None:
        """Until these words are no longer there. Raises NotSeen."""
        deadline_s = time.monotonic() + within_s
        while self.find(words) is not None:
            if time.monotonic() > deadline_s:
                raise NotSeen(
                    f"“{words}” is still there after {within_s:.0f} s: {self.keep('still-there')}"
                )
            time.sleep(_LOOK_S)

    def settle(self) -> None:
        """Until two looks see the same; a living picture is given up on after a while."""
        deadline_s = time.monotonic() + _SETTLE_S
        before = self.look()
        while time.monotonic() < deadline_s:
            time.sleep(_LOOK_S)
            now = self.look()
            if np.array_equal(before, now):
                return
            before = now

    def find_box_under(self, label: Place) -> tuple[int, int] | None:
        """A point in the white box that stands under a label; None when there is none."""
        column = self.look()[:, label.x_px + 12]
        start = label.y_px + label.height_px
        run_px = 0
        for y_px in range(start, min(start + _BOX_WITHIN_PX, len(column))):
            run_px = run_px + 1 if column[y_px] >= _SURFACE else 0
            if run_px >= _BOX_MIN_HEIGHT_PX:
                return label.x_px + 12, y_px - _BOX_MIN_HEIGHT_PX // 2
        return None

    def keep(self, name: str) -> Path:
        """Save the screen as the album's next picture."""
        self._kept += 1
        path = self._album / f"{self._kept:02d}-{name}.png"
        _, encoded = cv2.imencode(".png", self._colours())
        path.write_bytes(bytes(encoded))
        return path

    def _colours(self) -> BgrImage:
        return as_bgr(self._framebuffer.copy())
