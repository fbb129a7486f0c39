"""Scanners through SANE's `scanimage`: USB and network ones, and eSCL without a driver."""

from yici.drivers.scanner.sane.driver import SaneDeadlines, SaneScanner, connect

__all__ = ["SaneDeadlines", "SaneScanner", "connect"]
