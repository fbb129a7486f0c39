"""A child process's own end: shut itself in, then answer one frame after the other.

Started by `child_process.py`. Imports nothing but the standard library, so that it starts fast
and keeps working in an interpreter without site packages.
"""

import ctypes
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable

LENGTH = struct.Struct("!I")
LARGEST_FRAME = 1 << 20

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


def serve(answer: Callable[[bytes], bytes]) -> None:
    """Answer the parent until it closes its end; never returns.

    Arguments of the process: descriptor, the parent's id, memory in MB, CPU seconds.
    An exception of `answer` ends the process, and nothing of it is written anywhere.
    """
    descriptor, parent, memory_mb, cpu_s = (int(argument) for argument in sys.argv[1:5])
    _shut_in(parent, memory_mb, cpu_s)
    try:
        with socket.socket(fileno=descriptor) as peer:
            while (request := _receive(peer)) is not None:
                reply = answer(request)
                peer.sendall(LENGTH.pack(len(reply)) + reply)
    finally:
        os._exit(0)  # foreign libraries may have left threads or handlers that never end


def _shut_in(parent: int, memory_mb: int, cpu_s: int) -> None:
    """No core dump, no debugger, no files, no new rights; and no life after the parent's."""
    process = ctypes.CDLL(None, use_errno=True)
    process.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died before we could ask to die with it
    process.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    process.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.umask(0o077)
    memory = memory_mb << 20
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # a library that logs or caches would write a resident down
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (value, value))


def _receive(peer: socket.socket) -> bytes | None:
    head = _receive_exactly(peer, LENGTH.size)
    if head is None:
        return None
    return _receive_exactly(peer, min(LENGTH.unpack(head)[0], LARGEST_FRAME))


def _receive_exactly(peer: socket.socket, size: int) -> bytes | None:
    received = b""
    while len(received) < size:
        part = peer.recv(size - len(received))
        if not part:
            return None
        received += part
    return received
