"""Scanners through SANE's `scanimage`: USB and network ones, and eSCL without a driver."""
