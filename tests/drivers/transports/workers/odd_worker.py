"""A child that does what it is told, well or badly."""

import ctypes
import os
import resource
import sys
import time
from pathlib import Path

from yici.drivers.transports.child_end import serve


def facts() -> bytes:
    limits = {
        name: resource.getrlimit(getattr(resource, name))[0]
        for name in ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE")
    }
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
    descriptors = list(Path("/proc/self/fd").iterdir())
    return repr(
        {
            "environment": sorted(os.environ),
            "limits": limits,
            "dumpable": dumpable,
            "descriptors": len(descriptors),
            "third_party": sorted(name for name in sys.modules if name == "pydantic"),
            "pid": os.getpid(),
        }
    ).encode()


def answer(question: bytes) -> bytes:
    match question.split():
        case [b"echo", *words]:
            return b" ".join(words)
        case [b"facts"]:
            return facts()
        case [b"hang"]:
            time.sleep(600)
        case [b"crash"]:
            ctypes.string_at(1)
        case [b"raise"]:
            raise ValueError("nobody may see this")
        case [b"eat"]:
            return bytes(len(bytearray(1 << 30)))
        case [b"write", path]:
            Path(path.decode()).write_bytes(b"a resident's name")
        case [b"babble"]:
            os.write(int(sys.argv[1]), b"\xff" * 64)
            time.sleep(600)
        case [b"large"]:
            return b"x" * 900_000
    return b"done"


if __name__ == "__main__":
    serve(answer)
