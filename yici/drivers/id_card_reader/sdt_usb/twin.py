"""A virtual SDT reader on a bus behind a Unix socket; see `redirected_usb.py`.

with SdtUsbTwin(Path("/run/yici/id-card-reader.usb")) as twin:
    reader = connect(twin.address)
    twin.put_card(persona)
    reader.read_card()
"""

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Self

from yici.drivers.id_card_reader.card_desk import SLOW_REPLY_S, CardDesk, SamFault, spoil
from yici.drivers.id_card_reader.sam.frames import LONGEST_REQUEST, FrameParser
from yici.drivers.id_card_reader.sdt_usb.line import (
    HEAD_SIZE,
    IN_BODY,
    IN_HEAD,
    OUT_BODY,
    OUT_HEAD,
)
from yici.drivers.id_card_reader.sdt_usb.redirected_usb import (
    ANSWER,
    LARGEST_TRANSFER,
    REQUEST,
    Operation,
    receive_exactly,
)

_HAND_OVER_S = 10.0

# a bus has no speed to set, and the host controller drops packets that were disturbed
_NOT_ON_A_BUS = (SamFault.WRONG_BAUD, SamFault.NOISE)


class UsbFault(StrEnum):
    """What goes wrong with a USB device only."""

    NO_PERMISSION = "no_permission"  # the terminal's user may not open it
    IN_USE = "in_use"  # another program has claimed it
    STALLED = "stalled"  # its endpoints refuse until each is cleared
    KERNEL_DRIVER = "kernel_driver"  # the kernel has bound a driver of its own to it


