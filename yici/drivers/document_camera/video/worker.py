"""The process that reads frames: `python -m yici.drivers.document_camera.video.worker …`.

A read from a dying USB camera can block for seconds and a decoder can crash, so both happen here
and never in a process that shows screens. The worker opens its source, publishes each frame, and
opens again with back-off when the source is gone. It ends when its standard input closes, which
the kernel does for a parent that was killed.

A still of a V4L2 device is another mode of it: the stream is closed, opened in the largest size,
and opened again for the preview afterwards. A still over HTTP is another request, made beside the
stream.
"""

import argparse
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from yici.drivers.document_camera import BgrImage
from yici.drivers.document_camera.video.capture_stream import FrameStream, opened
from yici.drivers.document_camera.video.content_mark import FrozenWatch, content_mark
from yici.drivers.document_camera.video.frame_memory import FrameMemory, StreamState
from yici.drivers.document_camera.video.frame_size import (
    FrameSize,
    find_preview_size,
    find_still_size,
)
from yici.drivers.document_camera.video.source import (
    Mounting,
    SourceKind,
    VideoSource,
    get_source,
)
from yici.drivers.document_camera.video.still_over_http import DEADLINE_S as FETCH_DEADLINE_S
from yici.drivers.document_camera.video.still_over_http import NoStill, fetch_still
from yici.drivers.document_camera.video.v4l2_modes import find_mjpg_sizes

BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 3.0)
# A page does not run away: above this rate frames are taken off the queue but not decoded.
MIN_FRAME_INTERVAL_S = 1 / 16
# While nobody looks, a few frames are enough to know that the camera lives.
IDLE_AFTER_S, IDLE_FRAME_INTERVAL_S = 2.0, 0.5
# After a change of mode the first frames are dark: the exposure starts anew.
SETTLING_FRAMES: Final = 3
# A camera whose picture stands still often recovers when it is opened anew.
REOPEN_FROZEN_AFTER_S: Final = 10.0
# A hostile picture may claim any size; beyond this the decoder gets no memory.
_MEMORY_BYTES: Final = 4 << 30


def main() -> None:
    """Serve one source until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--preview-width-px", type=int, required=True)
    parser.add_argument("--preview-height-px", type=int, required=True)
    parser.add_argument("--still-width-px", type=int, required=True)
    parser.add_argument("--still-height-px", type=int, required=True)
    parser.add_argument("--mounting", type=int, required=True)
    parser.add_argument("--first-number", type=int, required=True)
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not dump a resident's paper
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    source = get_source(_read_line())  # not an argument: a URL may hold a password
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    memory = FrameMemory(arguments.memory)
    memory.begin(arguments.first_number)
    feed = Feed(
        memory,
        source,
        preview=FrameSize(arguments.preview_width_px, arguments.preview_height_px),
        still=FrameSize(arguments.still_width_px, arguments.still_height_px),
        mounting=Mounting(arguments.mounting),
    )
    while True:
        feed.serve_once()


def _read_line() -> str:
    """The first line of standard input, unbuffered: the rest belongs to `_end_with_parent`."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("the parent closed standard input before it named a source")
        line += byte
    return line.decode().rstrip("\n")


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)  # the main thread may be inside a blocking read that nothing else ends


