"""What the printer's status bytes mean (Epson DLE EOT 1–4 and GS r 1); bytes in, values out.

A status byte proves little: 16 of 256 values have its fixed bits, among them the letters "2", "6",
">", "R" and "~". So four answers are looked at together. `repeats_itself` finds a peer that says
the same whatever it is asked, `contradicts_itself` four answers that one printer in one moment
doesn't give. What is done about it stands in `Conversation.ask_status`.
"""

from collections.abc import Mapping
from enum import IntFlag

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.receipt_printer.escpos.commands import MODEL_END, MODEL_START, StatusQuery

QUERIES: tuple[StatusQuery, ...] = (1, 2, 3, 4)
_ALL_WELL = 0x12


class PrinterBits(IntFlag):
    """DLE EOT 1: the printer as a whole."""

    OFFLINE = 0x08


class OfflineBits(IntFlag):
    """DLE EOT 2: why it is offline."""

    COVER_OPEN = 0x04
    STOPPED_BY_PAPER_END = 0x20
    ERROR = 0x40


class ErrorBits(IntFlag):
    """DLE EOT 3: which error."""

    CUTTER = 0x08
    UNRECOVERABLE = 0x20
    AUTO_RECOVERABLE = 0x40  # usually an overheated head


class PaperBits(IntFlag):
    """DLE EOT 4: the roll; each sensor sets a pair of bits."""

    NEAR_END = 0x0C
    OUT = 0x60


# bits → state, the first that matches wins: the most specific thing that a person can mend
_MEANING: tuple[tuple[StatusQuery, int, DeviceState, str], ...] = (
    (2, OfflineBits.COVER_OPEN, DeviceState.COVER_OPEN, "escpos.cover_open"),
    (3, ErrorBits.CUTTER, DeviceState.CUTTER_JAMMED, "escpos.cutter"),
    (4, PaperBits.OUT, DeviceState.PAPER_OUT, "escpos.paper_out"),
    (2, OfflineBits.STOPPED_BY_PAPER_END, DeviceState.PAPER_OUT, "escpos.stopped_by_paper_end"),
    (3, ErrorBits.UNRECOVERABLE, DeviceState.FAULT, "escpos.unrecoverable"),
    (3, ErrorBits.AUTO_RECOVERABLE, DeviceState.FAULT, "escpos.auto_recoverable"),
    (2, OfflineBits.ERROR, DeviceState.FAULT, "escpos.error"),
    (1, PrinterBits.OFFLINE, DeviceState.OFFLINE, "escpos.offline"),
    (4, PaperBits.NEAR_END, DeviceState.PAPER_NEAR_END, "escpos.paper_near_end"),
)


def is_status_byte(byte: int) -> bool:
    """Whether `byte` can be an answer to DLE EOT: bits 0 and 7 clear, bits 1 and 4 set."""
    return byte & 0x93 == 0x12


def is_fence_byte(byte: int) -> bool:
    """Whether `byte` can be an answer to GS r 1: bits 4 and 7 clear, so never a status byte."""
    return byte & 0x90 == 0


def repeats_itself(answers: Mapping[StatusQuery, int]) -> bool:
    """Whether four different questions got one answer that isn't "all is well"."""
    values = set(answers.values())
    return len(answers) == len(QUERIES) and len(values) == 1 and values != {_ALL_WELL}


def contradicts_itself(answers: Mapping[StatusQuery, int]) -> bool:
    """Whether a sensor's pair of bits disagrees, or the printer has stopped and isn't offline.

    It happens honestly when something changes between two questions, and with makers who set one
    bit of a pair.
    """
    if len(answers) < len(QUERIES):
        return False
    pairs = (PaperBits.NEAR_END, PaperBits.OUT)
    halved = any(answers[4] & pair not in (0, pair) for pair in pairs)
    stopped = OfflineBits.COVER_OPEN | OfflineBits.STOPPED_BY_PAPER_END | OfflineBits.ERROR
    return halved or bool(answers[2] & stopped and not answers[1] & PrinterBits.OFFLINE)


def parse_status(answers: Mapping[StatusQuery, int]) -> DeviceStatus:
    """The status that four answers to DLE EOT 1–4 describe.

    An answer that is missing gives UNKNOWN, one with wrong fixed bits WRONG_SETTING: whatever
    sent it, it wasn't a status byte of an ESC/POS printer on a line set like ours.
    """
    for query in QUERIES:
        if query not in answers:
            return printer_status(DeviceState.UNKNOWN, f"escpos.no_answer_{query}")
        if not is_status_byte(answers[query]):
            return printer_status(DeviceState.WRONG_SETTING, "escpos.not_a_status_byte")
    for query, bits, state, code in _MEANING:
        if answers[query] & bits:
            return printer_status(state, code)
    return printer_status(DeviceState.READY)


def parse_model(answer: bytes) -> str:
    """The model's name in an answer to GS I 67; "" when it is none."""
    start = answer.find(MODEL_START)
    end = answer.find(MODEL_END, start)
    if start < 0 or end < 0:
        return ""
    name = answer[start + 1 : end].decode("ascii", "replace")
    return "".join(letter for letter in name if letter.isascii() and letter.isprintable())[:32]


def printer_status(state: DeviceState, code: str = "") -> DeviceStatus:
    """A receipt printer's status."""
    return DeviceStatus(DeviceKind.RECEIPT_PRINTER, state, code)