class SdtUsbTwin(CardDesk):
    """One reader; every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Nothing is there until `start`. `path` becomes the bus's socket."""
        super().__init__([*(f for f in SamFault if f not in _NOT_ON_A_BUS), *UsbFault])
        self.path = path
        self._plug = threading.Lock()  # over the three below
        self._bus: socket.socket | None = None
        self._handles: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._is_unplugged = threading.Event()

    @property
    def address(self) -> str:
        """The port for a terminal's settings."""
        return f"usb+unix:{self.path}"

    def start(self) -> None:
        """As `plug_in`."""
        self.plug_in()

    def stop(self) -> None:
        """As `unplug`."""
        self.unplug()

    def close(self) -> None:
        """As `unplug`."""
        self.unplug()

    @property
    def is_plugged_in(self) -> bool:
        return self._bus is not None

    def plug_in(self) -> None:
        """A reader that starts anew. Raises OSError when something else has the path."""
        with self._plug:
            if self._bus is not None:
                return
            bus = socket.socket(socket.AF_UNIX)
            _remove_dead_socket(self.path)
            try:
                bus.bind(str(self.path))
            except OSError:
                bus.close()
                raise
            bus.listen()
            self.power_up()
            self._is_unplugged.clear()
            self._bus = bus
            self._start_thread(partial(self._accept, bus))

    def unplug(self) -> None:
        """Pull the plug, also in the middle of a reply; back when nobody can use it any more."""
        with self._plug:
            self._pull()
            threads, self._threads = self._threads, []
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_HAND_OVER_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _pull(self) -> None:
        if self._bus is None:
            return
        self._is_unplugged.set()
        self.path.unlink(missing_ok=True)
        for end in (self._bus, *self._handles):
            with contextlib.suppress(OSError):  # the other end may be gone already
                end.shutdown(socket.SHUT_RDWR)
        self._bus.close()
        self._bus = None

    def _start_thread(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name="sdt-usb-twin", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    # from here on: the twin's threads

    def _accept(self, bus: socket.socket) -> None:
        while True:
            try:
                handle, _ = bus.accept()
            except OSError:  # the plug was pulled
                return
            with self._plug:
                if self._bus is not bus:
                    handle.close()
                    return
                self._handles.add(handle)
                self._start_thread(partial(self._serve, handle))

    def _serve(self, handle: socket.socket) -> None:
        opened = _OpenHandle(self, self._is_unplugged)
        with contextlib.suppress(OSError), handle:  # the host closed it, or the plug was pulled
            while True:
                code, endpoint, timeout_ms, size = REQUEST.unpack(
                    receive_exactly(handle, REQUEST.size)
                )
                operation = Operation(code)
                sent = b""
                if operation is Operation.WRITE:
                    sent = receive_exactly(handle, min(size, LARGEST_TRANSFER))
                number, answer = opened.do(operation, endpoint, sent, timeout_ms / 1000)
                if number == errno.ENODEV:
                    if opened.was_pulled:
                        with self._plug:
                            self._pull()
                    break  # closing the connection says it
                handle.sendall(ANSWER.pack(number, len(answer)) + answer)
        with self._plug:
            self._handles.discard(handle)


class _OpenHandle:
    """The device as one open handle sees it: two pipes in, two pipes out."""

    def __init__(self, desk: SdtUsbTwin, is_unplugged: threading.Event) -> None:
        self._desk = desk
        self._is_unplugged = is_unplugged
        self._parser = FrameParser(longest=LONGEST_REQUEST)
        self._pipes: Mapping[int, bytearray] = {IN_HEAD: bytearray(), IN_BODY: bytearray()}
        self._due_s = 0.0  # when what lies in the pipes may be taken
        self._halted: set[int] = set()
        self._is_driver_bound = False
        self.was_pulled = False

    def do(
        self, operation: Operation, endpoint: int, sent: bytes, timeout_s: float
    ) -> tuple[int, bytes]:
        """An errno, 0 for success, and what was read."""
        match operation:
            case Operation.WRITE:
                return self._write(endpoint, sent)
            case Operation.READ:
                return self._read(endpoint, timeout_s)
            case Operation.IS_KERNEL_DRIVER_ACTIVE:
                return 0, bytes([self._is_driver_bound])
            case _:
                return self._manage(operation, endpoint), b""

    def _manage(self, operation: Operation, endpoint: int) -> int:
        faults = self._desk.faults
        if operation is Operation.OPEN:
            self._is_driver_bound = UsbFault.KERNEL_DRIVER in faults
            return errno.EACCES if UsbFault.NO_PERMISSION in faults else 0
        if operation is Operation.CLAIM:
            return errno.EBUSY if UsbFault.IN_USE in faults or self._is_driver_bound else 0
        if operation is Operation.DETACH_KERNEL_DRIVER:
            self._is_driver_bound = False
        if operation is Operation.CLEAR_HALT:
            self._halted.discard(endpoint)
        return 0

    def _write(self, endpoint: int, sent: bytes) -> tuple[int, bytes]:
        if endpoint in self._halted:
            return errno.EPIPE, b""
        if endpoint == OUT_HEAD:  # a new request puts an end to an unfinished one
            self._parser = FrameParser(longest=LONGEST_REQUEST)
        requests = self._parser.feed(sent)
        if endpoint == OUT_BODY:
            requests += self._parser.finish()
        for request in requests:
            reply, faults = self._desk.reply_to(request)
            if UsbFault.STALLED in faults:
                self._halted |= {IN_HEAD, IN_BODY}
            elif SamFault.SILENT not in faults:
                self._say(spoil(reply, faults), faults)
        return 0, b""

    def _say(self, reply: bytes, faults: frozenset[StrEnum]) -> None:
        self._due_s = time.monotonic() + (SLOW_REPLY_S if SamFault.SLOW in faults else 0.0)
        self._pipes[IN_HEAD][:] = reply[:HEAD_SIZE]
        self._pipes[IN_BODY][:] = reply[HEAD_SIZE:]

    def _read(self, endpoint: int, timeout_s: float) -> tuple[int, bytes]:
        if endpoint in self._halted:
            return errno.EPIPE, b""
        pipe = self._pipes.get(endpoint)
        wait_s = self._due_s - time.monotonic() if pipe else timeout_s
        if self._is_unplugged.wait(max(0.0, min(wait_s, timeout_s))):
            return errno.ENODEV, b""
        if not pipe or wait_s > timeout_s:
            return errno.ETIMEDOUT, b""
        if SamFault.PULLED_MID_REPLY in self._desk.faults and len(pipe) > 1000:
            self.was_pulled = True
            return errno.ENODEV, b""
        data = bytes(pipe)
        pipe.clear()
        return 0, data


def _remove_dead_socket(path: Path) -> None:
    """A socket of a twin that was killed is in the way; a living one, or a file, is not ours."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)


def start_twin(directory: Path) -> SdtUsbTwin:
    """A reader that is plugged in, somewhere in `directory`; see `DriverDescriptor.twin`."""
    twin = SdtUsbTwin(directory / "id-card-reader.usb")
    twin.start()
    return twin
