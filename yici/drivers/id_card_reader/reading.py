"""A card with its photo, for the caller who has a place for it; nothing here is ever stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from yici.contract.people import Identity
from yici.drivers.id_card_reader import CardPresence, IdCardReader


@dataclass(frozen=True, slots=True)
class WltPhoto:
    """The chip's compressed photo as it came (1024 bytes, undecoded), in memory only."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardReading:
    """One card; `photo` is None when the chip has none.

    `extras` are the few things that a special card states beside the person, such as the
    `pass_number` of a residence permit; see `decode_extras`.
    """

    identity: Identity
    photo: WltPhoto | None
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)


class PhotoIdCardReader(IdCardReader, Protocol):
    """A reader that also hands over the photo.

    Apart from `IdCardReader`, because an Identity has no place for a photo and most callers want
    none; and in one call, because a driver keeps nothing of a resident between two calls.
    """

    def read_card_with_photo(self) -> CardReading | CardPresence:
        """As `read_card`. Raises NotReady, NeedsStaff or Unsupported."""
        ...
