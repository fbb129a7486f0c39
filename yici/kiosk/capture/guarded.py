"""Take in a file from outside in a child process with limits on time and memory.

`intake` refuses large pictures by their headers. What is left is a decoder that runs for minutes on
a few hostile kilobytes, or crashes: the child is ended and the file refused, the session goes on.
"""

import os
import resource
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final

import yici
from yici.kiosk.capture.document import PageImage
from yici.kiosk.capture.intake import Refusal, RefusalReason, read_header
from yici.kiosk.capture.intake import take_in as take_in_unguarded

DEFAULT_TIMEOUT_MS: Final = 10_000
# 40 million pixels at four bytes, twice over, and the libraries' own mappings
_MEMORY_BYTES = 1_500_000_000
_PAGE = struct.Struct(">III")
_EXIT_PAGE, _EXIT_REFUSED, _EXIT_MEMORY = 0, 10, 11
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(Path(yici.__file__).parents[1]),
    # each thread of a numeric library maps memory of its own
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def take_in(data: bytes, *, timeout_ms: int = DEFAULT_TIMEOUT_MS) -> PageImage | Refusal:
    """The file as a page, or why not; waits at most about `timeout_ms`."""
    header = read_header(data)
    if isinstance(header, Refusal):
        return header
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "yici.kiosk.capture.guarded"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_ms / 1000,
            env=_ENVIRONMENT,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):  # OSError: no process or memory left
        return Refusal(RefusalReason.TOO_DEMANDING)
    if child.returncode == _EXIT_PAGE and len(child.stdout) > _PAGE.size:
        return PageImage(child.stdout[_PAGE.size :], *_PAGE.unpack_from(child.stdout))
    if child.returncode == _EXIT_MEMORY:
        return Refusal(RefusalReason.TOO_DEMANDING)
    return Refusal(RefusalReason.DAMAGED)  # refused inside, or the decoder crashed


def main() -> None:
    """The child: a file on standard input, a page on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a resident's paper must not be dumped
    try:
        page = take_in_unguarded(sys.stdin.buffer.read())
    except MemoryError:
        sys.exit(_EXIT_MEMORY)
    if isinstance(page, Refusal):
        sys.exit(_EXIT_REFUSED)
    sys.stdout.buffer.write(_PAGE.pack(page.width_px, page.height_px, page.dpi) + page.jpeg)


if __name__ == "__main__":
    main()
