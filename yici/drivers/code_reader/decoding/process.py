"""A decoder in a process of its own: a picture that hangs or crashes it costs that picture only.

    request    height, width (two little-endian 32-bit numbers), then the grey pixels, row by row
    answer     one line of JSON: [[symbology, content as hex], …]; `[]` once when it has started

The process ends when its standard input closes, which the kernel does for a parent that was killed.
"""

import contextlib
import json
import os
import resource
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

import yici
from yici.drivers.code_reader import MAX_CONTENT_BYTES, SeenCode
from yici.drivers.code_reader.decoding import (
    ALL_SYMBOLOGIES,
    DecoderMissing,
    GreyImage,
    Symbology,
    get_decoder,
)

# an 8 MP still without a code takes 0.35 s (zxing) to 1 s (pyzbar) on a quick machine
ANSWER_TIMEOUT_S: Final = 3.0
_START_TIMEOUT_S: Final = 20.0
_MEMORY_BYTES: Final = 3 << 30
_MOST_ANSWER_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 16
_SIZE: Final = struct.Struct("<II")
_ENVIRONMENT: Final = {
    "OPENCV_LOG_LEVEL": "OFF",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(Path(yici.__file__).parents[1]),
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
}


class DecoderProcess:
    """A CodeDecoder; close it. Not for several threads at once."""

    def __init__(self, name: str, symbologies: frozenset[Symbology] = ALL_SYMBOLOGIES) -> None:
        """Start it; returns at once. Raises ValueError or DecoderMissing, see `get_decoder`."""
        get_decoder(name, symbologies)  # so that what is missing is told now, to whoever asks
        self.name = name
        self._symbologies = symbologies
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._started_s = 0.0
        self._starts = 0
        self._is_closed = False
        self._start()

    @property
    def pid(self) -> int | None:
        """For diagnosis; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def restarts(self) -> int:
        """How many pictures or accidents have ended it."""
        return self._starts - 1

    def read(self, grey: GreyImage) -> tuple[SeenCode, ...]:
        """See CodeDecoder; nothing is seen while it starts, and in a picture that stops it."""
        if self._is_closed or not self._has_started():
            return ()
        height, width = grey.shape[:2]
        deadline_s = time.monotonic() + ANSWER_TIMEOUT_S
        try:
            self._send(_SIZE.pack(height, width), deadline_s)
            self._send(grey.tobytes(), deadline_s)
            return _codes_in(self._receive(deadline_s))
        except (OSError, ValueError):
            self._start()
            return ()

    def close(self) -> None:
        """End the process and wait for it; may be called twice."""
        self._is_closed = True
        self._stop()

    # --- the process

    def _start(self) -> None:
        self._stop()
        self._starts += 1
        self._is_ready = False
        self._started_s = time.monotonic()
        names = ",".join(sorted(self._symbologies))
        with contextlib.suppress(OSError):  # no process left: tried again with the next picture
            self._process = subprocess.Popen(
                # -P: a file in the working directory must not stand in for a module
                [sys.executable, "-P", "-m", __name__, self.name, names],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _has_started(self) -> bool:
        """Looks for the first answer without waiting for it."""
        if self._is_ready:
            return True
        try:
            self._receive(time.monotonic())
            self._is_ready = True
        except TimeoutError:
            if time.monotonic() - self._started_s > _START_TIMEOUT_S:
                self._start()
        except (OSError, ValueError):
            self._start()
        return self._is_ready

    def _send(self, data: bytes, deadline_s: float) -> None:
        descriptor = self._descriptor("stdin")
        sent = 0
        while sent < len(data):
            _wait_for(descriptor, select.POLLOUT, deadline_s)
            sent += os.write(descriptor, data[sent : sent + _CHUNK_BYTES])

    def _receive(self, deadline_s: float) -> bytes:
        """One line. Raises TimeoutError (an OSError) when it doesn't come in time."""
        descriptor = self._descriptor("stdout")
        line = b""
        while not line.endswith(b"\n"):
            _wait_for(descriptor, select.POLLIN, deadline_s)
            received = os.read(descriptor, _CHUNK_BYTES)
            if not received or len(line) > _MOST_ANSWER_BYTES:
                raise ValueError("the decoder's process has ended, or babbles")
            line += received
        return line

    def _descriptor(self, name: str) -> int:
        pipe = getattr(self._process, name, None)
        if pipe is None:
            raise ValueError("the decoder's process could not be started")
        descriptor: int = pipe.fileno()
        return descriptor


def _wait_for(descriptor: int, event: int, deadline_s: float) -> None:
    poller = select.poll()
    poller.register(descriptor, event)
    if not poller.poll(max(0.0, deadline_s - time.monotonic()) * 1000):
        raise TimeoutError


def _codes_in(line: bytes) -> tuple[SeenCode, ...]:
    return tuple(
        SeenCode(bytes.fromhex(content), str(symbology)) for symbology, content in json.loads(line)
    )


def main() -> None:
    """Answer one picture after the other until standard input closes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not dump a resident's paper
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    name, symbologies = sys.argv[1:]
    try:
        decoder = get_decoder(name, frozenset(map(Symbology, symbologies.split(","))))
    except DecoderMissing:
        sys.exit(1)
    _answer(())
    pictures = sys.stdin.buffer
    while len(head := pictures.read(_SIZE.size)) == _SIZE.size:
        height, width = _SIZE.unpack(head)
        pixels = pictures.read(height * width)
        if len(pixels) < height * width:
            return
        _answer(decoder.read(np.frombuffer(pixels, np.uint8).reshape(height, width)))


def _answer(codes: tuple[SeenCode, ...]) -> None:
    told = [[c.symbology, c.content.hex()] for c in codes if len(c.content) <= MAX_CONTENT_BYTES]
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
