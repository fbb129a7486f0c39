"""The far side of a USB printer that usblp serves: `EscPosTwin` on the gadget's file.

Source: Linux Documentation/usb/gadget_printer.rst.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import Final

from guest.gadget import Gadget

HOST_FILE: Final = Path("/dev/usb/lp0")
NAME: Final = Path("/dev/kiosk/receipt-printer")  # by our udev rules
_DEVICE_FILE: Final = Path("/dev/g_printer0")
_NODE_S: Final = 10.0
_PNP: Final = "MFG:Yici;MDL:Virtual;CLS:PRINTER;CMD:ESC/POS;"


class GadgetEnd:
    """A `PrinterEnd` (see the twin's `twin_line.py`)."""

    bytes_per_s: float | None = None
    is_set_right = True
    address = f"usb:{NAME}"

    def __init__(self) -> None:
        """Nothing is plugged in yet. Raises OSError without the drivers."""
        self.connection = 0
        self._descriptor = -1
        self._gadget = Gadget(
            "printer.0",
            vendor=0x0416,  # a receipt printer that our udev rules know
            product=0x5011,
            options={"pnp_string": _PNP, "q_len": "10"},
        )

    def plug_in(self) -> None:
        self._gadget.plug_in()
        self.connection += 1
        self._descriptor = _opened(_DEVICE_FILE)

    def unplug(self) -> None:
        if self._descriptor >= 0:
            # first: Linux 6.1 corrupts its memory when a file outlives the gadget's binding
            os.close(self._descriptor)
            self._descriptor = -1
            self._gadget.pull()

    def release(self) -> None:
        self.unplug()
        self._gadget.take_apart()

    def find_fd(self) -> int | None:
        return self._descriptor if self._descriptor >= 0 else None

    def receive(self, max_bytes: int) -> bytes:
        with contextlib.suppress(OSError):
            return os.read(self._descriptor, max_bytes)
        time.sleep(0.02)  # not connected yet: it polls as readable all the same
        return b""

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, data)


def _opened(path: Path) -> int:
    deadline_s = time.monotonic() + _NODE_S
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            if time.monotonic() > deadline_s:
                raise
        time.sleep(0.05)
