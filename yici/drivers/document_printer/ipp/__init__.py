"""Printers that speak IPP (RFC 8010, RFC 8011): directly, or through a CUPS queue."""

from yici.drivers.document_printer.ipp.driver import IppDeadlines, IppPrinter, connect

__all__ = ["IppDeadlines", "IppPrinter", "connect"]
