"""A virtual receipt printer: real ESC/POS over a socket, a pty or a file; PNGs instead of paper.

    with EscPosTwin.on_tcp(directory) as twin:
        printer = connect(twin.address)
        twin.set_condition(TwinCondition.PAPER_OUT)

It behaves like a printer and not like a mock: it goes offline in the middle of a job, keeps what
it has not printed and prints it when paper is put in, unless it is told to forget it.
"""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Self

from yici.drivers.device import DeviceKind
from yici.drivers.receipt_printer.escpos.paper import Paper, Slip
from yici.drivers.receipt_printer.escpos.stream import (
    Command,
    CommandStream,
    Control,
    RealTimeScanner,
)
from yici.drivers.receipt_printer.escpos.twin_line import PrinterEnd, PtyEnd, TcpEnd, UsbEnd
from yici.drivers.twin import NO_FAULT, Act, Twin

_RECEIVE_BUFFER_BYTES = 4 << 20
_PACED_STEP_BYTES = 256
_ROWS_PER_MM = 8
_PRINT_STEP_S = 0.02
_GARBAGE = b"\xf8"  # what an answer at the wrong speed looks like
_MODEL_ANSWER = b"_YICI TWIN\0"
SLOW_ANSWER_S = 1.2


class TwinCondition(StrEnum):
    """What can be wrong with the twin; several may hold at once."""

    NEAR_END = "near_end"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    CUTTER_JAM = "cutter_jam"  # shows at the next cut
    UNRECOVERABLE = "unrecoverable"  # a failure of its own
    HEAD_HOT = "head_hot"  # goes on by itself when it has cooled
    SILENT = "silent"  # prints and never answers
    STALLED = "stalled"  # takes no more bytes
    GARBAGE = "garbage"  # answers what is no status byte
    SLOW = "slow"  # answers SLOW_ANSWER_S late


