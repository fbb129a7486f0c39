"""From a table of the settings to a connected device; drivers are imported here and not before.

Each function may raise ValueError (no such driver, an address that can't be one) and the device
errors.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from yici.config.declaration import (
    CodeReaderSettings,
    DocumentCameraSettings,
    DocumentPrinterSettings,
    FaceCameraSettings,
    IdCardReaderSettings,
    ReceiptPrinterSettings,
    ScannerSettings,
    SocialSecurityCardReaderSettings,
)
from yici.drivers.code_reader import CodeReader
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera import DocumentCamera
from yici.drivers.document_printer import DocumentPrinter
from yici.drivers.face_camera import FaceCamera
from yici.drivers.id_card_reader import IdCardReader
from yici.drivers.receipt_printer import ReceiptPrinter
from yici.drivers.registry import find_driver, get_driver, load_connect
from yici.drivers.scanner import Scanner
from yici.drivers.social_security_card_reader import SocialSecurityCardReader


def connect_id_card_reader(settings: IdCardReaderSettings) -> IdCardReader:
    """The ID-card reader."""
    device: IdCardReader = _connect(
        DeviceKind.ID_CARD_READER, settings.driver, settings.port, baud_rate=settings.baud_rate
    )
    return device


def connect_receipt_printer(settings: ReceiptPrinterSettings) -> ReceiptPrinter:
    """The receipt printer."""
    device: ReceiptPrinter = _connect(
        DeviceKind.RECEIPT_PRINTER, settings.driver, settings.address, width_px=settings.width_px
    )
    return device


def connect_document_camera(settings: DocumentCameraSettings) -> DocumentCamera:
    """The document camera."""
    device: DocumentCamera = _connect(DeviceKind.DOCUMENT_CAMERA, settings.driver, settings.source)
    return device


def connect_face_camera(settings: FaceCameraSettings) -> FaceCamera:
    """The camera that looks at the person."""
    device: FaceCamera = _connect(DeviceKind.FACE_CAMERA, settings.driver, settings.source)
    return device


def connect_scanner(settings: ScannerSettings) -> Scanner:
    """The scanner."""
    device: Scanner = _connect(DeviceKind.SCANNER, settings.driver, settings.address)
    return device


def connect_document_printer(settings: DocumentPrinterSettings) -> DocumentPrinter:
    """The A4 printer."""
    device: DocumentPrinter = _connect(
        DeviceKind.DOCUMENT_PRINTER, settings.driver, settings.address
    )
    return device


def connect_code_reader(settings: CodeReaderSettings) -> CodeReader:
    """The code reader."""
    device: CodeReader = _connect(DeviceKind.CODE_READER, settings.driver, settings.address)
    return device


def connect_social_security_card_reader(
    settings: SocialSecurityCardReaderSettings,
) -> SocialSecurityCardReader:
    """The reader for social-security cards."""
    device: SocialSecurityCardReader = _connect(
        DeviceKind.SOCIAL_SECURITY_CARD_READER, settings.driver, settings.address
    )
    return device


def _connect(kind: DeviceKind, driver: str, address: str, **more: object) -> Any:
    own = _OWN_REGISTRIES.get(kind)
    if own is not None and find_driver(kind, driver) is None:
        return own(driver)(address, **more)
    return load_connect(get_driver(kind, driver))(address, **more)


def _own_reader(driver: str) -> Callable[..., Any]:
    from yici.drivers.id_card_reader.registry import get_connect

    return get_connect(driver)


def _own_printer(driver: str) -> Callable[..., Any]:
    from yici.drivers.receipt_printer.registry import connect

    return partial(connect, driver)


def _own_camera(driver: str) -> Callable[..., Any]:
    from yici.drivers.document_camera.registry import get_connect

    return get_connect(driver)


# drivers that have no descriptor yet are known by their kind's own table
_OWN_REGISTRIES: Mapping[DeviceKind, Callable[[str], Callable[..., Any]]] = {
    DeviceKind.ID_CARD_READER: _own_reader,
    DeviceKind.RECEIPT_PRINTER: _own_printer,
    DeviceKind.DOCUMENT_CAMERA: _own_camera,
}
