"""A virtual reader behind a library with the SDT calls, which is built when the twin starts.

    with VendorTwin(Path("/run/yici/maker")) as twin:
        reader = connect(twin.address)
        twin.put_card(persona)
        reader.read_card()

The driver loads the library as it would a maker's; `twin_library.c` asks this process over a
socket. A C compiler is needed, so this twin is for tests and developers, not for halls.
"""

import contextlib
import shutil
import socket
import subprocess
import threading
from functools import partial
from pathlib import Path
from typing import Self

from yici.drivers.id_card_reader.card_desk import SLOW_REPLY_S, CardDesk, SamFault, spoil
from yici.drivers.id_card_reader.sam.frames import LONGEST_REQUEST, FrameParser

_SOURCE = Path(__file__).with_name("twin_library.c")
_COMPILERS = ("cc", "gcc")
_BUILD_TIMEOUT_S = 60.0
_HAND_OVER_S = 10.0
_PORT_NUMBER = 1001

# what lies between reader and library is the library's affair: it sends one reply, or none
_NOT_BEHIND_A_LIBRARY = (SamFault.WRONG_BAUD, SamFault.NOISE)


class NoCompiler(RuntimeError):
    """There is nothing to build the library with."""


def build_library(
    source: Path, library: Path, *definitions: str, needs: Path | None = None
) -> None:
    """Compile one C file, linked against the library that it `needs`.

    Raises NoCompiler, or RuntimeError with the compiler's words.
    """
    compiler = next((path for name in _COMPILERS if (path := shutil.which(name))), None)
    if compiler is None:
        raise NoCompiler("no C compiler is installed: install the packages gcc and libc6-dev")
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    command += [f"-D{definition}" for definition in definitions]
    built = subprocess.run(
        [*command, "-o", library, source, "-ldl", *_link_with(needs)],
        capture_output=True,
        text=True,
        timeout=_BUILD_TIMEOUT_S,
        check=False,
    )
    if built.returncode != 0:
        raise RuntimeError(f"{source.name} can't be built: {built.stderr[-2000:]}")


def _link_with(library: Path | None) -> list[str]:
    return [] if library is None else [f"-L{library.parent}", f"-l:{library.name}"]


class VendorTwin(CardDesk):
    """One reader; every method may be called from any thread."""

    def __init__(self, directory: Path) -> None:
        """Nothing is there until `start`. `directory` is made, for library and socket."""
        super().__init__([fault for fault in SamFault if fault not in _NOT_BEHIND_A_LIBRARY])
        self._library = directory / "libsdt.so"
        self._socket_path = directory / "libsdt.so.reader"
        self._plug = threading.Lock()  # over the three below
        self._listener: socket.socket | None = None
        self._peers: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._is_unplugged = threading.Event()

    @property
    def address(self) -> str:
        """The port for a terminal's settings."""
        return f"{_PORT_NUMBER}@{self._library}"

    @property
    def is_plugged_in(self) -> bool:
        return self._listener is not None

    def start(self) -> None:
        """Build the library and plug the reader in. Raises NoCompiler, OSError."""
        self._library.parent.mkdir(parents=True, exist_ok=True)
        if not self._library.exists():
            build_library(_SOURCE, self._library)
        self.plug_in()

    def stop(self) -> None:
        """As `unplug`; the library stays."""
        self.unplug()

    def close(self) -> None:
        """As `unplug`; the library stays."""
        self.unplug()

    def plug_in(self) -> None:
        """A reader that starts anew. Raises OSError when something else has the socket's path."""
        with self._plug:
            if self._listener is not None:
                return
            listener = socket.socket(socket.AF_UNIX)
            try:
                listener.bind(str(self._socket_path))
            except OSError:
                listener.close()
                raise
            listener.listen()
            self.power_up()
            self._is_unplugged.clear()
            self._listener = listener
            self._start_thread(partial(self._accept, listener))

    def unplug(self) -> None:
        """Pull the plug, also in the middle of a reply; back when nobody can use it any more."""
        with self._plug:
            self._pull()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(_HAND_OVER_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _pull(self) -> None:
        if self._listener is None:
            return
        self._is_unplugged.set()
        self._socket_path.unlink(missing_ok=True)
        for end in (self._listener, *self._peers):
            with contextlib.suppress(OSError):  # the other end may be gone already
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None

    def _start_thread(self, run: "partial[None]") -> None:
        thread = threading.Thread(target=run, name="vendor-twin", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()]
        self._threads.append(thread)
        thread.start()

    # from here on: the twin's threads

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:  # the plug was pulled
                return
            with self._plug:
                if self._listener is not listener:
                    peer.close()
                    return
                self._peers.add(peer)
                self._start_thread(partial(self._serve, peer))

    def _serve(self, peer: socket.socket) -> None:
        parser = FrameParser(longest=LONGEST_REQUEST)
        with contextlib.suppress(OSError), peer:  # the library closed it, or the plug was pulled
            while heard := peer.recv(4096):
                for request in parser.feed(heard):
                    reply, faults = self.reply_to(request)
                    if SamFault.SLOW in faults:
                        self._is_unplugged.wait(SLOW_REPLY_S)
                    if SamFault.PULLED_MID_REPLY in faults and len(reply) > 1000:
                        peer.sendall(reply[: len(reply) // 2])
                        with self._plug:
                            self._pull()
                    elif SamFault.SILENT not in faults:
                        peer.sendall(spoil(reply, faults))
        with self._plug:
            self._peers.discard(peer)


def start_twin(directory: Path) -> VendorTwin:
    """A reader that is plugged in, somewhere in `directory`; see `DriverDescriptor.twin`."""
    twin = VendorTwin(directory / "id-card-maker")
    twin.start()
    return twin
