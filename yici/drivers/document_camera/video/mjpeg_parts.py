"""The parts of `multipart/x-mixed-replace`: pure bytes in, bodies out, in bounded memory.

    --frame CRLF Content-Type: image/jpeg CRLF Content-Length: 1234 CRLF CRLF <body> CRLF --frame …

No standard but Netscape's "server push" (1995) over RFC 2046's multipart. Cameras differ: some put
the dashes into the boundary's name, some send no length, some end lines with LF alone.
"""

import re
from enum import StrEnum
from typing import Final

MAX_PART_BYTES: Final = 32_000_000
_MAX_HEAD_BYTES: Final = 8192
_BOUNDARY: Final = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_LENGTH: Final = re.compile(rb"^content-length\s*:\s*(\d{1,10})\s*$", re.IGNORECASE | re.MULTILINE)
_BLANK: Final = re.compile(rb"\r?\n\r?\n")


class PartsError(ValueError):
    """This is no multipart stream, or a part is larger than any picture; says why in a word."""


class _State(StrEnum):
    SEEK = "seek"  # up to the next boundary
    HEAD = "head"
    BODY = "body"


def find_boundary(content_type: str) -> bytes | None:
    """The boundary's name, without dashes before it; None for another type of content."""
    match = _BOUNDARY.search(content_type)
    if not content_type.lower().lstrip().startswith("multipart/") or match is None:
        return None
    name = (match[1] or match[2]).lstrip("-").encode("ascii", "replace")
    return name or None


class Parts:
    """One stream's parts. Feed it what arrives; it keeps at most one part that isn't whole."""

    def __init__(self, boundary: bytes, *, largest: int = MAX_PART_BYTES) -> None:
        self._mark = b"--" + boundary
        self._largest = largest
        self._state = _State.SEEK
        self._kept = bytearray()
        self._looked = 0  # up to here no boundary was found in a body without a length
        self._length: int | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are whole with it. Raises PartsError; the stream is of no use then."""
        self._kept += data
        bodies: list[bytes] = []
        while self._step(bodies):
            pass
        return bodies

    def _step(self, bodies: list[bytes]) -> bool:
        """Go on by one state; False when more bytes are needed."""
        if self._state is _State.SEEK:
            return self._seek()
        if self._state is _State.HEAD:
            return self._read_head()
        return self._read_body(bodies)

    def _seek(self) -> bool:
        at = self._kept.find(self._mark)
        if at < 0:
            if len(self._kept) > _MAX_HEAD_BYTES + len(self._mark):
                raise PartsError("no_boundary")
            return False
        del self._kept[: at + len(self._mark)]
        self._state = _State.HEAD
        return True

    def _read_head(self) -> bool:
        blank = _BLANK.search(self._kept, 0, _MAX_HEAD_BYTES)
        if blank is None:
            if len(self._kept) >= _MAX_HEAD_BYTES:
                raise PartsError("no_head")
            return False
        length = _LENGTH.search(bytes(self._kept[: blank.start()]).replace(b"\r", b""))
        self._length = int(length[1]) if length else None
        if self._length is not None and self._length > self._largest:
            raise PartsError("too_large")
        del self._kept[: blank.end()]
        self._looked = 0
        self._state = _State.BODY
        return True

    def _read_body(self, bodies: list[bytes]) -> bool:
        end = self._length if self._length is not None else self._find_end()
        if end is None or len(self._kept) < end:
            if len(self._kept) > self._largest + len(self._mark):
                raise PartsError("too_large")
            return False
        body = bytes(self._kept[:end])
        # without a length the line's end before the boundary isn't part of the body
        bodies.append(body if self._length is not None else body.removesuffix(b"\n"))
        del self._kept[:end]
        self._state = _State.SEEK
        return True

    def _find_end(self) -> int | None:
        at = self._kept.find(self._mark, self._looked)
        if at >= 0:
            return at
        self._looked = max(0, len(self._kept) - len(self._mark))
        return None
