"""ID-card readers: what the terminal asks of one, whoever made it."""

from enum import StrEnum
from typing import Protocol

from yici.contract.people import Identity
from yici.drivers.device import Device


class CardPresence(StrEnum):
    """What the reader says about the card field."""

    ABSENT = "absent"  # no card, or the card that was just read still lies there
    READ_FAILED = "read_failed"  # lift the card and lay it down again
    WRONG_CARD = "wrong_card"  # a chip, but not one of an identity card


class CardRemoval(StrEnum):
    """What became of the card that was read last, as far as it can be known."""

    STILL_THERE = "still_there"  # its chip has answered just now
    REMOVED = "removed"  # it answered when asked before, and no longer does
    UNKNOWN = "unknown"  # nothing was read, or this reader can't tell


class IdCardReader(Device, Protocol):
    """A reader is opened by constructing it through its driver's `connect`; calls block.

    Every call ends within the deadline given to the driver. Calls come from one thread.
    """

    def read_card(self) -> Identity | CardPresence:
        """Look once for a card and read it: one poll, to be repeated by the caller.

        The driver itself keeps the distance that readers need between two looks.
        Raises NotReady, NeedsStaff or Unsupported.
        """
        ...

    def card_removal(self) -> CardRemoval:
        """Whether the card that `read_card` returned last still lies there: "take your card".

        UNKNOWN is an honest answer, after which a screen goes on by its own clock.
        Raises NotReady, NeedsStaff or Unsupported.
        """
        ...
