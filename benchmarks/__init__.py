"""Measurements, each beside the limit that this machine sets, taken in the same run."""
