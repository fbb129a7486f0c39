"""What kind of file some bytes are, by their beginning, and how large a picture would unfold."""

from dataclasses import dataclass

MAX_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# markers that start a frame: SOF0…SOF15 without DHT, JPG and DAC (ISO/IEC 10918-1)
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class FileKind:
    """Media type and file ending; `is_picture` for what a browser may show in the page."""

    media_type: str
    ending: str
    is_picture: bool


PDF = FileKind("application/pdf", "pdf", is_picture=False)
PNG = FileKind("image/png", "png", is_picture=True)
JPEG = FileKind("image/jpeg", "jpg", is_picture=True)
UNKNOWN = FileKind("application/octet-stream", "bin", is_picture=False)


def kind_of(data: bytes) -> FileKind:
    """By magic bytes; what the sender says is not believed."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(_PNG):
        return PNG
    return JPEG if data.startswith(b"\xff\xd8\xff") else UNKNOWN


def find_pixels(data: bytes) -> int | None:
    """Width × height of a PNG or JPEG from its header; None when there is no such header."""
    if data.startswith(_PNG) and len(data) >= 24:
        return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg_pixels(data)
    return None


def _jpeg_pixels(data: bytes) -> int | None:
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in _START_OF_FRAME:
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            return height * int.from_bytes(data[position + 7 : position + 9], "big")
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def may_show(data: bytes) -> bool:
    """A picture of a size that unfolds safely."""
    pixels = find_pixels(data)
    return pixels is not None and 0 < pixels <= MAX_PIXELS
