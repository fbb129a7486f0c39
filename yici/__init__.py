"""Yici (一次, "once"): a township hall's self-service terminal and its platform."""

__version__ = "0.1.0"
