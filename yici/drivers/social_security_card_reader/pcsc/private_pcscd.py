"""A pcscd of our own, beside one that the machine may run: its own socket, its own readers.

pcscd takes a listening socket from whoever starts it (systemd's socket activation), so that
several can run at once. It ends when its owner does, however that ends.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from pathlib import Path

LIBRARY = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
END_GRACE_S = 2.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

# Descriptors of the shell: 0 is the listening socket, 2 closes when the owner ends. The inner shell
# becomes pcscd under its own process id; the outer one only waits to end it.
_START = """
exec 3<&0 </dev/null
sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$1" --foreground --config "$0"' "$0" "$1" >/dev/null 2>&1 &
child=$!
exec 3<&-
echo $child
read nothing <&2
kill -9 $child
wait
"""


class NoPcscd(OSError):
    """pcscd or its virtual reader is not installed."""


class PrivatePcscd:
    """One daemon at `socket_path`; `reader_port` is where its virtual reader listens, or None."""

    def __init__(self, socket_path: Path, config_dir: Path, reader_port: int | None) -> None:
        """Raises NoPcscd."""
        program = shutil.which("pcscd", path=_PATH)  # not on an ordinary user's path
        if program is None or not LIBRARY.exists():
            raise NoPcscd(
                "pcscd or its virtual reader is missing: install pcscd and vsmartcard-vpcd"
            )
        self._socket_path = socket_path
        _configure(config_dir, reader_port)
        socket_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(socket_path))
            listener.listen(16)
            life_read, self._life = os.pipe()
            try:
                self._shell = subprocess.Popen(
                    ["sh", "-c", _START, str(config_dir), program],
                    stdin=listener.fileno(),
                    stdout=subprocess.PIPE,
                    stderr=life_read,
                    start_new_session=True,
                )
            finally:
                os.close(life_read)
        line = self._shell.stdout.readline() if self._shell.stdout else b""
        self._pid = int(line)

    def pause(self) -> None:
        """It takes everything and answers nothing."""
        os.kill(self._pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        os.kill(self._pid, signal.SIGCONT)

    def close(self) -> None:
        """End it; nobody can connect afterwards. May be called twice."""
        self._socket_path.unlink(missing_ok=True)
        if self._life < 0:
            return
        os.close(self._life)  # the shell ends it
        self._life = -1
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._shell.wait(END_GRACE_S)
        if self._shell.stdout is not None:
            self._shell.stdout.close()


def _configure(directory: Path, reader_port: int | None) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "virtual-reader"
    if reader_port is None:
        file.unlink(missing_ok=True)
        return
    file.write_text(
        f'FRIENDLYNAME "Virtual PCD"\n'
        f"DEVICENAME /dev/null:{reader_port:#x}\n"
        f"LIBPATH {LIBRARY}\n"
        f"CHANNELID {reader_port:#x}\n",
        encoding="ascii",
    )


def find_free_port_pair() -> int:
    """A port that is free together with the next one: the virtual reader has two slots.

    Below those that the kernel gives to outgoing connections. Raises NoPcscd when there is none.
    """
    for port in random.sample(range(20_000, 32_000, 2), 200):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("", port))
                second.bind(("", port + 1))
            except OSError:
                continue
            return port
    raise NoPcscd("no two neighbouring ports between 20000 and 32000 are free")
