"""The questions that a reader is asked, and what a fitting answer to each looks like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yici.drivers.id_card_reader.sam.card_text import NEWEST_ADDRESS_SIZE, TEXT_SIZE
from yici.drivers.id_card_reader.sam.frames import BAUD_RATES, Command, Reply, SamStatus

SAM_ID_TRIES = 3  # some modules answer the first question after power-up with nothing


@dataclass(frozen=True, slots=True)
class SamDeadlines:
    """How long one question may take, in seconds; a spoiled answer is asked for once more."""

    short_s: float = 1.0  # status, SAM id, find, select
    read_s: float = 3.0  # text and photo: radio and decryption beside the line
    address_s: float = 1.5
    gap_s: float = 0.5  # silence inside a frame after which the rest will not come
    poll_interval_s: float = 0.3  # reader makers ask for as much between two looks for a card


class Mishap(StrEnum):
    """Why a question got no answer."""

    SILENT = "silent"
    UNREADABLE = "unreadable"  # bytes, but nothing that begins like a frame
    DAMAGED = "damaged"  # a frame that broke on the way, or an answer to another question


@dataclass(frozen=True, slots=True)
class Question:
    """What to send, how long to wait, and what a successful answer looks like."""

    command: Command
    deadline_s: Callable[[SamDeadlines], float]
    success: SamStatus
    fits: Callable[[int], bool]  # the size of a successful answer's data, in bytes

    def is_answered_by(self, reply: Reply) -> bool:
        """Replies don't name their question: a success of another shape answers an older one."""
        if reply.status not in _WITH_DATA:
            return True
        return reply.status is self.success and self.fits(len(reply.data))


# statuses that carry data only when they answer something: used to tell late answers apart
_WITH_DATA = (SamStatus.OK, SamStatus.CARD_FOUND)

RESET = Question(Command.RESET, lambda d: d.short_s, SamStatus.OK, lambda n: n == 0)
STATUS = Question(Command.STATUS, lambda d: d.short_s, SamStatus.OK, lambda n: n == 0)
SAM_ID = Question(Command.SAM_ID, lambda d: d.short_s, SamStatus.OK, lambda n: n == 16)
FIND = Question(Command.FIND_CARD, lambda d: d.short_s, SamStatus.CARD_FOUND, lambda n: n == 4)
SELECT = Question(Command.SELECT_CARD, lambda d: d.short_s, SamStatus.OK, lambda n: n == 8)
READ = Question(Command.READ_BASE, lambda d: d.read_s, SamStatus.OK, lambda n: n > TEXT_SIZE)
NEWEST_ADDRESS = Question(
    Command.READ_NEWEST_ADDRESS,
    lambda d: d.address_s,
    SamStatus.OK,
    lambda n: n == NEWEST_ADDRESS_SIZE,
)

# by the speed in bits per second that the reader is told to use
SPEEDS: Mapping[int, Question] = {
    bits: Question(command, lambda d: d.short_s, SamStatus.OK, lambda n: n == 0)
    for command, bits in BAUD_RATES.items()
}
