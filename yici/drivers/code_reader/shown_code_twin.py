"""What the twins of all character readers share: a code is held before them until it is taken.

A virtual reader repeats a held code as one does that reads continuously. Subclasses say what goes
over the line for a code, and how a port is opened.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Protocol, Self

from yici.drivers.device import DeviceKind
from yici.drivers.twin import NO_FAULT, Act

REPEAT_S = 0.4
SLOW_S = 1.2
SLOW_CHUNK_S = 0.02
_TICK_S = 0.02
_CHUNK_S = 0.004  # no reader sends as fast as memory, and a port's buffer is small
_CHUNK_BYTES = 4080  # below a pty's and a pipe's atomic 4096, and whole input events

SHOW, TAKE = "show_code", "take_code"
_ACTS = (Act(SHOW, takes_text=True), Act(TAKE))


class Port(Protocol):
    """What a twin says something through; closing it is pulling the plug."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class ShownCodeTwin(ABC):
    """One virtual reader; every method may be called from any thread and returns at once."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._port: Port | None = None
        self._fault = NO_FAULT
        self._shown: bytes | None = None
        self._due_s = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="code-reader-twin", daemon=True)
        self.plug_in()
        self._thread.start()

    # --- for subclasses

    @property
    @abstractmethod
    def address(self) -> str:
        """See Twin."""

    @property
    @abstractmethod
    def fault_names(self) -> Sequence[str]:
        """See Twin."""

    @abstractmethod
    def _open_port(self) -> Port:
        """Raises OSError when somebody else has it."""

    @property
    def _slow_chunk_bytes(self) -> int:
        """How much a slow reader sends at once."""
        return 5

    @property
    def _chunk_bytes(self) -> int:
        """How much a reader sends at once, every few milliseconds."""
        return _CHUNK_BYTES

    @abstractmethod
    def _on_the_line(self, content: bytes, fault: str) -> bytes:
        """What the reader sends for a code under a fault; b"" for nothing."""

    # --- Twin

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.CODE_READER

    @property
    def is_plugged_in(self) -> bool:
        return self._port is not None

    def plug_in(self) -> None:
        """See Twin."""
        with self._guard:
            if self._port is None and not self._closing.is_set():
                self._port = self._open_port()

    def unplug(self) -> None:
        """See Twin."""
        with self._guard:
            port, self._port = self._port, None
            if port is not None:
                port.close()

    @property
    def fault(self) -> str:
        return self._fault

    def set_fault(self, name: str) -> None:
        """See Twin."""
        if name != NO_FAULT and name not in self.fault_names:
            raise ValueError(f"a code reader's twin knows {', '.join(self.fault_names)}")
        with self._guard:
            self._fault = name
            self._due_s = self._first_due_s()

    @property
    def acts(self) -> Sequence[Act]:
        return _ACTS

    def act(self, name: str, argument: str = "") -> None:
        """Hold the code `argument` before the reader, or take it away."""
        if name == SHOW and argument:
            self.show_code(argument.encode())
        elif name == TAKE and not argument:
            self.take_code()
        else:
            raise ValueError(f"{name} {argument!r}: show_code needs a text, take_code none")

    def show_code(self, content: bytes) -> None:
        """Hold a code there; it is sent at once, and again and again until it is taken."""
        with self._guard:
            self._shown = content
            self._due_s = self._first_due_s()

    def take_code(self) -> None:
        """Nothing is held there any more."""
        with self._guard:
            self._shown = None

    def close(self) -> None:
        """See Twin."""
        self._closing.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=10)
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- the reader's own life

    def _first_due_s(self) -> float:
        return time.monotonic() + (SLOW_S if self._fault == "slow" else 0.0)

    def _serve(self) -> None:
        while not self._closing.wait(_TICK_S):
            for chunk in self._due_chunks():
                with self._guard:
                    if self._port is None:
                        break
                    self._port.write(chunk)
                pause_s = SLOW_CHUNK_S if self._fault == "slow" else _CHUNK_S
                if self._closing.wait(pause_s):
                    return

    def _due_chunks(self) -> Iterable[bytes]:
        with self._guard:
            now_s = time.monotonic()
            if self._shown is None or self._port is None or now_s < self._due_s:
                return ()
            self._due_s = now_s + (0.0 if self._fault == "never_ends" else REPEAT_S)
            data = self._on_the_line(self._shown, self._fault)
            size = self._slow_chunk_bytes if self._fault == "slow" else self._chunk_bytes
        return [data[at : at + size] for at in range(0, len(data), size)]
