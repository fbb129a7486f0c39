"""Code readers that type: USB keyboards, read where they come in, so that no screen gets them."""

from yici.drivers.code_reader.keyboard.driver import connect

__all__ = ["connect"]
