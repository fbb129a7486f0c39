"""Code readers on a serial port or a USB port that looks like one (CDC-ACM)."""

from yici.drivers.code_reader.serial_line.driver import connect

__all__ = ["connect"]
