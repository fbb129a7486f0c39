"""`scanimage` as a child process: it dies with us, its words are bounded, its pages are pipes.

scanimage writes a batch's page N into `page-N.pnm.part`. When that is a named pipe, the pixels go
through it from process to process: no page ever lies in a file. The next page's pipe is made before
the present one is opened, so that scanimage never finds its name free.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from yici.drivers.scanner.sane.address import SaneAddress

_MAX_WORDS_BYTES: Final = 256 << 10
_DEATH_S: Final = 5.0
# scanimage's last words: drivers of SANE are known to hang in their clean-up after it
_FAREWELL: Final = b"Batch terminated"
_FAREWELL_S: Final = 2.0
_READ_BYTES: Final = 64 << 10
_PIPE_BYTES: Final = 1 << 20
# util-linux: the kernel kills it when the thread that started it ends, however that came
_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL", "--")


class Child:
    """One process in a group of its own; `with` ends it in every case."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [*_WITH_US, *command],
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - for the type: it was asked for
        self._words_fd = self._process.stdout.fileno()
        os.set_blocking(self._words_fd, False)
        self._words = bytearray()
        self._exit_fd = os.pidfd_open(self._process.pid)
        self._exit_code: int | None = None
        self._farewell_at_s: float | None = None  # monotonic

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def words(self) -> str:
        """What it said, cut off at 256 KiB; for the codecs, never for people."""
        return self._words.decode("utf-8", "replace")

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a signal's number is negative."""
        if self._exit_code is None:
            # not reaped before `close`: until then its group's number can't be anybody else's
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                signalled = ended.si_code != os.CLD_EXITED
                self._exit_code = -ended.si_status if signalled else ended.si_status
        return self._exit_code

    @property
    def has_said_farewell(self) -> bool:
        """It has scanned all that it will, whether it manages to end or not."""
        return self._farewell_at_s is not None

    def wait(self, deadline_s: float, *fds: int) -> set[int]:
        """Those of `fds` that can be read or have ended; returns early when the process ends.

        Empty when the process ended, or should have, or the deadline passed.
        """
        poller = select.poll()
        for fd in (*fds, self._exit_fd, self._words_fd):
            poller.register(fd, select.POLLIN)
        while True:
            left_s = self._soonest(deadline_s) - time.monotonic()
            ready = {fd for fd, _ in poller.poll(max(0.0, left_s) * 1000)}
            if self._words_fd in ready and not self._hear():
                poller.unregister(self._words_fd)
            if ready & set(fds):
                return ready & set(fds)
            if self._exit_fd in ready or left_s <= 0:
                return set()

    def end(self, grace_s: float) -> None:
        """Ask it to stop the scanner (SIGINT); kill it and its group after `grace_s`."""
        if self._exit_fd < 0:
            return
        if self.exit_code is None:
            self._signal(signal.SIGINT)
            self.wait(time.monotonic() + grace_s)
        self._signal(signal.SIGKILL)
        dead = select.poll()
        dead.register(self._exit_fd, select.POLLIN)
        dead.poll(_DEATH_S * 1000)
        while self._hear():  # its last words tell why it could not open the scanner
            pass

    def close(self) -> None:
        """Kill what is left, and reap it; may be called twice."""
        if self._exit_fd < 0:
            return
        self.end(0)
        os.close(self._exit_fd)
        self._exit_fd = -1
        with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the kernel's driver
            self._process.wait(timeout=_DEATH_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _soonest(self, deadline_s: float) -> float:
        if self._farewell_at_s is None:
            return deadline_s
        return min(deadline_s, self._farewell_at_s + _FAREWELL_S)

    def _hear(self) -> bool:
        """Take what it says; False when nothing more will come."""
        try:
            heard = os.read(self._words_fd, _READ_BYTES)
        except BlockingIOError:
            return False
        self._words += heard[: _MAX_WORDS_BYTES - len(self._words)]
        if self._farewell_at_s is None and _FAREWELL in self._words:
            self._farewell_at_s = time.monotonic()
        return bool(heard)


class WorkFolder:
    """A private directory (0700) for one call: SANE's configuration and the pages' pipes."""

    def __init__(self, path: Path, address: SaneAddress, config_dir: Path | None) -> None:
        self.path = path
        for name, text in address.config_files:
            (path / name).write_text(text, "ascii")
        self._config_dir = path if address.config_files else config_dir

    @property
    def environment(self) -> dict[str, str]:
        """All that the child gets: no proxies, no language, no LD_PRELOAD."""
        made = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(self.path)}
        if self._config_dir is not None:
            made["SANE_CONFIG_DIR"] = str(self._config_dir)
        return made

    @property
    def page_pattern(self) -> str:
        """For scanimage's --batch."""
        return str(self.path / "page-%d.pnm")

    def make_pipe(self, number: int) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self._pipe(number), 0o600)

    def open_pipe(self, number: int) -> int:
        """The reading end; make the next page's pipe before."""
        fd = os.open(self._pipe(number), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # more than the system allows: slower, no more
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return fd

    def _pipe(self, number: int) -> Path:
        return self.path / f"page-{number}.pnm.part"


@contextlib.contextmanager
def work_folder(address: SaneAddress, config_dir: Path | None) -> Iterator[WorkFolder]:
    """Made for one call and removed at its end, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="yici-scan-", ignore_cleanup_errors=True) as made:
        yield WorkFolder(Path(made), address, config_dir)
