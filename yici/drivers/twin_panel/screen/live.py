"""One virtual screen with both directions: its picture and a finger on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from yici.drivers.twin_panel.screen.mirror import ScreenMirror
from yici.drivers.twin_panel.screen.touch import KeyStroke, Touch, TouchInjector, TouchKind
from yici.drivers.twin_panel.wire import ScreenEvent, ScreenEventKind, ScreenState


class LiveScreen:
    """Opened on a running X server whose framebuffer is a file; XAUTHORITY opens its door."""

    def __init__(self, display_name: str, framebuffer: Path) -> None:
        """Raises UnreadableScreen or UntouchableScreen."""
        self.mirror = ScreenMirror(framebuffer)
        try:
            self._finger = TouchInjector(display_name)
        except BaseException:
            self.mirror.close()
            raise

    @property
    def state(self) -> ScreenState:
        return ScreenState(width_px=self.mirror.width_px, height_px=self.mirror.height_px)

    def apply(self, events: Sequence[ScreenEvent]) -> None:
        """Touch and type in the order given. Raises UntouchableScreen."""
        self._finger.apply([self._clipped(event) for event in events])

    def close(self) -> None:
        """May be called twice."""
        self._finger.close()
        self.mirror.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _clipped(self, event: ScreenEvent) -> Touch | KeyStroke:
        if event.kind is ScreenEventKind.KEY:
            return KeyStroke(event.key)
        return Touch(
            TouchKind(event.kind.value),
            min(event.x_px, self.mirror.width_px - 1),
            min(event.y_px, self.mirror.height_px - 1),
        )
