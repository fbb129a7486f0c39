"""A virtual card in a virtual reader of a real pcscd.

The card speaks to vsmartcard's reader over TCP: two bytes of length, then one byte of control
(off, on, reset, give the ATR) or a command; only the ATR and commands are answered.
"""

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final, Self

from yici.contract.people import Identity
from yici.drivers.device import DeviceKind
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.social_security_card_reader.pcsc.private_pcscd import (
    PrivatePcscd,
    find_free_port_pair,
)
from yici.drivers.social_security_card_reader.pcsc.virtual_card import (
    ATR,
    CardManner,
    VirtualCard,
    card_of,
)
from yici.drivers.twin import NO_FAULT, Act

SLOW_ANSWER_S: Final = 0.3
_CONNECT_EVERY_S: Final = 0.05
# nobody changes a card faster, and pcscd, which looks every 0.4 s, would not see that one was out
_CHANGE_S: Final = 0.6
_GARBAGE: Final = bytes(range(0x30, 0x50)) + b"\x90\x00"
_GIVE_ATR: Final = b"\x04"
_READER_NAME: Final = "Virtual PCD 00 00"


class SscFault(StrEnum):
    """What can be made to go wrong, one at a time."""

    SILENT = "silent"  # the service takes everything and answers nothing
    GARBAGE = "garbage"  # the card answers what is no record
    SLOW = "slow"  # the card answers late
    MUTE_CARD = "mute_card"  # the card answers nothing, once powered
    PULLED_MID_READING = "pulled_mid_reading"  # the card is taken out while it is read
    SERVICE_STOPPED = "service_stopped"


