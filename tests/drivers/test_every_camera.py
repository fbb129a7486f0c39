"""Cameras under the suite of `test_every_driver.py`; a file of its own, as they open slowly."""

from our_suites import suites_of

from yici.drivers.device import DeviceKind

globals().update(suites_of({DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA}, __name__))
