"""The newest frame in memory shared by the worker (one writer) and the terminal (readers).

The memory is an anonymous file (`memfd_create(2)`): it has no name, so nothing can be left behind
whoever is killed. It is created at its largest size and stays sparse; pages exist once written.

    0      header    8 words of 8 bytes: magic, state, heartbeat (ns), newest slot, newest number,
                     last look by a reader (ns), still wanted, still answered
    64     slot 0    8 words: number, width, height, taken at (ns), brightest sample (0-255),
                     mark of its content (0: none)
    128    slot 1
    192    slot 2    the still
    4096   pixels of slot 0, 1 and 2 (BGR, rows without padding)

The writer fills the slot that is not the newest and then points to it. A reader that wants a still
raises `still wanted` to a new number; the writer puts the picture into slot 2, or nothing when it
has none, and sets `still answered` to that number. A slot is guarded by an
open-file-description lock (`fcntl(2)`, F_OFD_SETLK): exclusive to write, shared to read, never
waited for. The kernel frees it when its holder dies, and taking it orders memory on every
processor, which a sequence counter in Python could not promise. So a torn frame can't be read.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.frame_size import MAX_FRAME_PIXELS

SLOT_COUNT = 2
_STILL_SLOT = 2
_SLOTS = SLOT_COUNT + 1

_LOCK_ATTEMPTS = 5
_MAGIC = 0x594943494652414D  # "YICIFRAM"
_WORDS = 8
_PIXELS_AT = 4096
_SLOT_BYTES = MAX_FRAME_PIXELS * 3
_TOTAL_BYTES = _PIXELS_AT + _SLOTS * _SLOT_BYTES
_FLOCK = struct.Struct("hhqqi4x")  # struct flock with 64-bit offsets

# header words
_MAGIC_WORD, _STATE, _HEARTBEAT_NS, _NEWEST_SLOT, _NEWEST_NUMBER, _LOOKED_NS = range(6)
_STILL_WANTED, _STILL_ANSWERED = 6, 7
# slot words
_NUMBER, _WIDTH, _HEIGHT, _TAKEN_AT_NS, _BRIGHTEST, _CONTENT = range(6)

_FIXED_SIZE = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class StreamState(IntEnum):
    """What the worker says about its source."""

    OPENING = 1
    STREAMING = 2
    LOST = 3
    FRAME_SIZE_ABSURD = 4
    TAKING_STILL = 5  # in another mode, and back from it in a moment
    FROZEN = 6  # frames arrive, all the same


@dataclass(frozen=True, slots=True)
class StreamReport:
    """The worker's own account; ages are in seconds, infinite where nothing has happened yet."""

    state: StreamState
    heartbeat_age_s: float
    newest_number: int


@dataclass(frozen=True, slots=True)
class SharedFrame:
    """A view into shared memory, valid only inside `FrameMemory.newest()`."""

    pixels: BgrImage
    number: int
    taken_at_s: float
    brightest: int
    content: int  # equal for equal pictures; 0 where that says nothing


