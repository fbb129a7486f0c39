"""Receipt printers that speak ESC/POS: bytes, status, driver and twin."""
