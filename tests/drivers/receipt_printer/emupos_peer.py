"""emupos, somebody else's ESC/POS printer (Apache-2.0), as a process of its own.

It needs Python 3.13, so it is never imported and never installed from here: the program is named by
the environment variable YICI_EMUPOS or found on PATH.
"""

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from yici.drivers.receipt_printer.escpos.twin import TwinCondition

ABSENT = (
    "emupos is not here: it needs Python 3.13 or newer; install it into a virtual environment of"
    " such a Python (pip install emupos) and name the program in YICI_EMUPOS"
)
_START_TIMEOUT_S = 30.0
_DEVICE = "front"
_FAULTS = {
    TwinCondition.NEAR_END: "paper-near-end",
    TwinCondition.PAPER_OUT: "paper-out",
    TwinCondition.COVER_OPEN: "cover-open",
    TwinCondition.OFFLINE: "offline",
}
_CONFIGURATION = """\
schema: 1
api: {{ host: 127.0.0.1, port: {api_port} }}
devices:
  - id: front
    type: printer
    profile: epson-tm-t20iii
    receipts_dir: ./receipts
    connections:
      - tcp: {{ host: 127.0.0.1, port: {tcp_port} }}
      - serial: {{ pty: true }}
"""


def find_program() -> str | None:
    return os.environ.get("YICI_EMUPOS") or shutil.which("emupos")


class EmuposPeer:
    """One running emupos with one 80 mm printer, on TCP and on a pty."""

    width_px = 576

    def __init__(self, directory: Path, tcp_port: int, api_port: int) -> None:
        self.tcp_address = f"tcp://127.0.0.1:{tcp_port}"
        self.serial_address = f"serial:{directory}/emupos/{_DEVICE}@9600"
        self._api = f"http://127.0.0.1:{api_port}/api/v1"
        self._seen = 0

    def break_with(self, condition: TwinCondition) -> None:
        self._call("PUT", f"/devices/{_DEVICE}/faults/{_FAULTS[condition]}")

    def mend(self) -> None:
        for fault in _FAULTS.values():
            self._call("DELETE", f"/devices/{_DEVICE}/faults/{fault}")

    def forget_pictures(self) -> None:
        self._seen = len(self._receipts())

    def pictures(self) -> list[Image.Image]:
        """What was printed since `forget_pictures`, oldest first."""
        receipts = self._receipts()
        new = receipts[: len(receipts) - self._seen]
        return [
            Image.open(
                io.BytesIO(self._call("GET", f"/devices/{_DEVICE}/receipts/{one['id']}/image"))
            )
            for one in reversed(new)
        ]

    def _receipts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._call("GET", f"/devices/{_DEVICE}/receipts"))
        return found

    def _call(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(self._api + path, method=method)  # noqa: S310 - loopback http
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback http
            body: bytes = answer.read()
            return body

    def is_up(self) -> bool:
        with contextlib.suppress(OSError):
            self._call("GET", "/devices")
            return True
        return False


@contextlib.contextmanager
def running_emupos(program: str, directory: Path) -> Iterator[EmuposPeer]:
    """Start it with a configuration of its own; it keeps everything under `directory`."""
    tcp_port, api_port = _free_ports(2)
    configuration = directory / "emupos.yaml"
    configuration.write_text(_CONFIGURATION.format(tcp_port=tcp_port, api_port=api_port))
    log = (directory / "emupos.log").open("wb")
    process = subprocess.Popen(
        [program, "run", "--config", str(configuration)],
        cwd=directory,
        env={**os.environ, "TMPDIR": str(directory)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        peer = EmuposPeer(directory, tcp_port, api_port)
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        while not peer.is_up():
            if process.poll() is not None or time.monotonic() > deadline_s:
                words = (directory / "emupos.log").read_text("utf-8", "replace")
                raise RuntimeError(f"emupos did not start:\n{words[-2000:]}")
            time.sleep(0.05)
        yield peer
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)
        log.close()


def _free_ports(count: int) -> list[int]:
    """emupos takes no port 0; these were free a moment ago."""
    with contextlib.ExitStack() as held:
        listeners = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]
