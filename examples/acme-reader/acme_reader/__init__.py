"""The ACME CR-2 code reader for Yici."""
