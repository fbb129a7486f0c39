"""Face cameras that deliver a video stream: the document camera's driver, told its other place."""

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.video import FrameSize, Mounting, VideoCamera
from yici.drivers.document_camera.video import connect as connect_video

__all__ = ["FrameSize", "Mounting", "VideoCamera", "connect"]

# enough to compare a face; a larger picture would only hold more of the hall
_SIZE = FrameSize(1280, 960)


def connect(
    source: str, *, size: FrameSize = _SIZE, mounting: Mounting = Mounting.UPRIGHT
) -> VideoCamera:
    """See `document_camera.video.connect`; preview and still are one mode of the camera."""
    return connect_video(
        source, kind=DeviceKind.FACE_CAMERA, preview=size, still=size, mounting=mounting
    )
