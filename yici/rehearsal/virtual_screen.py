"""A screen where there is none: Xvfb with its picture in a file, reachable only with its cookie."""

import os
import secrets
import shutil
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from yici.rehearsal.child import Child, ProcessMark, tail

_START_WITHIN_S = 20.0
_FAMILY_LOCAL = 256
_COOKIE_NAME = b"MIT-MAGIC-COOKIE-1"


class NoVirtualScreen(Exception):
    """Xvfb isn't installed or doesn't start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ScreenSize:
    """Size of the screen in pixels; the depth is always 24 bits."""

    width_px: int = 1080
    height_px: int = 1920


class VirtualScreen:
    """A running Xvfb without TCP and without a mouse pointer."""

    def __init__(self, directory: Path, size: ScreenSize | None = None) -> None:
        """Start it and wait until it takes connections; its files go to `directory`.

        Raises NoVirtualScreen.
        """
        self.size = size or ScreenSize()
        self.framebuffer = directory / "Xvfb_screen0"
        self.authority = directory / "Xauthority"
        program = shutil.which("Xvfb")
        if program is None:
            raise NoVirtualScreen(
                "There is no display and no Xvfb: install Debian's package xvfb "
                "(sudo apt-get install xvfb), or start this in a graphical session."
            )
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.framebuffer.unlink(missing_ok=True)
        _write_authority(self.authority)
        log = directory / "xvfb.log"
        log.unlink(missing_ok=True)
        number_reader, number_writer = os.pipe()
        try:
            self._child = Child(
                "screen",
                _command(program, directory, self.authority, self.size, number_writer),
                log=log,
                environment=os.environ,
                inherited=(number_writer,),
            )
        finally:
            os.close(number_writer)
        with os.fdopen(number_reader, "rb", buffering=0) as reader:
            number = _read_number(reader.fileno(), time.monotonic() + _START_WITHIN_S)
        if number is None:
            self._child.stop(1)
            raise NoVirtualScreen(
                f"Xvfb did not start within {_START_WITHIN_S:.0f} s; see {log}.\n{tail(log)}"
            )
        self.display_name = f":{number}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to show itself here."""
        return {"DISPLAY": self.display_name, "XAUTHORITY": str(self.authority)}

    @property
    def mark(self) -> ProcessMark:
        return self._child.mark

    @property
    def is_running(self) -> bool:
        return self._child.exit_code is None

    def close(self) -> None:
        """May be called twice."""
        self._child.stop(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _command(
    program: str, directory: Path, authority: Path, size: ScreenSize, number_writer: int
) -> list[str]:
    # the abstract socket stays: servers that choose their own number find a taken one by it
    return [
        *(program, "-displayfd", str(number_writer)),
        *("-screen", "0", f"{size.width_px}x{size.height_px}x24"),
        *("-fbdir", str(directory), "-auth", str(authority)),
        *("-nolisten", "tcp", "-noreset", "-nocursor"),
        *("-s", "0", "-dpi", "102"),
    ]


def _write_authority(path: Path) -> None:
    """One entry of libXau's file format: family, address, display number (any), name, cookie."""
    entry = struct.pack(">H", _FAMILY_LOCAL)
    for field in (socket.gethostname().encode(), b"", _COOKIE_NAME, secrets.token_bytes(16)):
        entry += struct.pack(">H", len(field)) + field
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(entry)


def _read_number(reader: int, deadline_s: float) -> int | None:
    """The display number that Xvfb writes when it is ready; None when it ends or takes too long."""
    os.set_blocking(reader, False)
    received = b""
    while time.monotonic() < deadline_s:
        try:
            chunk = os.read(reader, 16)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        received += chunk
        if received.endswith(b"\n"):
            return int(received)
        if not chunk:
            return None
    return None
