"""Printers that speak IPP (RFC 8010, RFC 8011): directly, or through a CUPS queue."""
