"""Codes held before a camera of their own, or under the document camera."""

from yici.drivers.code_reader.camera.driver import CameraCodeReader, connect

__all__ = ["CameraCodeReader", "connect"]
