"""A security module and its card field, without a line: a request's body in, a reply out.

It behaves as readers do in the field: a card is found, selected, then read; after a reading, good
or bad, the same card is not found again until it has been lifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yici.drivers.id_card_reader.sam.card_text import encode_newest_address
from yici.drivers.id_card_reader.sam.frames import (
    BAUD_RATES,
    Command,
    Damage,
    SamStatus,
    encode_reply,
    join_card_blocks,
)

# the published beginning of a photo; the rest is a pattern, because its coding is not public
_PHOTO = bytes.fromhex("574C66007E00320000FF85015151513E") + bytes(
    (i * 37 + 11) % 256 for i in range(1008)
)
_FINGERPRINT_SIZE = 512
_SAM_ID = bytes.fromhex("05000300EEDD320140E20100D2029649")


@dataclass(frozen=True, slots=True)
class Card:
    """What a chip holds; `fingerprints` is their number, 0 to 2."""

    text: bytes
    newest_address: str = ""
    fingerprints: int = 0
    is_identity_card: bool = True


class _Phase(StrEnum):
    """How far the reader has come with the card on its field."""

    EMPTY = "empty"
    LAID = "laid"
    FOUND = "found"
    SELECTED = "selected"
    READ = "read"  # the newest address may still be asked for
    SPENT = "spent"  # lift it first


_ON_FIELD = (_Phase.LAID, _Phase.FOUND, _Phase.SELECTED)

# what a command does to the phase; a pair that isn't here is refused with _REFUSALS
_STEPS: Mapping[tuple[_Phase, Command], _Phase] = {
    **{(phase, Command.FIND_CARD): _Phase.FOUND for phase in _ON_FIELD},
    (_Phase.FOUND, Command.SELECT_CARD): _Phase.SELECTED,
    (_Phase.SELECTED, Command.READ_BASE): _Phase.READ,
    (_Phase.SELECTED, Command.READ_BASE_AND_FINGERPRINTS): _Phase.READ,
    (_Phase.SELECTED, Command.READ_NEWEST_ADDRESS): _Phase.SELECTED,
    (_Phase.READ, Command.READ_NEWEST_ADDRESS): _Phase.READ,
}

_REFUSALS: Mapping[Command, SamStatus] = {
    Command.FIND_CARD: SamStatus.NO_CARD,
    Command.SELECT_CARD: SamStatus.SELECT_FAILED,
    Command.READ_BASE: SamStatus.READ_FAILED,
    Command.READ_BASE_AND_FINGERPRINTS: SamStatus.READ_FAILED,
    Command.READ_NEWEST_ADDRESS: SamStatus.READ_FAILED,
}

_DAMAGES: Mapping[Damage, SamStatus] = {
    Damage.CHECKSUM: SamStatus.HOST_CHECKSUM_ERROR,
    Damage.LENGTH: SamStatus.HOST_LENGTH_ERROR,
}


class VirtualSam:
    """One reader's mind. Not for several threads at once."""

    def __init__(self) -> None:
        self._card: Card | None = None
        self._phase = _Phase.EMPTY
        self.can_read = True  # False: every reading fails, as with a bad card

    def put_card(self, card: Card) -> None:
        self._card, self._phase = card, _Phase.LAID

    def take_card(self) -> None:
        self._card, self._phase = None, _Phase.EMPTY

    def power_up(self) -> None:
        """What was done before is forgotten: a card that lies there is found anew."""
        self._phase = _Phase.EMPTY if self._card is None else _Phase.LAID

    @property
    def has_card(self) -> bool:
        return self._card is not None

    def answer(self, request: bytes | Damage) -> bytes:
        """The reply frame to a request's body, or to one that arrived damaged."""
        if isinstance(request, Damage):
            return encode_reply(_DAMAGES[request])
        command = _find_command(request)
        if command is None:
            return encode_reply(SamStatus.HOST_COMMAND_ERROR)
        if command in _REFUSALS:
            return self._answer_about_card(command)
        if command is Command.RESET and self._phase in _ON_FIELD:
            self._phase = _Phase.LAID
        return encode_reply(SamStatus.OK, _SAM_ID if command is Command.SAM_ID else b"")

    def _answer_about_card(self, command: Command) -> bytes:
        next_phase = _STEPS.get((self._phase, command))
        if next_phase is None or self._card is None:
            return encode_reply(_REFUSALS[command])
        if command is Command.SELECT_CARD and not self._card.is_identity_card:
            return encode_reply(SamStatus.WRONG_CARD_TYPE)
        self._phase = next_phase
        if next_phase is _Phase.READ and not self.can_read:
            self._phase = _Phase.SPENT
            return encode_reply(SamStatus.READ_FAILED)
        return _success(command, self._card)


def find_new_baud_rate(request: bytes | Damage) -> int | None:
    """The speed that a request asks the reader to use from its reply on."""
    command = None if isinstance(request, Damage) else _find_command(request)
    return None if command is None else BAUD_RATES.get(command)


def _find_command(request: bytes) -> Command | None:
    return next((command for command in Command if request.startswith(command.value)), None)


def _success(command: Command, card: Card) -> bytes:
    match command:
        case Command.FIND_CARD:
            return encode_reply(SamStatus.CARD_FOUND, bytes(4))
        case Command.SELECT_CARD:
            return encode_reply(SamStatus.OK, bytes(8))
        case Command.READ_NEWEST_ADDRESS if not card.newest_address:
            return encode_reply(SamStatus.NO_SUCH_ITEM)
        case Command.READ_NEWEST_ADDRESS:
            return encode_reply(SamStatus.OK, encode_newest_address(card.newest_address))
        case Command.READ_BASE:
            return encode_reply(SamStatus.OK, join_card_blocks(card.text, _PHOTO))
        case _:
            prints = bytes(_FINGERPRINT_SIZE) * card.fingerprints
            return encode_reply(SamStatus.OK, join_card_blocks(card.text, _PHOTO, prints))
