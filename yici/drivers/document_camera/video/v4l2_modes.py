"""Which frame sizes a V4L2 device offers in Motion-JPEG: VIDIOC_ENUM_FRAMESIZES.

Layouts and numbers: linux/videodev2.h. Asking doesn't disturb a stream.
"""

import fcntl
import os
import struct
from typing import Final

from yici.drivers.document_camera.video.frame_size import FrameSize

MJPG: Final = int.from_bytes(b"MJPG", "little")
VIDIOC_ENUM_FRAMESIZES: Final = 0xC02C564A  # _IOWR('V', 74, struct v4l2_frmsizeenum)
FRMSIZEENUM: Final = struct.Struct("=3I6I2I")  # index, format, type, union, reserved
_DISCRETE, _MOST_SIZES = 1, 64


def find_mjpg_sizes(path: str) -> tuple[FrameSize, ...]:
    """The sizes, in the device's order; empty when it offers none or can't be asked."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ()
    try:
        return _enumerated(descriptor)
    finally:
        os.close(descriptor)


def _enumerated(descriptor: int) -> tuple[FrameSize, ...]:
    sizes: list[FrameSize] = []
    for index in range(_MOST_SIZES):
        asked = FRMSIZEENUM.pack(index, MJPG, *(0,) * 9)
        try:
            answer = fcntl.ioctl(descriptor, VIDIOC_ENUM_FRAMESIZES, asked)
        except OSError:  # EINVAL ends the list; ENOTTY: no such device
            break
        found = decode_size(answer)
        sizes.append(found[0])
        if not found[1]:
            break
    return tuple(sizes)


def decode_size(answer: bytes) -> tuple[FrameSize, bool]:
    """One answer: its size (the largest of a range), and whether another may follow."""
    _, _, kind, *words = FRMSIZEENUM.unpack(answer)
    if kind == _DISCRETE:
        return FrameSize(words[0], words[1]), True
    return FrameSize(words[1], words[4]), False  # min, max, step of width, then of height
