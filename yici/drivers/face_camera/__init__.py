"""Face cameras: frames of the person in front of the terminal, looked at and never kept.

The same calls as the document camera's; a kind of its own, because it is another device at
another place, with its own consent.
"""

from typing import Protocol

from yici.drivers.document_camera import DocumentCamera


class FaceCamera(DocumentCamera, Protocol):
    """See DocumentCamera."""
