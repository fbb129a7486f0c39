"""A USB device made of this kernel's own gadget drivers, plugged into the same kernel.

    driver under test — usbcore — dummy_hcd — gadget function — whoever opens its file

Source: Linux Documentation/usb/gadget_configfs.rst.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ALL: Final = Path("/sys/kernel/config/usb_gadget")
_CONTROLLER: Final = "dummy_udc.0"
_ENGLISH: Final = "strings/0x409"


class Gadget:
    """One device with one function; built and not plugged in."""

    def __init__(
        self, function: str, *, vendor: int, product: int, options: Mapping[str, str]
    ) -> None:
        """`function` is such as "acm.0". Raises OSError when the kernel lacks it."""
        self._directory = _ALL / f"yici-{function}"
        self._function = function
        self._directory.mkdir()
        self._write("idVendor", f"{vendor:#06x}")
        self._write("idProduct", f"{product:#06x}")
        (self._directory / _ENGLISH).mkdir()
        self._write(f"{_ENGLISH}/product", "Virtual device")
        self._write(f"{_ENGLISH}/serialnumber", "VIRT0001")
        (self._directory / "functions" / function).mkdir()
        for name, value in options.items():
            self._write(f"functions/{function}/{name}", value)
        (self._directory / "configs/c.1").mkdir()
        link = self._directory / "configs/c.1" / function
        link.symlink_to(self._directory / "functions" / function)

    def plug_in(self) -> None:
        """Raises OSError when another gadget is plugged in."""
        self._write("UDC", f"{_CONTROLLER}\n")

    def pull(self) -> None:
        """Raises OSError when it isn't plugged in."""
        self._write("UDC", "\n")

    def take_apart(self) -> None:
        """When it is pulled and its file closed."""
        (self._directory / "configs/c.1" / self._function).unlink()
        for name in ("configs/c.1", f"functions/{self._function}", _ENGLISH, "."):
            (self._directory / name).rmdir()

    def _write(self, name: str, text: str) -> None:
        (self._directory / name).write_text(text, "utf-8")
