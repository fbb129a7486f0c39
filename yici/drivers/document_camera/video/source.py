"""Where the frames come from: the closed list of sources that a setting may name.

    /dev/video0                                          V4L2
    http://192.0.2.5/cam.mjpg                            MJPEG over HTTP
    http://192.0.2.5/cam.mjpg#still=/still.jpg           the same, with stills of full resolution

What stands behind `#` never travels: it names a path on the same server that answers each request
with one JPEG.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from urllib.parse import SplitResult, urlsplit

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus, NeedsStaff

OPEN_TIMEOUT_MS = 2500
READ_TIMEOUT_MS = 1500
_STILL = "still="


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
class VideoSource:
    """A checked source: `address` is a device path or a URL, `still_address` a URL or empty."""

    kind: SourceKind
    address: str
    still_address: str = ""

    @property
    def has_still_mode(self) -> bool:
        """Whether a still is larger than what streams, or may be."""
        return self.kind is SourceKind.V4L2 or bool(self.still_address)


def get_source(text: str, kind: DeviceKind = DeviceKind.DOCUMENT_CAMERA) -> VideoSource:
    """Read a source setting.

    Raises NeedsStaff (WRONG_SETTING, `camera.source`) for anything but the forms above. The list is
    closed because FFmpeg would also open files, pipes and foreign protocols.
    """
    if text.startswith("/dev/") and ".." not in text and text.isprintable():
        return VideoSource(SourceKind.V4L2, text)
    if text.isprintable() and " " not in text and (source := _find_http_source(text)) is not None:
        return source
    raise NeedsStaff(DeviceStatus(kind, DeviceState.WRONG_SETTING, "camera.source"))


def _find_http_source(text: str) -> VideoSource | None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket or a port that is no number
        return None
    if not usable:
        return None
    address = text.partition("#")[0]
    if not parts.fragment:
        return VideoSource(SourceKind.MJPEG_HTTP, address)
    path = parts.fragment.removeprefix(_STILL)
    if not parts.fragment.startswith(_STILL) or not path.startswith("/"):
        return None
    return VideoSource(SourceKind.MJPEG_HTTP, address, _on_same_server(parts, path))


def _on_same_server(parts: SplitResult, path: str) -> str:
    return f"{parts.scheme}://{parts.netloc}{path}"