class PcscTwin:
    """One reader; orders may come from any thread."""

    def __init__(self) -> None:
        """Plugged in, without a card. Raises NoPcscd."""
        self._directory = Path(tempfile.mkdtemp(prefix="yici-pcsc-"))  # short enough for a socket
        self._socket_path = self._directory / "pcscd.comm"
        self._port = 0
        self._guard = threading.RLock()
        self._card: VirtualCard | None = None
        self._link: _CardLink | None = None
        self._fault = NO_FAULT
        self._plugged_in = True
        self._ejected_s = 0.0
        self._closed = False
        self._daemon: PrivatePcscd | None = None
        try:
            self._start_daemon()
        except OSError:
            shutil.rmtree(self._directory)
            raise

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.SOCIAL_SECURITY_CARD_READER

    @property
    def address(self) -> str:
        """What a terminal's settings say: the reader, at a service of its own."""
        return f"{_READER_NAME}@{self._socket_path}"

    @property
    def is_plugged_in(self) -> bool:
        return self._plugged_in

    def plug_in(self) -> None:
        """A service that knows the reader."""
        with self._guard:
            if not self._plugged_in and not self._closed:
                self._plugged_in = True
                self._restart_daemon()

    def unplug(self) -> None:
        """A service that doesn't: the virtual reader itself can't be pulled."""
        with self._guard:
            if self._plugged_in:
                self._plugged_in = False
                self._restart_daemon()

    @property
    def fault_names(self) -> Sequence[str]:
        return tuple(fault.value for fault in SscFault)

    @property
    def fault(self) -> str:
        return self._fault

    def set_fault(self, name: str) -> None:
        """See `Twin`."""
        if name != NO_FAULT and name not in self.fault_names:
            known = ", ".join(self.fault_names)
            raise ValueError(f"this reader can't have the fault {name!r}; it can have {known}")
        with self._guard:
            before, self._fault = self._fault, name
            if before in (SscFault.MUTE_CARD, SscFault.PULLED_MID_READING):
                self._insert()  # whoever waits for its answer is let go
            if before == SscFault.SILENT and self._daemon is not None:
                self._daemon.resume()
            if before == SscFault.SERVICE_STOPPED:
                self._start_daemon()
            if name == SscFault.SILENT and self._daemon is not None:
                self._daemon.pause()
            if name == SscFault.SERVICE_STOPPED:
                self._stop_daemon()

    @property
    def acts(self) -> Sequence[Act]:
        return (
            Act("put_card", tuple(_personas())),
            Act("put_protected_card", tuple(_personas())),
            Act("put_other_card"),
            Act("take_card"),
        )

    def act(self, name: str, argument: str = "") -> None:
        """See `Twin`."""
        match name:
            case "put_card" if argument in _personas():
                self.put_card(_personas()[argument].identity)
            case "put_protected_card" if argument in _personas():
                self.put_card(_personas()[argument].identity, CardManner.PROTECTED)
            case "put_other_card":
                self.put(VirtualCard({}, CardManner.ANOTHER))
            case "take_card":
                self.take_card()
            case _:
                raise ValueError(f"nobody can {name!r} {argument!r} at this reader")

    def put_card(self, identity: Identity, manner: CardManner = CardManner.OPEN) -> None:
        """This person's card. Raises CodecError for a name that no card can hold."""
        self.put(card_of(identity, manner))

    def put(self, card: VirtualCard) -> None:
        """Put this card in, in place of one that is in; the service sees it within a second."""
        with self._guard:
            self._card = card
            self._insert()

    def take_card(self) -> None:
        """Take the card out."""
        with self._guard:
            self._card = None
            self._eject()

    def wait_until_seen(self, timeout_s: float = 30.0) -> None:
        """Until the card that was put has been powered. Raises TimeoutError."""
        link = self._link
        if link is None or not link.powered.wait(timeout_s):
            raise TimeoutError("the service has not seen the card")

    def restart_service(self) -> None:
        """What an update of the system does to a terminal that runs."""
        with self._guard:
            self._restart_daemon()

    def close(self) -> None:
        """See `Twin`."""
        with self._guard:
            self._closed = True
            self._eject()
            self._stop_daemon()
            shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _restart_daemon(self) -> None:
        self._stop_daemon()
        if self._fault != SscFault.SERVICE_STOPPED:
            self._start_daemon()

    def _start_daemon(self) -> None:
        if self._closed:
            return
        self._port = find_free_port_pair()  # the last one may be somebody else's by now
        port = self._port if self._plugged_in else None
        self._daemon = PrivatePcscd(self._socket_path, self._directory / "readers", port)
        if self._fault == SscFault.SILENT:
            self._daemon.pause()
        self._insert()

    def _stop_daemon(self) -> None:
        self._eject()
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None

    def _insert(self) -> None:
        self._eject()
        if self._card is not None and self._plugged_in and self._daemon is not None:
            rest_s = self._ejected_s + _CHANGE_S - time.monotonic()
            self._link = _CardLink(self._port, self._card, lambda: self._fault, rest_s)

    def _eject(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
            self._ejected_s = time.monotonic()


class _CardLink:
    """The card's contacts: a thread that answers the virtual reader until it is closed."""

    def __init__(
        self, port: int, card: VirtualCard, fault: Callable[[], str], after_s: float
    ) -> None:
        self.powered = threading.Event()
        self._port = port
        self._card = card
        self._fault = fault
        self._after_s = after_s
        self._out = threading.Event()
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="virtual-card", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the card out of the contacts."""
        self._out.set()
        line = self._line
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        self._out.wait(self._after_s)
        while not self._out.wait(_CONNECT_EVERY_S):
            with contextlib.suppress(OSError):
                self._hold_in_contacts()

    def _hold_in_contacts(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), 2) as line:
            line.settimeout(None)
            self._line = line
            self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        while not self._out.is_set() and (message := _receive(line)) is not None:
            if message[:1] == _GIVE_ATR and len(message) == 1:  # also how the service looks for it
                _send(line, ATR)
                continue
            if len(message) == 1:
                self._card.power_up()
                self.powered.set()
                continue
            answer = self._answer(message)
            if answer is not None:
                _send(line, answer)

    def _answer(self, command: bytes) -> bytes | None:
        match self._fault():
            case SscFault.MUTE_CARD:
                return None
            case SscFault.PULLED_MID_READING if command[1:2] == b"\xb2":
                self._out.set()
                raise OSError("taken out")
            case SscFault.GARBAGE:
                return _GARBAGE
            case SscFault.SLOW:
                self._out.wait(SLOW_ANSWER_S)
        return self._card.answer(command)


def _receive(line: socket.socket) -> bytes | None:
    # the reader writes a message in two parts: a late acknowledgement of the first costs 40 ms
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    head = line.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return None
    size = int.from_bytes(head, "big")
    message = line.recv(size, socket.MSG_WAITALL)
    return message if len(message) == size else None


def _send(line: socket.socket, message: bytes) -> None:
    line.sendall(len(message).to_bytes(2, "big") + message)


@cache
def _personas() -> Mapping[str, Persona]:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)


def start_twin(directory: Path) -> PcscTwin:
    """A plugged-in twin; its socket can't lie in `directory`, whose path may be too long."""
    del directory
    return PcscTwin()
