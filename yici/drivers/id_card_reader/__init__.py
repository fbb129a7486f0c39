"""ID-card readers: what the terminal asks of one, whoever made it."""

from enum import StrEnum
from typing import Protocol

from yici.contract.people import Identity
from yici.drivers.device import Device


class CardPresence(StrEnum):
    """What the reader says about the card field."""

    ABSENT = "absent"  # no card, or the card that was just read still lies there
    READ_FAILED = "read_failed"  # lift the card and lay it down again


class IdCardReader(Device, Protocol):
    """A reader is opened by constructing it through its driver's `connect`; calls block.

    Every call ends within the deadline given to the driver. Calls come from one thread.
    """

    def read_card(self) -> Identity | CardPresence:
        """Look once for a card and read it: one poll, to be repeated by the caller.

        Raises NotReady, NeedsStaff or Unsupported.
        """
        ...
