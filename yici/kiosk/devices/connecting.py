"""From a table of the settings to a connected device; drivers are imported here and not before.

Each function may raise ValueError (no such driver, an address that can't be one) and the device
errors.
"""

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
from yici.drivers.registry import get_driver, load_connect
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
        DeviceKind.RECEIPT_PRINTER,
        settings.driver,
        settings.address,
        width_px=settings.width_px,
        mode=settings.mode,
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
    device: CodeReader = _connect(
        DeviceKind.CODE_READER, settings.driver, settings.address, decoder=settings.decoder
    )
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
    return load_connect(get_driver(kind, driver))(address, **more)
