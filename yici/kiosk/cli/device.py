"""`yici device …`: one act on one device, with the driver code that the session uses."""

import click

from yici.kiosk.cli.device_code_reader import code_reader
from yici.kiosk.cli.device_document_camera import capture
from yici.kiosk.cli.device_document_printer import document_printer
from yici.kiosk.cli.device_face_camera import face_camera
from yici.kiosk.cli.device_id_card_reader import id_card_reader
from yici.kiosk.cli.device_receipt_printer import receipt_printer
from yici.kiosk.cli.device_scanner import scanner
from yici.kiosk.cli.device_social_security_card import social_security_card
from yici.kiosk.cli.device_status import names, self_test, status


@click.group()
def device() -> None:
    """Mend a terminal: do one act on one device and see its status."""


@device.group("document-camera")
def document_camera() -> None:
    """The document camera."""


document_camera.add_command(capture)
device.add_command(code_reader, "code-reader")
device.add_command(document_printer, "document-printer")
device.add_command(face_camera, "face-camera")
device.add_command(id_card_reader, "id-card-reader")
device.add_command(receipt_printer, "receipt-printer")
device.add_command(scanner, "scanner")
device.add_command(social_security_card, "social-security-card")
device.add_command(status)
device.add_command(self_test)
device.add_command(names)
