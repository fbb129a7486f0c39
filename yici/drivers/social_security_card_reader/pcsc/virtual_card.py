"""What a social-security card says to each command; pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from yici.contract.people import Identity
from yici.drivers.social_security_card_reader.pcsc.apdu import APPLICATION
from yici.drivers.social_security_card_reader.pcsc.card_files import (
    HOLDER_FILE,
    ISSUER_FILE,
    Tag,
    encode_holder,
    encode_record,
)

ATR = bytes.fromhex("3B6D000053534331000000000000009000")  # T=0, historical bytes of our own

_OK = b"\x90\x00"
_NOT_FOUND = b"\x6a\x82"
_NO_RECORD = b"\x6a\x83"
_WRONG_PARAMETERS = b"\x6a\x86"
_UNKNOWN_INSTRUCTION = b"\x6d\x00"
_PROTECTED = b"\x69\x82"


class CardManner(StrEnum):
    """How a card deals with who asks."""

    OPEN = "open"
    BY_NUMBER = "by_number"  # knows its records by their number only
    FETCHED = "fetched"  # says that an answer waits, as cards with T=0 may
    PROTECTED = "protected"  # shows its holder to a secured reader only
    ANOTHER = "another"  # no social-security card at all


@dataclass(slots=True)
class VirtualCard:
    """One card; `power_up` before the first command, as a reader does."""

    records: dict[int, bytes]
    manner: CardManner = CardManner.OPEN
    _file: dict[int, bytes] | None = None
    _selected: bool = False
    _waiting: bytes = field(default=b"", repr=False)

    def power_up(self) -> None:
        """Forget what was selected."""
        self._file, self._selected, self._waiting = None, False, b""

    def answer(self, command: bytes) -> bytes:
        """Data and status word; any bytes get one."""
        if len(command) < 4 or command[0] != 0:
            return _UNKNOWN_INSTRUCTION
        match command[1]:
            case 0xA4:
                return self._select(command)
            case 0xB2:
                return self._hand_over(self._read(command[2], command[3]))
            case 0xC0:
                waiting, self._waiting = self._waiting, b""
                return waiting + _OK if waiting else _WRONG_PARAMETERS
        return _UNKNOWN_INSTRUCTION

    def _select(self, command: bytes) -> bytes:
        name = command[5:]
        if command[2] == 0x04:
            self._selected = name == APPLICATION and self.manner is not CardManner.ANOTHER
            return _OK if self._selected else _NOT_FOUND
        if not self._selected:
            return _NOT_FOUND
        file = int.from_bytes(name, "big")
        if file not in (ISSUER_FILE, HOLDER_FILE):
            return _NOT_FOUND
        of_issuer = file == ISSUER_FILE
        self._file = {
            tag: value
            for tag, value in self.records.items()
            if (tag == Tag.CARD_NUMBER) == of_issuer
        }
        return _OK

    def _read(self, which: int, how: int) -> bytes:
        if self._file is None:
            return _NOT_FOUND
        if self.manner is CardManner.PROTECTED:
            return _PROTECTED
        if how == 0x04:
            records = list(self._file.items())
            if not 1 <= which <= len(records):
                return _NO_RECORD
            return encode_record(*records[which - 1]) + _OK
        if how != 0x00 or self.manner is CardManner.BY_NUMBER:
            return _WRONG_PARAMETERS
        value = self._file.get(which)
        return _NO_RECORD if value is None else encode_record(which, value) + _OK

    def _hand_over(self, answer: bytes) -> bytes:
        if self.manner is not CardManner.FETCHED or len(answer) <= 2:
            return answer
        self._waiting = answer[:-2]
        return bytes([0x61, len(self._waiting)])


def card_of(identity: Identity, manner: CardManner = CardManner.OPEN) -> VirtualCard:
    """This person's card. Raises CodecError for a name that no card can hold."""
    return VirtualCard({Tag.CARD_NUMBER: b"A00000001", **encode_holder(identity)}, manner)
