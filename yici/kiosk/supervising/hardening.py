"""What a session asks of the kernel: die with the supervisor, show its memory to nobody."""

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def harden_session(supervisor_pid: int) -> None:
    """No core dump, no other process reading our memory, no life after the supervisor's."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if supervisor_pid and os.getppid() != supervisor_pid:
        raise SystemExit("the supervisor is gone")
