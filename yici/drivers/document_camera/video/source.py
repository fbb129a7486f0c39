"""Where the frames come from: the closed list of sources that a setting may name."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from urllib.parse import urlsplit

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus, NeedsStaff

OPEN_TIMEOUT_MS = 2500
READ_TIMEOUT_MS = 1500


class SourceKind(StrEnum):
    """How OpenCV has to open the source."""

    V4L2 = "v4l2"
    MJPEG_HTTP = "mjpeg_http"


class Mounting(IntEnum):
    """By how many degrees the picture must be turned clockwise to stand upright."""

    UPRIGHT = 0
    TURNED_90 = 90
    TURNED_180 = 180
    TURNED_270 = 270


@dataclass(frozen=True, slots=True)
class FrameSize:
    """What a V4L2 device is asked for; it may answer with the nearest size that it has."""

    width_px: int = 3264
    height_px: int = 2448


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A checked source: `address` is a device path or a URL."""

    kind: SourceKind
    address: str


def get_source(text: str) -> VideoSource:
    """Read a source setting: `/dev/…` or `http(s)://host…`.

    Raises NeedsStaff (WRONG_SETTING, `camera.source`) for anything else. The list is closed because
    FFmpeg would also open files, pipes and foreign protocols.
    """
    if text.startswith("/dev/") and ".." not in text:
        return VideoSource(SourceKind.V4L2, text)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket or a port that is no number
        usable = False
    if usable and text.isprintable() and " " not in text:
        return VideoSource(SourceKind.MJPEG_HTTP, text)
    raise NeedsStaff(
        DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.WRONG_SETTING, "camera.source")
    )
