"""The platform's keys and its private certificate authority."""
