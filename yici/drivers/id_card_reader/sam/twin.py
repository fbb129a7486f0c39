"""A virtual reader on a pty: cards are laid on it and faults switched on by a call.

    with SamTwin(Path("/run/yici/id-card-reader")) as twin:
        reader = connect(str(twin.path))
        twin.put_card(persona)
        reader.read_card()

Its bytes take the time that they take on a real line, unless told otherwise.
"""

import contextlib
import os
import select
import threading
import time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from yici.drivers.id_card_reader.card_desk import SLOW_REPLY_S, CardDesk, SamFault, spoil
from yici.drivers.id_card_reader.sam.frames import LONGEST_REQUEST, Damage, FrameParser
from yici.drivers.id_card_reader.sam.virtual_sam import find_new_baud_rate
from yici.drivers.transports.pty_port import PtyPort
from yici.drivers.transports.wrong_speed import heard_at_another_speed

_BITS_PER_BYTE = 10  # 8N1: start bit, eight data bits, stop bit
_CHUNK_SIZE = 16  # bytes handed over at once, as a USB adapter's FIFO does
_REQUEST_SIZE = 10  # bytes; a pty hands them over at once, a line does not
_ODD_BAUD_RATE = 250_000  # stands for every speed that the port can't name
_REQUEST_GAP_S = 0.2  # silence after which a half request is given up
_HAND_OVER_S = 10.0  # for the twin's thread to do what was asked of it

__all__ = ["Pace", "SamFault", "SamTwin"]


class Pace(StrEnum):
    """How fast replies are sent."""

    LINE = "line"  # as long as the bits take at the line's speed
    AT_ONCE = "at_once"


