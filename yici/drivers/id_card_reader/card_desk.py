"""What a person can do at a virtual reader, whatever carries its bytes: cards and faults.

Every twin of this kind is a `CardDesk` with a cable; together they are a `Twin`.
"""

import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files

from yici.contract.people import Identity
from yici.drivers.device import DeviceKind
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.id_card_reader.sam.card_text import encode_card_text, encode_newest_address
from yici.drivers.id_card_reader.sam.frames import Damage
from yici.drivers.id_card_reader.sam.virtual_sam import Card, VirtualSam
from yici.drivers.twin import NO_FAULT, Act

SLOW_REPLY_S = 0.3  # late for a person, in time for the shortest deadline

PUT_CARD, PUT_OTHER_CARD, TAKE_CARD = "put_card", "put_other_card", "take_card"

_GARBAGE = bytes(b for b in ((i * 73 + 29) % 256 for i in range(64)) if b not in (0x96, 0xAA))


class SamFault(StrEnum):
    """What can be made to go wrong; faults last until they are cleared."""

    SILENT = "silent"  # hears everything, says nothing
    GARBAGE = "garbage"  # answers, but nothing of this protocol
    SLOW = "slow"  # answers late
    NOISE = "noise"  # foreign bytes before, inside the preamble of, and after each reply
    BAD_CHECKSUM = "bad_checksum"
    TRUNCATED = "truncated"  # every reply ends half-way
    WRONG_BAUD = "wrong_baud"  # the reader's own speed is another than it was set to
    READ_FAILED = "read_failed"  # the card is found, and can't be read
    PULLED_MID_REPLY = "pulled_mid_reply"  # the plug comes out in the middle of a card's text


class CardDesk:
    """One reader's card field; every method may be called from any thread."""

    def __init__(self, possible_faults: Sequence[StrEnum]) -> None:
        self._possible_faults = {fault.value: fault for fault in possible_faults}
        self._faults: frozenset[StrEnum] = frozenset()
        self._sam = VirtualSam()
        self._lock = threading.Lock()  # over the fields above

    def put_card(
        self, card: Identity | Persona, *, newest_address: str | None = None, fingerprints: int = 0
    ) -> None:
        """Lay a card on the field, in place of one that lies there.

        `newest_address` is the identity's own unless given. Raises CardTextError for an identity
        that no card could hold.
        """
        identity = card.identity if isinstance(card, Persona) else card
        address = identity.newest_address if newest_address is None else newest_address
        self.put_card_text(
            encode_card_text(identity), newest_address=address, fingerprints=fingerprints
        )

    def put_card_text(
        self, text: bytes, *, newest_address: str = "", fingerprints: int = 0
    ) -> None:
        """Lay down a card with exactly this text (256 bytes), broken or not."""
        encode_newest_address(newest_address)  # too long is this caller's error, not the thread's
        with self._lock:
            self._sam.put_card(Card(text, newest_address, fingerprints))

    def put_other_card(self) -> None:
        """Lay down a chip card that is no identity card: a bus ticket, say."""
        with self._lock:
            self._sam.put_card(Card(b"", is_identity_card=False))

    def take_card(self) -> None:
        """Lift the card."""
        with self._lock:
            self._sam.take_card()

    @property
    def has_card(self) -> bool:
        with self._lock:
            return self._sam.has_card

    @property
    def faults(self) -> frozenset[StrEnum]:
        with self._lock:
            return self._faults

    def set_faults(self, *faults: StrEnum) -> None:
        """From now on these go wrong, and only these."""
        with self._lock:
            self._faults = frozenset(faults)
            self._sam.can_read = SamFault.READ_FAILED not in faults

    # one fault at a time, by name: see `Twin`

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.ID_CARD_READER

    @property
    def fault_names(self) -> Sequence[str]:
        return tuple(self._possible_faults)

    @property
    def fault(self) -> str:
        return next((fault.value for fault in sorted(self.faults)), NO_FAULT)

    def set_fault(self, name: str) -> None:
        if name != NO_FAULT and name not in self._possible_faults:
            known = ", ".join(self._possible_faults)
            raise ValueError(f"this reader can't have the fault {name!r}; it can have {known}")
        self.set_faults(*([] if name == NO_FAULT else [self._possible_faults[name]]))

    @property
    def acts(self) -> Sequence[Act]:
        return Act(PUT_CARD, tuple(_personas())), Act(PUT_OTHER_CARD), Act(TAKE_CARD)

    def act(self, name: str, argument: str = "") -> None:
        match name:
            case "put_card" if argument in _personas():
                self.put_card(_personas()[argument])
            case "put_other_card":
                self.put_other_card()
            case "take_card":
                self.take_card()
            case _:
                raise ValueError(f"nobody can {name!r} {argument!r} at an ID-card reader")

    # for the twin's own thread

    def reply_to(self, request: bytes | Damage) -> tuple[bytes, frozenset[StrEnum]]:
        """What the module says, before the faults that are set have spoiled it."""
        with self._lock:
            return self._sam.answer(request), self._faults

    def power_up(self) -> None:
        with self._lock:
            self._sam.power_up()


def spoil(reply: bytes, faults: frozenset[StrEnum]) -> bytes:
    """What these faults make of a reply on its way."""
    if SamFault.GARBAGE in faults:
        return _GARBAGE
    if SamFault.BAD_CHECKSUM in faults:
        reply = reply[:-1] + bytes([reply[-1] ^ 0x55])
    if SamFault.TRUNCATED in faults:
        reply = reply[: len(reply) // 2]
    if SamFault.NOISE in faults:
        reply = b"\x00\xff\xaa\x13" + reply[:1] + b"\x00" + reply[1:] + b"\xfe"
    return reply


@cache
def _personas() -> Mapping[str, Persona]:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)
