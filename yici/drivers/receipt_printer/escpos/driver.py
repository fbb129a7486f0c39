"""The ESC/POS receipt printer over TCP or a serial line.

    printer = connect("tcp://192.0.2.7:9100")
    outcome = printer.print_image(picture)

A job counts as printed only when the printer has answered a question that stood behind the cut in
its own buffer, and then says that it is well. The line is opened by the first call and again by
the next one after it was lost.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from yici.drivers.device import DeviceState, DeviceStatus, SelfTestStep, answers
from yici.drivers.receipt_printer import PrintEffect, PrintOutcome, ReceiptPrinter
from yici.drivers.receipt_printer.escpos.address import SerialAddress, TcpAddress, parse_address
from yici.drivers.receipt_printer.escpos.commands import FULL_CUT, INITIALISE, feed_lines
from yici.drivers.receipt_printer.escpos.conversation import (
    ByteLine,
    Conversation,
    StalledError,
    Timing,
)
from yici.drivers.receipt_printer.escpos.raster import BAND_ROWS, raster_bands, to_bitmap
from yici.drivers.receipt_printer.escpos.status import printer_status
from yici.drivers.transports.serial_line import FlowControl, LineFault, LineLost, SerialLine
from yici.drivers.transports.tcp import TcpLine

ROWS_PER_MM = 8  # 203 dpi
SLOWEST_PAPER_MM_PER_S = 40
LINES_TO_CUTTER = 5  # the blade sits about 15 mm behind the head

_STATE_OF_FAULT = {
    LineFault.MISSING: DeviceState.DISCONNECTED,
    LineFault.LOST: DeviceState.DISCONNECTED,
    LineFault.IN_USE: DeviceState.BUSY,
    LineFault.NO_PERMISSION: DeviceState.WRONG_SETTING,
}


@dataclass(frozen=True, slots=True)
class Port:
    """How to open the printer's line, and how many bytes a second it carries at best."""

    open_line: Callable[[], ByteLine]
    bytes_per_s: float


class EscPosPrinter(ReceiptPrinter):
    """One printer; used from one thread."""

    def __init__(self, port: Port, *, width_px: int = 576, timing: Timing | None = None) -> None:
        self._port = port
        self._width_px = width_px
        self._timing = timing or Timing()
        self._conversation: Conversation | None = None
        self._piece_hangs_out = False

    @property
    def width_px(self) -> int:
        """Printable width in dots."""
        return self._width_px

    def status(self) -> DeviceStatus:
        """Ask the printer; never raises."""
        was_open = self._conversation is not None
        status = self._ask_status()
        if was_open and status.state is DeviceState.DISCONNECTED:
            # printers drop connections that were idle for a while: that alone is no fault
            status = self._ask_status()
        return status

    def print_image(self, image: Image.Image) -> PrintOutcome:
        """Print one receipt (mode "1" or "L", exactly `width_px` wide), feed and cut.

        Raises ValueError for an image of another width or mode; everything else is an outcome.
        """
        if image.width != self._width_px or image.height < 1:
            raise ValueError(
                f"a receipt is {self._width_px} px wide and at least 1 px high,"
                f" not {image.width} × {image.height}"
            )
        bands = list(raster_bands(to_bitmap(image)))
        before = self.status()
        if not before.works or self._conversation is None:
            return PrintOutcome(PrintEffect.NOT_PRINTED, before, before)
        unfit = self._synchronise(self._conversation)
        if unfit is not None:
            return PrintOutcome(PrintEffect.NOT_PRINTED, before, unfit)
        confirmed = self._run_job(self._conversation, bands, image.height)
        after = self.status()
        if confirmed and after.works:
            return PrintOutcome(PrintEffect.PRINTED, before, after)
        if not confirmed:
            self._abandon_job()
        return PrintOutcome(PrintEffect.UNKNOWN, before, after)

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers."""
        return (answers(self.status()),)

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`."""
        return {"driver": "escpos", "line_open": int(self._conversation is not None)}

    def close(self) -> None:
        """Give the line back; may be called twice."""
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def _synchronise(self, conversation: Conversation) -> DeviceStatus | None:
        """What keeps the printer from starting a job although its status is well; or None."""
        filler = bytes(BAND_ROWS * ((self._width_px + 7) // 8))
        try:
            if conversation.synchronise(filler, 1.5 * len(filler) / self._port.bytes_per_s):
                return None
        except (LineLost, StalledError):
            self.close()
        status = self.status()
        self.close()
        return printer_status(DeviceState.UNKNOWN, "escpos.no_fence") if status.works else status

    def _run_job(self, conversation: Conversation, bands: list[bytes], height_px: int) -> bool:
        """Whether the printer came to the end of it within the deadline."""
        pieces = [INITIALISE, *bands, feed_lines(LINES_TO_CUTTER), FULL_CUT]
        if self._piece_hangs_out:
            # the next person must not get the last one's half slip on top of theirs
            pieces = [INITIALISE, feed_lines(LINES_TO_CUTTER), FULL_CUT, *pieces]
        deadline_s = time.monotonic() + self._job_limit_s(sum(map(len, pieces)), height_px)
        self._piece_hangs_out = True
        try:
            conversation.send(pieces, deadline_s)
            self._piece_hangs_out = not conversation.await_fence(deadline_s)
        except (LineLost, StalledError):
            self.close()
        return not self._piece_hangs_out

    def _job_limit_s(self, size_bytes: int, height_px: int) -> float:
        wire_s = 1.5 * size_bytes / self._port.bytes_per_s
        paper_s = height_px / ROWS_PER_MM / SLOWEST_PAPER_MM_PER_S
        return wire_s + paper_s + self._timing.job_margin_s

    def _abandon_job(self) -> None:
        if self._conversation is not None:
            # a lost line here means that power or cable went, and the printer's memory with it
            with contextlib.suppress(LineLost):
                self._conversation.clear_printer()
            self.close()

    def _ask_status(self) -> DeviceStatus:
        try:
            if self._conversation is None:
                self._conversation = Conversation(self._port.open_line(), self._timing)
            status = self._conversation.ask_status()
        except LineLost as lost:
            self.close()
            return printer_status(_STATE_OF_FAULT[lost.fault], f"line.{lost.fault.value}")
        if status.state in (DeviceState.UNKNOWN, DeviceState.WRONG_SETTING):
            self.close()  # a late answer must not be taken for the next question's
        return status


def connect(
    address: str,
    *,
    width_px: int = 576,
    flow_control: FlowControl = FlowControl.NONE,
    timing: Timing | None = None,
) -> EscPosPrinter:
    """A printer at `tcp://HOST:PORT` or `serial:PATH[@BAUD]`.

    Opens nothing yet, so it works with a printer that is switched off. Raises ValueError with a
    sentence for an address that can't be one, or for a width that no printer has.
    """
    if not 8 <= width_px <= 2048:
        raise ValueError(f"a receipt printer is 8 to 2048 px wide, not {width_px}")
    return EscPosPrinter(
        _port(parse_address(address), flow_control), width_px=width_px, timing=timing
    )


def _port(address: TcpAddress | SerialAddress, flow_control: FlowControl) -> Port:
    if isinstance(address, TcpAddress):
        return Port(lambda: TcpLine(address.host, address.port), bytes_per_s=1_000_000)
    return Port(
        lambda: SerialLine(address.path, baud_rate=address.baud_rate, flow_control=flow_control),
        bytes_per_s=address.baud_rate / 10,
    )
