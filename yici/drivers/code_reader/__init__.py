"""Code readers (QR and bar codes): what the terminal asks of one, whatever sees the code.

What a code says is a stranger's bytes: who uses it checks length, characters and form first.
"""

from dataclasses import dataclass
from typing import Protocol

from yici.drivers.device import Device

MAX_CONTENT_BYTES = 4096  # a QR code holds 2,953


@dataclass(frozen=True, slots=True)
class SeenCode:
    """One code: its bytes as the reader gave them, without the line's end.

    `symbology` is a machine word such as `qr`, or empty when the reader doesn't say.
    """

    content: bytes
    symbology: str = ""


class CodeReader(Device, Protocol):
    """Calls block, end within their deadline, and come from one thread."""

    def find_code(self, timeout_ms: int) -> SeenCode | None:
        """The next code shown within the time, or None; the same code held there counts once.

        What was shown before the call is dropped. Raises NotReady, NeedsStaff or Unsupported.
        """
        ...