class EscPosTwin(Twin):
    """One virtual printer; its commands may come from any thread.

    As a `Twin` it has one fault at a time; `set_condition` can do more, and later.
    """

    def __init__(
        self,
        end: PrinterEnd,
        slip_directory: Path,
        *,
        width_px: int = 576,
        paper_mm_per_s: float = 150.0,
        slow_answer_s: float = SLOW_ANSWER_S,
    ) -> None:
        slip_directory.mkdir(parents=True, exist_ok=True)
        self._end = end
        self._paper = Paper(slip_directory, width_px)
        self._stream = CommandStream()
        self._scanner = RealTimeScanner()
        self._held: Command = None  # a cut that the jammed blade could not do
        self._jammed = False
        self._rows_per_s = paper_mm_per_s * _ROWS_PER_MM
        self._head_free_at_s = 0.0  # monotonic; until then the paper is moving
        self._conditions: set[TwinCondition] = set()
        self._due: list[tuple[int, Callable[[], object]]] = []  # at which row what happens
        self._late: deque[tuple[float, int, bytes]] = deque()  # when, to which connection, what
        self._slow_answer_s = slow_answer_s
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wake_fds: tuple[int, int] | None = None

    @classmethod
    def on_tcp(
        cls,
        slip_directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        width_px: int = 576,
        paper_mm_per_s: float = 150.0,
    ) -> Self:
        """A network printer; port 0 takes a free one, see `address` after `start()`."""
        end = TcpEnd(host, port)
        return cls(end, slip_directory, width_px=width_px, paper_mm_per_s=paper_mm_per_s)

    @classmethod
    def on_serial(
        cls,
        slip_directory: Path,
        link: Path,
        *,
        baud_rate: int = 115200,
        width_px: int = 576,
        paper_mm_per_s: float = 150.0,
    ) -> Self:
        """A serial printer on a pty under the symlink `link`, as fast as a real line."""
        end = PtyEnd(link, baud_rate)
        return cls(end, slip_directory, width_px=width_px, paper_mm_per_s=paper_mm_per_s)

    @classmethod
    def on_usb(
        cls,
        slip_directory: Path,
        link: Path,
        *,
        width_px: int = 576,
        paper_mm_per_s: float = 150.0,
    ) -> Self:
        """A USB printer: a pty under `link` that stands for /dev/usb/lp0."""
        return cls(UsbEnd(link), slip_directory, width_px=width_px, paper_mm_per_s=paper_mm_per_s)

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.RECEIPT_PRINTER

    @property
    def fault_names(self) -> Sequence[str]:
        """Each of the conditions."""
        return tuple(condition.value for condition in TwinCondition)

    @property
    def fault(self) -> str:
        """The present condition; the first by name when several hold."""
        return min((condition.value for condition in self.conditions), default=NO_FAULT)

    def set_fault(self, name: str) -> None:
        """This condition alone; raises ValueError for one that there isn't."""
        if name == NO_FAULT:
            self._end_conditions()
            return
        condition = TwinCondition(name)
        self._end_conditions()
        self.set_condition(condition)

    @property
    def acts(self) -> Sequence[Act]:
        return (Act("tear_off"), Act("put_in_roll"))

    def act(self, name: str, argument: str = "") -> None:
        """Tear off what hangs out, or put in a new roll; raises ValueError for anything else."""
        if argument or name not in {act.name for act in self.acts}:
            raise ValueError(f"a receipt printer's acts are tear_off and put_in_roll, not {name!r}")
        if name == "put_in_roll":
            for condition in (TwinCondition.PAPER_OUT, TwinCondition.NEAR_END):
                self.clear(condition)
            return
        with self._change:
            self._paper.cut()
            self._change.notify_all()

    def close(self) -> None:
        """See `stop`."""
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it, in the driver's own notation."""
        return self._end.address

    @property
    def slips(self) -> list[Slip]:
        """What was printed and cut, oldest first."""
        with self._change:
            return list(self._paper.slips)

    @property
    def uncut_height_px(self) -> int:
        """How much paper hangs out of the printer."""
        with self._change:
            return self._paper.uncut_height_px

    @property
    def conditions(self) -> frozenset[TwinCondition]:
        """What is wrong at the moment."""
        with self._change:
            return frozenset(self._conditions)

    @property
    def is_plugged_in(self) -> bool:
        """Whether there is a line to it."""
        with self._change:
            return self._end.find_fd() is not None

    def set_condition(self, condition: TwinCondition, *, after_rows: int = 0) -> None:
        """Make something go wrong: at once, or once `after_rows` more rows are printed."""
        self._arrange(lambda: self._conditions.add(condition), after_rows)

    def clear(self, condition: TwinCondition) -> None:
        """Mend it; what the printer still holds is printed."""
        with self._change:
            self._conditions.discard(condition)
            if condition is TwinCondition.CUTTER_JAM:
                self._jammed = False
        self._wake()

    def unplug(self, *, after_rows: int = 0) -> None:
        """Pull cable and power, at once or once `after_rows` more rows are printed.

        What was received and not printed is forgotten.
        """
        self._arrange(self._pull_out, after_rows)

    def plug_in(self) -> None:
        """Back at the same address."""
        with self._change:
            if self._end.find_fd() is None:
                self._end.plug_in()
        self._wake()

    def mend(self) -> None:
        """Everything is well again, and nothing will go wrong that was to go wrong later."""
        self._end_conditions()
        self.plug_in()

    def wait_for_slips(self, count: int, *, timeout_s: float) -> bool:
        """Whether there are `count` slips within `timeout_s`."""
        with self._change:
            return self._change.wait_for(lambda: len(self._paper.slips) >= count, timeout_s)

    def start(self) -> None:
        """Plug it in and let it print; raises OSError when the port or the link is taken."""
        self.plug_in()
        self._wake_fds = os.pipe()
        self._thread = threading.Thread(target=self._run, name="escpos-twin", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Unplug it and end its thread; may be called twice."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        self._wake()
        thread.join(timeout=10)
        self._end.release()
        if self._wake_fds is not None:
            for fd in self._wake_fds:
                os.close(fd)
            self._wake_fds = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _end_conditions(self) -> None:
        with self._change:
            self._due.clear()
            self._conditions.clear()
            self._jammed = False
        self._wake()

    def _arrange(self, event: Callable[[], object], after_rows: int) -> None:
        with self._change:
            if after_rows > 0:
                self._due.append((self._paper.rows_printed + after_rows, event))
            else:
                event()
        self._wake()

    def _pull_out(self) -> None:
        self._end.unplug()
        self._forget()
        self._late.clear()
        self._scanner = RealTimeScanner()
        self._paper.reset()

    def _wake(self) -> None:
        if self._wake_fds is not None:
            os.write(self._wake_fds[1], b"w")

    def _run(self) -> None:
        while self._thread is not None:
            received_bytes = 0
            if self._wait():
                with self._change:
                    received_bytes = self._receive()
            with self._change:
                self._send_late()
                self._print_buffered()
                self._change.notify_all()
            if received_bytes and self._end.bytes_per_s is not None:
                self._poll([], received_bytes / self._end.bytes_per_s)

    def _wait(self) -> bool:
        """Until there is input (True), or the head is free, or something else to look at."""
        with self._change:
            fd = self._end.find_fd()
            full = self._stream.buffered_bytes >= _RECEIVE_BUFFER_BYTES
            if full or TwinCondition.STALLED in self._conditions:
                fd = None
            now_s = time.monotonic()
            waits_s = [self._head_free_at_s - now_s] if self._head_free_at_s > now_s else []
            if self._late:
                waits_s.append(max(0.0, self._late[0][0] - now_s))
        return self._poll([] if fd is None else [fd], min(waits_s, default=None))

    def _poll(self, fds: list[int], timeout_s: float | None) -> bool:
        if self._wake_fds is None:
            return False
        poller = select.poll()
        for fd in (self._wake_fds[0], *fds):
            poller.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poller.poll(None if timeout_s is None else timeout_s * 1000)}
        if self._wake_fds[0] in ready:
            os.read(self._wake_fds[0], 4096)
        return any(fd in ready for fd in fds)

    def _receive(self) -> int:
        paced = self._end.bytes_per_s is not None
        data = self._end.receive(_PACED_STEP_BYTES if paced else 1 << 16)
        if not self._end.is_set_right:
            self._answer(_GARBAGE * min(3, len(data)))
            return len(data)
        start = 0
        for end, query in self._scanner.scan(data):
            self._stream.push(data[start:end])
            start = max(start, end)
            if query is None:
                self._forget()
                self._answer(b"\x37\x25\x00")  # the "cleared" message
            else:
                self._answer(bytes((self._status_byte(query),)))
        self._stream.push(data[start:])
        return len(data)

    def _answer(self, data: bytes) -> None:
        if TwinCondition.SILENT in self._conditions:
            return
        if TwinCondition.GARBAGE in self._conditions:
            data = _GARBAGE * 3
        connection = self._end.connection
        while self._late and self._late[0][1] != connection:
            self._late.popleft()  # whoever asked has gone
        slow = TwinCondition.SLOW in self._conditions
        if slow or self._late:  # one after the other, as they were asked for
            due_s = time.monotonic() + self._slow_answer_s if slow else self._late[-1][0]
            self._late.append((due_s, connection, data))
        else:
            self._end.send(data)

    def _send_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, connection, data = self._late.popleft()
            if connection == self._end.connection:
                self._end.send(data)

    def _forget(self) -> None:
        self._stream.clear()
        self._held = None

    def _print_buffered(self) -> None:
        """Print what the head has time for; called again when the paper has moved that far."""
        now_s = time.monotonic()
        if now_s < self._head_free_at_s:
            return
        first_row = self._paper.rows_printed
        while not self._is_stopped and self._obey_next():
            moving_s = (self._paper.rows_printed - first_row) / self._rows_per_s
            if moving_s >= _PRINT_STEP_S:
                self._head_free_at_s = now_s + moving_s
                return

    def _obey_next(self) -> bool:
        """Carry out one command; False when there is none."""
        command = self._held or self._stream.find_next()
        self._held = None
        if command is None:
            return False
        if command is Control.CUT and TwinCondition.CUTTER_JAM in self._conditions:
            self._jammed, self._held = True, command
        elif command is Control.CUT:
            self._paper.cut()
        elif command is Control.FENCE:
            near_end = TwinCondition.NEAR_END in self._conditions
            self._answer(b"\x03" if near_end else b"\x00")
        elif command is Control.MODEL:
            self._answer(_MODEL_ANSWER)
        else:
            self._paper.obey(command)
            self._happen()
        return True

    def _happen(self) -> None:
        due = [event for row, event in self._due if row <= self._paper.rows_printed]
        if due:
            self._due = [entry for entry in self._due if entry[0] > self._paper.rows_printed]
            for event in due:
                event()

    @property
    def _is_stopped(self) -> bool:
        return self._jammed or bool(self._conditions & _STOPPING)

    def _status_byte(self, query: int) -> int:
        bits = 0x12
        if query == 1 and self._is_stopped:
            bits |= 0x08
        if query == 2 and (self._jammed or self._conditions & _ERRORS):
            bits |= 0x40
        if query == 3 and self._jammed:
            bits |= 0x08
        for condition in self._conditions:
            bits |= _STATUS_BITS.get((condition, query), 0)
        return bits


_ERRORS = frozenset({TwinCondition.UNRECOVERABLE, TwinCondition.HEAD_HOT})
_STOPPING = _ERRORS | {TwinCondition.PAPER_OUT, TwinCondition.COVER_OPEN, TwinCondition.OFFLINE}

_STATUS_BITS = {
    (TwinCondition.COVER_OPEN, 2): 0x04,
    (TwinCondition.PAPER_OUT, 2): 0x20,
    (TwinCondition.PAPER_OUT, 4): 0x6C,  # a roll that is out is near its end, too
    (TwinCondition.NEAR_END, 4): 0x0C,
    (TwinCondition.UNRECOVERABLE, 3): 0x20,
    (TwinCondition.HEAD_HOT, 3): 0x40,
}


def start_twin(directory: Path) -> EscPosTwin:
    """A network printer with 80 mm paper, plugged in; its slips lie under `directory`."""
    twin = EscPosTwin.on_tcp(directory / "slips")
    twin.start()
    return twin
