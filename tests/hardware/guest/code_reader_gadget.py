"""The far side of a USB code reader in serial mode (CDC-ACM): its twin on the gadget's tty."""

import contextlib
import os
import tty
from pathlib import Path
from typing import Final

from guest.gadget import Gadget

from yici.drivers.code_reader.serial_line.twin import SerialReaderTwin
from yici.drivers.code_reader.shown_code_twin import Port

HOST_FILE: Final = Path("/dev/ttyACM0")
_DEVICE_FILE: Final = "/dev/ttyGS0"


class _AcmPort:
    """A `Port`: plugged in by making it, pulled by closing it."""

    def __init__(self, gadget: Gadget) -> None:
        self._gadget = gadget
        gadget.plug_in()
        self._descriptor = os.open(
            _DEVICE_FILE, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        )
        tty.setraw(self._descriptor)

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # nobody takes it
            os.write(self._descriptor, data)

    def close(self) -> None:
        self._gadget.pull()  # first: closing would wait for bytes that nobody takes
        os.close(self._descriptor)


class AcmReaderTwin(SerialReaderTwin):
    """The serial reader's twin, behind cdc_acm."""

    def __init__(self) -> None:
        """Plugged in at once. Raises OSError without the drivers."""
        self._gadget = Gadget("acm.0", vendor=0x0525, product=0xA4A7, options={})
        super().__init__(HOST_FILE)

    def close(self) -> None:
        super().close()
        self._gadget.take_apart()

    def _open_port(self) -> Port:
        return _AcmPort(self._gadget)