def create() -> int:
    """A new file descriptor of sealed, anonymous, sparse memory; the caller closes it."""
    descriptor = os.memfd_create("yici-camera-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, _TOTAL_BYTES)
    fcntl.fcntl(
        descriptor, fcntl.F_ADD_SEALS, _FIXED_SIZE
    )  # a shrunk file would kill readers (SIGBUS)
    return descriptor


class FrameMemory:
    """One process's mapping of the shared memory."""

    def __init__(self, descriptor: int) -> None:
        # A lock belongs to the open file description, and an inherited descriptor shares it:
        # only a description of one's own excludes the other process.
        self._descriptor = os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_CLOEXEC)
        mapped = mmap.mmap(self._descriptor, _TOTAL_BYTES)
        self._bytes: NDArray[np.uint8] = np.frombuffer(mapped, dtype=np.uint8)
        self._words: NDArray[np.int64] = np.frombuffer(
            mapped, dtype=np.int64, count=_WORDS * (1 + _SLOTS)
        ).reshape(1 + _SLOTS, _WORDS)
        self._requests = 0
        self._threads = threading.Lock()  # threads of a process share its description's locks

    def close(self) -> None:
        """Let go of the memory; it is unmapped once nothing looks at it any more."""
        with self._threads:
            if self._descriptor < 0:
                return
            # not mmap.close(): it raises while any array still points into the memory
            del self._bytes, self._words
            os.close(self._descriptor)
            self._descriptor = -1

    # --- the worker's side

    def begin(self, first_number: int) -> None:
        """Prepare the header; frames will be numbered from `first_number`."""
        header = self._words[0]
        header[_NEWEST_SLOT] = -1
        header[_NEWEST_NUMBER] = first_number - 1
        self._words[1 + _STILL_SLOT, _NUMBER] = -1
        self.report(StreamState.OPENING)
        header[_MAGIC_WORD] = _MAGIC

    def report(self, state: StreamState) -> None:
        """Say what the source does, and that the worker is alive."""
        self._words[0, _STATE] = state
        self._words[0, _HEARTBEAT_NS] = time.monotonic_ns()

    def publish(self, pixels: BgrImage, taken_at_ns: int, content: int = 0) -> bool:
        """Make this the newest frame; False if a reader is in its way (the frame is lost).

        `pixels` has at most MAX_FRAME_PIXELS; `content` is its mark.
        """
        newest = int(self._words[0, _NEWEST_SLOT])
        slot = (newest + 1) % SLOT_COUNT
        if not self._set_lock(slot, fcntl.F_WRLCK):
            return False
        try:
            self._fill(slot, pixels, taken_at_ns, content)
        finally:
            self._set_lock(slot, fcntl.F_UNLCK)
        self._words[0, _NEWEST_SLOT] = slot
        return True

    def _fill(self, slot: int, pixels: BgrImage, taken_at_ns: int, content: int) -> None:
        words = self._words[1 + slot]
        words[_NUMBER] = -1  # if the worker dies in the middle, the slot holds nothing
        height, width = pixels.shape[:2]
        self._slot_pixels(slot, height, width)[:] = pixels
        words[_WIDTH], words[_HEIGHT], words[_TAKEN_AT_NS] = width, height, taken_at_ns
        words[_BRIGHTEST], words[_CONTENT] = int(pixels[::32, ::32].max(initial=0)), content
        with self._threads:  # a still may come from another thread than the stream
            number = int(self._words[0, _NEWEST_NUMBER]) + 1
            self._words[0, _NEWEST_NUMBER] = number
        words[_NUMBER] = number

    def find_still_request(self) -> int | None:
        """The number of a still that is wanted and not answered yet."""
        wanted = int(self._words[0, _STILL_WANTED])
        return wanted if wanted > int(self._words[0, _STILL_ANSWERED]) else None

    def answer_still(
        self, request: int, pixels: BgrImage | None, taken_at_ns: int = 0, content: int = 0
    ) -> None:
        """Hand over the still that was wanted; None says that there is none."""
        if int(self._words[0, _STILL_WANTED]) != request:
            return  # given up meanwhile: nobody would take it away again
        if pixels is not None and self._set_lock(_STILL_SLOT, fcntl.F_WRLCK):
            try:
                self._fill(_STILL_SLOT, pixels, taken_at_ns, content)
            finally:
                self._set_lock(_STILL_SLOT, fcntl.F_UNLCK)
        self._words[0, _STILL_ANSWERED] = request

    def unseen_for_s(self) -> float:
        """How long nobody has wanted a frame."""
        return (time.monotonic_ns() - int(self._words[0, _LOOKED_NS])) / 1e9

    # --- the reader's side

    def look(self) -> None:
        """Tell the writer that frames are wanted."""
        with self._threads:
            if self._descriptor >= 0:
                self._words[0, _LOOKED_NS] = time.monotonic_ns()

    def ask_for_still(self) -> int:
        """Want a still; returns the number of this request, 0 after `close`."""
        with self._threads:
            if self._descriptor < 0:
                return 0
            # never a number twice: a late answer to a request given up must fit no other
            self._requests += 1
            self._words[0, _STILL_WANTED] = self._requests
            return self._requests

    def is_still_answered(self, request: int) -> bool:
        """Whether the request was answered, with a picture or without; True after `close`."""
        with self._threads:
            return self._descriptor < 0 or int(self._words[0, _STILL_ANSWERED]) >= request

    @contextmanager
    def still(self) -> Iterator[SharedFrame | None]:
        """Lend the still that was answered while the block runs, None when there is none."""
        with self._threads:
            if self._descriptor < 0 or not self._set_lock(_STILL_SLOT, fcntl.F_RDLCK):
                yield None
                return
            try:
                yield self._find_shared(_STILL_SLOT, newer_than=-1)
            finally:
                self._set_lock(_STILL_SLOT, fcntl.F_UNLCK)

    def forget_still(self) -> None:
        """Overwrite the still, and want none any more."""
        with self._threads:
            if self._descriptor < 0:
                return
            self._words[0, _STILL_WANTED] = 0  # a writer that is late drops what it has
            if not self._set_lock(_STILL_SLOT, fcntl.F_WRLCK):
                return  # the writer is at it: the next still, or the end of the worker, removes it
            try:
                words = self._words[1 + _STILL_SLOT]
                pixels = int(words[_WIDTH]) * int(words[_HEIGHT])
                self._slot_pixels(_STILL_SLOT, 1, min(pixels, MAX_FRAME_PIXELS))[:] = 0
                words[:] = 0
                words[_NUMBER] = -1
            finally:
                self._set_lock(_STILL_SLOT, fcntl.F_UNLCK)

    def find_report(self) -> StreamReport | None:
        """The worker's account, or None before it has begun (or after `close`)."""
        with self._threads:
            if self._descriptor < 0 or int(self._words[0, _MAGIC_WORD]) != _MAGIC:
                return None
            header = self._words[0]
            age_ns = time.monotonic_ns() - int(header[_HEARTBEAT_NS])
            return StreamReport(
                StreamState(int(header[_STATE])), age_ns / 1e9, int(header[_NEWEST_NUMBER])
            )

    @contextmanager
    def newest(self, newer_than: int = -1) -> Iterator[SharedFrame | None]:
        """Lend the newest whole frame above `newer_than` while the block runs, else None."""
        with self._threads:
            if self._descriptor < 0 or int(self._words[0, _MAGIC_WORD]) != _MAGIC:
                yield None
                return
            slot = self._lock_newest()
            if slot is None:
                yield None
                return
            try:
                yield self._find_shared(slot, newer_than)
            finally:
                self._set_lock(slot, fcntl.F_UNLCK)

    def _lock_newest(self) -> int | None:
        """The newest slot, locked to read; None while there is no frame."""
        for _ in range(_LOCK_ATTEMPTS):
            slot = int(self._words[0, _NEWEST_SLOT])
            if slot < 0:
                return None
            if self._set_lock(slot, fcntl.F_RDLCK):
                return slot
            # the writer has come round in between, so there is a newer one by now
        return None

    def _find_shared(self, slot: int, newer_than: int) -> SharedFrame | None:
        words = self._words[1 + slot]
        number, width, height = int(words[_NUMBER]), int(words[_WIDTH]), int(words[_HEIGHT])
        if number <= newer_than or number < 0 or not 0 < width * height <= MAX_FRAME_PIXELS:
            return None
        return SharedFrame(
            pixels=self._slot_pixels(slot, height, width),
            number=number,
            taken_at_s=int(words[_TAKEN_AT_NS]) / 1e9,
            brightest=int(words[_BRIGHTEST]),
            content=int(words[_CONTENT]),
        )

    # --- both

    def _slot_pixels(self, slot: int, height: int, width: int) -> BgrImage:
        start = _PIXELS_AT + slot * _SLOT_BYTES
        return self._bytes[start : start + height * width * 3].reshape(height, width, 3)

    def _set_lock(self, slot: int, kind: int) -> bool:
        request = _FLOCK.pack(kind, os.SEEK_SET, slot, 1, 0)
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, request)
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES: the other side has it
            return False
        return True
