"""Readers that only their maker's Linux library can talk to: the SDT calls, in a child process."""