class Feed:
    """One source's frames and stills into the memory."""

    def __init__(
        self,
        memory: FrameMemory,
        source: VideoSource,
        *,
        preview: FrameSize,
        still: FrameSize,
        mounting: Mounting,
        find_sizes: Callable[[str], tuple[FrameSize, ...]] = find_mjpg_sizes,
    ) -> None:
        """`preview` and `still` are asked of a device that doesn't tell its sizes."""
        self._memory = memory
        self._source = source
        self._preview = preview
        self._still = still
        self._mounting = mounting
        self._find_sizes = find_sizes
        self._failures = 0
        self._trouble = StreamState.LOST  # what is told while there is no stream
        self._frozen = FrozenWatch()
        self._fetching: threading.Thread | None = None
        self._fetching_since_s = 0.0
        self._has_changed_mode = False

    def serve_once(self) -> None:
        """Open the source and publish until it is lost or a still is wanted in another mode."""
        memory = self._memory
        if not self._has_changed_mode:
            memory.report(StreamState.OPENING if self._failures == 0 else self._trouble)
        self._has_changed_mode = False
        with opened(self._source, self._preview_size()) as stream:
            frames = self._publish_until_lost(stream) if stream is not None else 0
        self._failures = 0 if frames > 0 else self._failures + 1
        request = memory.find_still_request()
        if frames > 0 and request is not None and self._source.kind is SourceKind.V4L2:
            memory.report(StreamState.TAKING_STILL)
            self._take_still(request)
            memory.report(StreamState.TAKING_STILL)
            self._has_changed_mode = True
            return
        if request is not None and not self._is_fetching:
            memory.answer_still(request, None)
        self._rest(BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)])

    def _sizes(self) -> tuple[FrameSize, ...]:
        is_device = self._source.kind is SourceKind.V4L2
        return self._find_sizes(self._source.address) if is_device else ()

    def _preview_size(self) -> FrameSize:
        return find_preview_size(self._sizes(), self._preview) or self._preview

    def _rest(self, duration_s: float) -> None:
        deadline_s = time.monotonic() + duration_s
        self._memory.report(self._trouble)
        while (left_s := deadline_s - time.monotonic()) > 0:
            time.sleep(min(left_s, 0.5))
            self._memory.report(self._trouble)

    # --- the stream

    def _publish_until_lost(self, stream: FrameStream) -> int:
        """Publish frames until a read fails or another mode is wanted; how many there were."""
        memory, count, decoded_at_s, frozen_since_s = self._memory, 0, 0.0, None
        while stream.grab():
            taken_at_ns = time.monotonic_ns()
            now_s = taken_at_ns / 1e9
            if count and self._answer_still_request():
                break
            idle = memory.unseen_for_s() > IDLE_AFTER_S
            interval_s = IDLE_FRAME_INTERVAL_S if idle else MIN_FRAME_INTERVAL_S
            if now_s - decoded_at_s < interval_s:
                continue
            pixels = self._find_sensible_pixels(stream)
            if pixels is None:
                break
            decoded_at_s = now_s
            mark = content_mark(pixels)
            memory.publish(self._upright(pixels), taken_at_ns, mark)
            count += 1
            if not self._frozen.is_frozen(mark, now_s):
                frozen_since_s = None
                memory.report(StreamState.STREAMING)
                continue
            memory.report(StreamState.FROZEN)
            frozen_since_s = now_s if frozen_since_s is None else frozen_since_s
            if now_s - frozen_since_s > REOPEN_FROZEN_AFTER_S:
                break
        return count

    def _find_sensible_pixels(self, stream: FrameStream) -> BgrImage | None:
        """The frame that was grabbed; None when it can't be decoded or nobody could use it."""
        # the size is looked at before the frame takes its memory, and again on what came
        claimed = stream.find_size()
        is_absurd = claimed is not None and claimed.is_absurd
        pixels = None if is_absurd else stream.find_pixels()
        if pixels is not None and FrameSize(pixels.shape[1], pixels.shape[0]).is_absurd:
            pixels, is_absurd = None, True
        self._trouble = StreamState.FRAME_SIZE_ABSURD if is_absurd else StreamState.LOST
        return pixels

    def _upright(self, pixels: BgrImage) -> BgrImage:
        if self._mounting is Mounting.UPRIGHT:
            return pixels
        return np.rot90(pixels, k=-int(self._mounting) // 90)

    # --- stills

    def _answer_still_request(self) -> bool:
        """Whether the stream has to be left for a still that is wanted."""
        request = self._memory.find_still_request()
        if request is None:
            return False
        if self._source.kind is SourceKind.V4L2:
            return True
        if not self._source.still_address:
            self._memory.answer_still(request, None)
        elif not self._is_fetching:
            self._fetching_since_s = time.monotonic()
            self._fetching = threading.Thread(target=self._fetch, args=[request], daemon=True)
            self._fetching.start()
        elif time.monotonic() - self._fetching_since_s > 2 * FETCH_DEADLINE_S:
            sys.exit("a server holds the request for a still: begin anew")
        return False

    @property
    def _is_fetching(self) -> bool:
        return self._fetching is not None and self._fetching.is_alive()

    def _fetch(self, request: int) -> None:
        asked_at_ns = time.monotonic_ns()  # exposed after this
        try:
            pixels = self._upright(fetch_still(self._source.still_address))
        except NoStill:
            self._memory.answer_still(request, None)
            return
        self._memory.answer_still(request, pixels, asked_at_ns, content_mark(pixels))

    def _take_still(self, request: int) -> None:
        """In the largest mode; without a picture the request is answered all the same."""
        memory = self._memory
        size = find_still_size(self._sizes(), self._still) or self._still
        with opened(self._source, size) as stream:
            memory.report(StreamState.TAKING_STILL)
            if stream is None:
                memory.answer_still(request, None)
                return
            for _ in range(SETTLING_FRAMES):
                if memory.find_still_request() != request or not stream.grab():
                    memory.answer_still(request, None)
                    return
                taken_at_ns = time.monotonic_ns()
                memory.report(StreamState.TAKING_STILL)
            pixels = self._find_sensible_pixels(stream)
            if pixels is None:
                memory.answer_still(request, None)
                return
            memory.answer_still(request, self._upright(pixels), taken_at_ns, content_mark(pixels))


if __name__ == "__main__":
    main()
