"""From a reader's characters to codes: pure bytes in, codes or flaws out, in bounded memory.

A code ends with CR or LF, or with a pause when the reader was set up without either. Nothing is
decoded; a line is kept or dropped as a whole:

    too long         more than MAX_CONTENT_BYTES without an end
    control bytes    noise, a wrong line speed, or somebody typing commands; HT and the separators
                     of ISO/IEC 15434 and GS1 (EOT, FS, GS, RS, US) may be part of a code
    no prefix        an AIM identifier was agreed upon and is missing
    no text          ended by a pause only, and neither UTF-8 nor GB 18030: what a port hears at
                     another speed. A line that its reader ended may hold any bytes.

After a flaw everything is dropped up to the next pause, because what follows noise without one is
noise; only a line that comes twice in a row, as from a reader that repeats a held code, is not.
"""

import contextlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from yici.drivers.code_reader import MAX_CONTENT_BYTES, SeenCode

_ENDS: Final = b"\r\n"
_ALLOWED_CONTROLS: Final = b"\t\x04\x1c\x1d\x1e\x1f"
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - set(_ALLOWED_CONTROLS))

# AIM code characters (ISO/IEC 15424) of the symbologies that a hall's papers carry
_AIM_SYMBOLOGIES: Final = {
    ord("A"): "code39",
    ord("C"): "code128",
    ord("E"): "ean",
    ord("I"): "itf",
    ord("L"): "pdf417",
    ord("Q"): "qr",
    ord("d"): "datamatrix",
}


class Prefix(StrEnum):
    """What the reader was told to send before each code."""

    NONE = "none"
    AIM = "aim"  # `]`, a letter, a modifier: ISO/IEC 15424


class Flaw(StrEnum):
    """Why a line was dropped."""

    TOO_LONG = "too_long"
    CONTROL_BYTES = "control_bytes"
    NO_PREFIX = "no_prefix"
    NO_TEXT = "no_text"


@dataclass(slots=True)
class CodeLines:
    """One reader's stream. `pause_s` without a byte ends a line; times are monotonic seconds."""

    pause_s: float
    prefix: Prefix = Prefix.NONE
    longest: int = MAX_CONTENT_BYTES
    _line: bytearray = field(default_factory=bytearray, init=False)
    _skipping: bool = field(default=False, init=False)
    _is_tainted: bool = field(default=False, init=False)
    _heard_at_s: float = field(default=0.0, init=False)
    _doubted: SeenCode | None = field(default=None, init=False, repr=False)

    def feed(self, data: bytes, now_s: float) -> list[SeenCode | Flaw]:
        """Take what has arrived; the codes and flaws that are complete with it, in order."""
        found = self.end_after_pause(now_s)
        if data:
            self._heard_at_s = now_s
        for byte in data:
            if byte in _ENDS:
                found += self._end()
            elif self._skipping:
                continue
            elif len(self._line) < self.longest + self._prefix_length:
                self._line.append(byte)
            else:
                self._line.clear()
                self._skipping = self._is_tainted = True
                found.append(Flaw.TOO_LONG)
        return found

    def end_after_pause(self, now_s: float) -> list[SeenCode | Flaw]:
        """The line that a pause has ended, if any."""
        if now_s - self._heard_at_s < self.pause_s:
            return []
        found = self._end(by_pause=True)
        self._is_tainted, self._doubted = False, None
        return found

    def drop_line(self) -> None:
        """What is under way began too early: its rest is dropped too, without being a flaw."""
        if self._line or self._is_tainted:
            self._line.clear()
            self._skipping = True
        self._is_tainted, self._doubted = False, None

    @property
    def _prefix_length(self) -> int:
        return 3 if self.prefix is Prefix.AIM else 0

    def _end(self, *, by_pause: bool = False) -> list[SeenCode | Flaw]:
        line, skipped = bytes(self._line), self._skipping
        self._line.clear()
        self._skipping = False
        # nothing stands between CR and LF; a line that was skipped has been told of
        if skipped or not line:
            return []
        judged = Flaw.NO_TEXT if by_pause and not _is_text(line) else self._judged(line)
        if self._is_tainted:
            return self._after_noise(judged)
        self._is_tainted = isinstance(judged, Flaw)
        return [judged]

    def _after_noise(self, judged: SeenCode | Flaw) -> list[SeenCode | Flaw]:
        if isinstance(judged, Flaw) or judged != self._doubted:
            self._doubted = None if isinstance(judged, Flaw) else judged
            return []
        self._is_tainted, self._doubted = False, None
        return [judged]

    def _judged(self, line: bytes) -> SeenCode | Flaw:
        if line.translate(None, _CONTROLS) != line:
            return Flaw.CONTROL_BYTES
        if self.prefix is Prefix.NONE:
            return SeenCode(line)
        if len(line) <= 3 or line[:1] != b"]" or not line[1:3].isalnum():
            return Flaw.NO_PREFIX
        return SeenCode(line[3:], _AIM_SYMBOLOGIES.get(line[1], ""))


def _is_text(line: bytes) -> bool:
    """Only looked at, to tell noise: what the bytes mean is their reader's business."""
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            line.decode(encoding)
            return True
    return False
