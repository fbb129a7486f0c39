"""Touches and keys put into an X screen through its XTEST extension, in the order given."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from Xlib import XK, X, display, error
from Xlib.ext import xtest

_PRIMARY_BUTTON = 1
_NAMED_KEYS = {
    "Enter": "Return",
    "Backspace": "BackSpace",
    "Tab": "Tab",
    "Escape": "Escape",
    "Delete": "Delete",
    "ArrowLeft": "Left",
    "ArrowRight": "Right",
    "ArrowUp": "Up",
    "ArrowDown": "Down",
    "Home": "Home",
    "End": "End",
    "PageUp": "Prior",
    "PageDown": "Next",
    " ": "space",
}


class TouchKind(StrEnum):
    """What the finger does."""

    PRESS = "press"
    MOVE = "move"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Touch:
    """One touch event; pixels from the screen's upper left corner."""

    kind: TouchKind
    x_px: int
    y_px: int


@dataclass(frozen=True, slots=True)
class KeyStroke:
    """One key pressed and released, named as browsers name it (`KeyboardEvent.key`)."""

    key: str


class UntouchableScreen(Exception):
    """The X screen doesn't answer, or has no XTEST."""


class TouchInjector:
    """One finger and one keyboard on an X screen; calls may come from any thread."""

    def __init__(self, display_name: str) -> None:
        """`display_name` is for example ":99"; the cookie is found through XAUTHORITY.

        Raises UntouchableScreen.
        """
        self._guard = threading.Lock()
        self._is_pressed = False
        self._place: tuple[int, int] | None = None
        try:
            # "unix/" keeps python-xlib from trying TCP when the socket isn't there
            self._display = display.Display(f"unix/{display_name}")
            has_xtest = self._display.has_extension("XTEST")
        except (error.DisplayError, error.ConnectionClosedError, OSError) as cause:
            raise UntouchableScreen(
                f"The screen {display_name} can't be reached: {cause}"
            ) from cause
        if not has_xtest:
            self._display.close()
            raise UntouchableScreen(f"The screen {display_name} takes no touches: it has no XTEST.")

    def apply(self, events: list[Touch | KeyStroke]) -> None:
        """Do all of them, in order; returns when the X server has taken them.

        Raises UntouchableScreen when the screen has gone.
        """
        with self._guard:
            try:
                for event in events:
                    if isinstance(event, KeyStroke):
                        self._strike(event.key)
                    else:
                        self._touch(event)
                self._display.sync()
            except (error.ConnectionClosedError, OSError) as cause:
                raise UntouchableScreen("The screen has gone.") from cause

    def close(self) -> None:
        """Lift the finger and disconnect; may be called twice."""
        with self._guard:
            if self._display.display.socket is None:
                return
            try:
                if self._is_pressed:
                    xtest.fake_input(self._display, X.ButtonRelease, _PRIMARY_BUTTON)
                    self._display.sync()
                self._display.close()
            except (error.ConnectionClosedError, OSError):
                return  # the screen went first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _touch(self, touch: Touch) -> None:
        place = (touch.x_px, touch.y_px)
        if place != self._place:  # X reports a movement even when nothing has moved
            xtest.fake_input(self._display, X.MotionNotify, x=touch.x_px, y=touch.y_px)
            self._place = place
        presses = touch.kind is TouchKind.PRESS
        # a lost release or a doubled press must not leave the button down for ever
        if touch.kind is not TouchKind.MOVE and presses is not self._is_pressed:
            event = X.ButtonPress if presses else X.ButtonRelease
            xtest.fake_input(self._display, event, _PRIMARY_BUTTON)
            self._is_pressed = presses

    def _strike(self, key: str) -> None:
        keysym = XK.string_to_keysym(_NAMED_KEYS.get(key, key))
        if keysym == X.NoSymbol and len(key) == 1:
            keysym = ord(key)  # Latin-1 keysyms are the characters' own numbers
        candidates = list(self._display.keysym_to_keycodes(keysym))
        if not candidates:
            return
        code, column = min(candidates, key=lambda candidate: candidate[1])
        shift = self._display.keysym_to_keycode(XK.XK_Shift_L) if column == 1 else None
        if shift is not None:
            xtest.fake_input(self._display, X.KeyPress, shift)
        xtest.fake_input(self._display, X.KeyPress, code)
        xtest.fake_input(self._display, X.KeyRelease, code)
        if shift is not None:
            xtest.fake_input(self._display, X.KeyRelease, shift)
