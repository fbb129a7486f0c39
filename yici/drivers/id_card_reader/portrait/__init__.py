"""The photo on a chip: `WltDecoder` turns the 1024 bytes into a picture, where one is installed.

The coding is a trade secret without a published description, and no open decoder exists. So "no
portrait" is a normal state and no error: the matter goes on without a picture.
Source of the header: two published captures that agree.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from yici.drivers.id_card_reader.reading import WltPhoto

WIDTH_PX, HEIGHT_PX = 102, 126
RGB_SIZE = WIDTH_PX * HEIGHT_PX * 3
PHOTO_SIZE = 1024

# "WL", width, height
_HEADER = b"WL" + WIDTH_PX.to_bytes(2, "little") + HEIGHT_PX.to_bytes(2, "little")


class NoPortrait(StrEnum):
    """Why there is no picture."""

    NO_DECODER = "no_decoder"  # none is installed: the normal state
    BAD_HEADER = "bad_header"  # not such a photo
    REFUSED = "refused"  # the decoder says no: a licence, or bytes that it can't read
    DECODER_FAILED = "decoder_failed"  # it crashed, or wrote where it must not
    DECODER_HUNG = "decoder_hung"
    UNUSABLE = "unusable"  # there is no such library, or it lacks the call


@dataclass(frozen=True, slots=True)
class Portrait:
    """102 × 126 pixels, RGB, top row first; in memory only."""

    rgb: bytes = field(repr=False)


class WltDecoder(Protocol):
    """Turns a photo into a picture within its own deadline; never raises."""

    def decode(self, photo: WltPhoto) -> Portrait | NoPortrait: ...


def has_photo_header(photo: WltPhoto) -> bool:
    """Whether these bytes begin as every published photo does, and have their size."""
    return len(photo.data) == PHOTO_SIZE and photo.data.startswith(_HEADER)


class NoDecoder:
    """The default: looks at the header, so that a broken chip is noticed, and shows nothing."""

    def decode(self, photo: WltPhoto) -> NoPortrait:
        """See `WltDecoder`."""
        return NoPortrait.NO_DECODER if has_photo_header(photo) else NoPortrait.BAD_HEADER
