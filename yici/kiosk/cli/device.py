"""`yici device …`: one act on one device, with the driver code that the session uses."""

import click

from yici.kiosk.cli.device_document_camera import capture
from yici.kiosk.cli.device_id_card_reader import read
from yici.kiosk.cli.device_receipt_printer import print_command


@click.group()
def device() -> None:
    """Mend a terminal: do one act on one device and see its status."""


@device.group("id-card-reader")
def id_card_reader() -> None:
    """The ID-card reader."""


@device.group("receipt-printer")
def receipt_printer() -> None:
    """The receipt printer."""


@device.group("document-camera")
def document_camera() -> None:
    """The document camera."""


id_card_reader.add_command(read)
receipt_printer.add_command(print_command)
document_camera.add_command(capture)
