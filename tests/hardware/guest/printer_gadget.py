"""A USB printer made of this kernel's own gadget drivers, whose other side a twin serves.

    usblp, /dev/usb/lp0 — usbcore — dummy_hcd — usb_f_printer, /dev/g_printer0 — EscPosTwin

Source: Linux Documentation/ABI/testing/configfs-usb-gadget-printer, usb/gadget_printer.rst.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import Final

HOST_FILE: Final = Path("/dev/usb/lp0")
NAME: Final = Path("/dev/kiosk/receipt-printer")  # by our udev rules
_GADGET: Final = Path("/sys/kernel/config/usb_gadget/yici_printer")
_DEVICE_FILE: Final = Path("/dev/g_printer0")
_CONTROLLER: Final = "dummy_udc.0"
_ENGLISH: Final = "strings/0x409"
_NODE_S: Final = 10.0
_PNP: Final = "MFG:Yici;MDL:Virtual;CLS:PRINTER;CMD:ESC/POS;"


class GadgetEnd:
    """A `PrinterEnd` (see the twin's `twin_line.py`) on /dev/g_printer0."""

    bytes_per_s: float | None = None
    is_set_right = True
    address = f"usb:{NAME}"

    def __init__(self) -> None:
        """Build the gadget; nothing is plugged in yet. Raises OSError without the drivers."""
        self.connection = 0
        self._descriptor = -1
        self._is_plugged = False
        _build()

    def plug_in(self) -> None:
        (_GADGET / "UDC").write_text(f"{_CONTROLLER}\n")
        self._is_plugged = True
        self.connection += 1
        self._descriptor = _opened(_DEVICE_FILE)

    def unplug(self) -> None:
        if self._is_plugged:
            self._is_plugged = False
            # first: Linux 6.1 corrupts its memory when a file outlives the gadget's binding
            os.close(self._descriptor)
            (_GADGET / "UDC").write_text("\n")

    def release(self) -> None:
        self.unplug()
        _take_apart()

    def find_fd(self) -> int | None:
        return self._descriptor if self._is_plugged else None

    def receive(self, max_bytes: int) -> bytes:
        with contextlib.suppress(OSError):
            return os.read(self._descriptor, max_bytes)
        time.sleep(0.02)  # not connected yet: it polls as readable all the same
        return b""

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, data)


def _build() -> None:
    _GADGET.mkdir()
    _write("idVendor", "0x0416")  # a receipt printer that our udev rules know
    _write("idProduct", "0x5011")
    (_GADGET / _ENGLISH).mkdir()
    _write(f"{_ENGLISH}/product", "Receipt printer")
    _write(f"{_ENGLISH}/serialnumber", "PRT0001")
    function = _GADGET / "functions/printer.0"
    function.mkdir()
    _write("functions/printer.0/pnp_string", _PNP)
    _write("functions/printer.0/q_len", "10")
    (_GADGET / "configs/c.1").mkdir()
    (_GADGET / "configs/c.1/printer.0").symlink_to(function)


def _take_apart() -> None:
    (_GADGET / "configs/c.1/printer.0").unlink()
    for name in ("configs/c.1", "functions/printer.0", _ENGLISH, "."):
        (_GADGET / name).rmdir()


def _write(name: str, text: str) -> None:
    (_GADGET / name).write_text(text)


def _opened(path: Path) -> int:
    deadline_s = time.monotonic() + _NODE_S
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            if time.monotonic() > deadline_s:
                raise
        time.sleep(0.05)
