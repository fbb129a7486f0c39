"""Social-security cards (社保卡): what the terminal asks of a reader for them."""

from enum import StrEnum
from typing import Protocol

from yici.contract.people import Identity
from yici.drivers.device import Device


class SscPresence(StrEnum):
    """What the reader says when it gives no identity; each is an expected outcome."""

    ABSENT = "absent"
    NOT_THIS_KIND = "not_this_kind"  # a card that answers, but is no social-security card
    PROTECTED = "protected"  # the card shows its holder only to a secured reader
    READ_FAILED = "read_failed"  # take the card out and put it in again


class SocialSecurityCardReader(Device, Protocol):
    """Calls block, end within the driver's deadline, and come from one thread."""

    def read_card(self) -> Identity | SscPresence:
        """Look once for a card and read it. Raises NotReady, NeedsStaff or Unsupported."""
        ...
