"""One ordinary call per kind of device, and whether it did what it is for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from PIL import Image

from yici.drivers.device import DeviceError, DeviceKind
from yici.drivers.document_printer import JobEffect
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.scanner import PaperSource

LOOK_FOR_A_CODE_MS: Final = 200
CAPTURE_MS: Final = 2000
PAPER_MS: Final = 10_000  # a page through a printer or a scanner

# one empty A4 page; the offsets in a cross-reference table are left to the reader to mend
_PDF: Final = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""


def did_its_work(kind: DeviceKind, device: Any) -> bool:
    """Ask the device once. "No card", "no code" is work done; an unconfirmed print is not.

    Anything but a value or one of the three errors is let through: it is what a test looks for.
    """
    try:
        return _CALLS[kind](device)
    except DeviceError:
        return False


def _read_card(device: Any) -> bool:
    device.read_card()
    return True


def _find_code(device: Any) -> bool:
    device.find_code(LOOK_FOR_A_CODE_MS)
    return True


def _capture(device: Any) -> bool:
    pixels = device.capture(CAPTURE_MS).pixels
    return isinstance(pixels, np.ndarray) and pixels.ndim == 3


def _print_slip(device: Any) -> bool:
    slip = Image.new("1", (device.width_px, 80), 1)
    return bool(device.print_image(slip).effect is PrintEffect.PRINTED)


def _print_page(device: Any) -> bool:
    outcome = device.print_pdf(_PDF, job_name="proof", timeout_ms=PAPER_MS)
    return bool(outcome.effect is JobEffect.PRINTED)


def _scan(device: Any) -> bool:
    device.scan(
        PaperSource.FLATBED,
        lambda _: None,
        resolution_dpi=75,
        max_pages=1,
        timeout_ms=PAPER_MS,
    )
    return True


_CALLS: Final[Mapping[DeviceKind, Callable[[Any], bool]]] = {
    DeviceKind.ID_CARD_READER: _read_card,
    DeviceKind.SOCIAL_SECURITY_CARD_READER: _read_card,
    DeviceKind.CODE_READER: _find_code,
    DeviceKind.DOCUMENT_CAMERA: _capture,
    DeviceKind.FACE_CAMERA: _capture,
    DeviceKind.RECEIPT_PRINTER: _print_slip,
    DeviceKind.DOCUMENT_PRINTER: _print_page,
    DeviceKind.SCANNER: _scan,
}
