"""Document cameras (高拍仪): what the terminal asks of one, whatever carries its frames."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yici.drivers.device import Device, DeviceStatus

BgrImage = NDArray[np.uint8]  # height × width × 3


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: pixels, its number in the stream, and when it arrived (monotonic seconds)."""

    pixels: BgrImage
    number: int
    taken_at_s: float


class DocumentCamera(Device, Protocol):
    """Frames arrive in a process of their own; these calls only look at the newest one."""

    def status(self) -> DeviceStatus:
        """READY while frames arrive, DISCONNECTED when the source is gone; never raises."""
        ...

    def find_frame(self, newer_than: int = -1) -> Frame | None:
        """The newest frame with a number above `newer_than`, or None; never waits.

        It is there to look at: a driver may give it smaller than `capture` does.
        """
        ...

    def capture(self, timeout_ms: int) -> Frame:
        """A full-resolution frame taken after this call.

        Raises NotReady when none came within the time.
        """
        ...