class SamTwin(CardDesk):
    """One reader at `path`; every method may be called from any thread."""

    def __init__(self, path: Path, *, baud_rate: int = 115200, pace: Pace = Pace.LINE) -> None:
        """Nothing is there until `start`."""
        super().__init__(tuple(SamFault))
        self.path = path
        self._baud_rate = baud_rate
        self._pace = pace
        self._port: PtyPort | None = None
        self._port_changed = threading.Condition()  # over _port; only the thread takes it away
        self._is_plug_pulled = threading.Event()
        self._is_stopping = threading.Event()
        self._wake_read, self._wake_write = -1, -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Plug the reader in and listen; no effect when it runs.

        Raises FileExistsError when the path is taken.
        """
        if self._thread is not None:
            return
        self._port = PtyPort(self.path)
        self._is_plug_pulled.clear()
        self._is_stopping.clear()
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="sam-twin", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Pull the plug and end the thread; may be called twice."""
        if self._thread is None:
            return
        self._is_stopping.set()
        self._wake()
        self._thread.join(_HAND_OVER_S)
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._thread = None

    @property
    def address(self) -> str:
        """The port for a terminal's settings."""
        return str(self.path)

    def close(self) -> None:
        """As `stop`."""
        self.stop()

    @property
    def is_plugged_in(self) -> bool:
        return self._port is not None

    def unplug(self) -> None:
        """Pull the USB plug, also in the middle of a reply; back when the path is gone."""
        self._is_plug_pulled.set()
        self._await_pulled_plug()

    def plug_in(self) -> None:
        """Plug it in again: a new port under the same path, and a reader that starts anew.

        Raises FileExistsError when something else has the path.
        """
        self._await_pulled_plug()
        with self._port_changed:
            if self._port is None and self._thread is not None:
                self._port = PtyPort(self.path)
                self.power_up()
        self._wake()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _wake(self) -> None:
        if self._thread is not None:
            os.write(self._wake_write, b"!")

    def _await_pulled_plug(self) -> None:
        """Until the thread has let go of a port that was pulled, if one was."""
        self._wake()
        with self._port_changed:
            if not self._port_changed.wait_for(self._has_let_go, _HAND_OVER_S):
                raise TimeoutError("the twin's thread does not answer; stop and start the twin")

    def _has_let_go(self) -> bool:
        return self._thread is None or not self._is_plug_pulled.is_set()

    # from here on: the twin's thread

    @property
    def _is_interrupted(self) -> bool:
        return self._is_plug_pulled.is_set() or self._is_stopping.is_set()

    def _run(self) -> None:
        parser_of: PtyPort | None = None
        parser = FrameParser(longest=LONGEST_REQUEST)
        try:
            while not self._is_stopping.is_set():
                if self._is_plug_pulled.is_set():
                    self._let_go()
                port = self._port
                if port is not parser_of:
                    parser_of, parser = port, FrameParser(longest=LONGEST_REQUEST)
                for request in self._listen(port, parser):
                    self._answer(port, request)
        finally:
            self._let_go()

    def _listen(self, port: PtyPort | None, parser: FrameParser) -> list[bytes | Damage]:
        gap_s = _REQUEST_GAP_S if parser.is_inside_frame else None
        ready = self._wait(port, gap_s)
        if not ready:
            return parser.finish()
        if port is None or port.device_fd not in ready:
            return []
        data = port.read()
        if data and port.find_host_baud_rate() != self._own_baud_rate():
            # bits of another speed are no request: the reader complains, at its own speed
            return [Damage.LENGTH]
        return parser.feed(data)

    def _wait(self, port: PtyPort | None, timeout_s: float | None) -> list[int]:
        """Descriptors with something to read; a wake-up is drained, and counts."""
        watched = [self._wake_read] if port is None else [self._wake_read, port.device_fd]
        ready, _, _ = select.select(watched, [], [], timeout_s)
        if self._wake_read in ready:
            os.read(self._wake_read, 64)
        return ready

    def _own_baud_rate(self) -> int:
        if SamFault.WRONG_BAUD not in self.faults:
            return self._baud_rate
        return 9600 if self._baud_rate != 9600 else 19200

    def _answer(self, port: PtyPort | None, request: bytes | Damage) -> None:
        started_s = time.monotonic()
        baud_rate = self._own_baud_rate()
        reply, faults = self.reply_to(request)
        self._baud_rate = find_new_baud_rate(request) or self._baud_rate
        if SamFault.SILENT in faults or port is None:
            return
        if SamFault.SLOW in faults:
            started_s += SLOW_REPLY_S
            self._wait_until(started_s)
        if SamFault.PULLED_MID_REPLY in faults and len(reply) > 1000:
            self._send(port, reply[: len(reply) // 2], baud_rate, started_s)
            self._is_plug_pulled.set()
            return
        reply = spoil(reply, faults)
        host_baud_rate = port.find_host_baud_rate() or _ODD_BAUD_RATE
        if host_baud_rate != baud_rate:
            reply = heard_at_another_speed(reply, sent_at=baud_rate, heard_at=host_baud_rate)
        self._send(port, reply, baud_rate, started_s)

    def _send(self, port: PtyPort, data: bytes, baud_rate: int, started_s: float) -> None:
        """At the line's pace by an absolute timetable; ends at once when the plug is pulled."""
        byte_s = _BITS_PER_BYTE / baud_rate
        for start in range(0, len(data), _CHUNK_SIZE):
            chunk = data[start : start + _CHUNK_SIZE]
            if self._pace is Pace.LINE:
                self._wait_until(started_s + (_REQUEST_SIZE + start + len(chunk)) * byte_s)
            if self._is_interrupted:
                return
            port.write(chunk)

    def _wait_until(self, due_s: float) -> None:
        while not self._is_interrupted and (left_s := due_s - time.monotonic()) > 0:
            self._wait(None, left_s)

    def _let_go(self) -> None:
        with self._port_changed:
            if self._port is not None:
                with contextlib.suppress(OSError):  # the path's directory may be gone already
                    self._port.close()
            self._port = None
            self._is_plug_pulled.clear()
            self._port_changed.notify_all()


def start_twin(directory: Path) -> SamTwin:
    """A reader that is plugged in, somewhere in `directory`; see `DriverDescriptor.twin`."""
    twin = SamTwin(directory / "id-card-reader")
    twin.start()
    return twin
