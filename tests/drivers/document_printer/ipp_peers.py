"""Somebody else's printers: ippeveprinter, and a CUPS server in front of it.

All of it on loopback in a directory of its own. ippeveprinter wants Avahi, and Avahi a system bus:
both are private, and Avahi's fixed directory under /run is one that only it sees.
"""

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf

START_S = 40.0
LEAVE_S = 10.0

_PACKAGES = {
    "dbus-daemon": "dbus",
    "avahi-daemon": "avahi-daemon",
    "ippeveprinter": "cups-ipp-utils",
    "cupsd": "cups-daemon",
    "lpadmin": "cups-client",
    "unshare": "util-linux",
    "lp": "cups-client",
    "ipptool": "cups-ipp-utils",
}

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/></policy></busconfig>
"""
_AVAHI = """[server]
allow-interfaces=lo
use-ipv4=yes
use-ipv6=no
enable-dbus=yes
[publish]
publish-workstation=no
"""
_OWN_RUN = (
    "mount -t tmpfs tmpfs /run/avahi-daemon 2>/dev/null ||"
    " {{ mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon; }};"
    " exec {avahi} --no-chroot --no-drop-root --no-rlimits -f {config}"
)

# the printer's engine: files beside it say what is wrong
_ENGINE = """#!/bin/sh
cd {folder}
if [ -e paper_out ]; then
  echo "STATE: +media-empty-error" >&2
  while [ -e paper_out ]; do sleep 0.1; done
  echo "STATE: -media-empty-error" >&2
fi
[ -e aborts ] && exit 1
cat "$1" > out/$$.part && mv out/$$.part out/$$.pdf
"""

_CUPSD = """LogLevel warn
Listen {socket}
Browsing No
DefaultAuthType None
WebInterface No
PreserveJobFiles Yes
PreserveJobHistory Yes
<Location />
Order allow,deny
Allow all
</Location>
<Location /admin>
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
_CUPS_FILES = """ServerRoot {root}
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
TempDir {root}/tmp
AccessLog {root}/access_log
ErrorLog {root}/error_log
PageLog {root}/page_log
FileDevice Yes
"""


def make_pdf(pages: int = 1) -> bytes:
    """Blank A4 pages."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def find_program(name: str) -> str:
    """Its path; the test fails with what to install when it isn't there."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise AssertionError(f"{name} is missing: install the Debian package {_PACKAGES[name]}")
    return path


def wait_until(is_so: Callable[[], bool], what: str, timeout_s: float = START_S) -> None:
    """Poll; fails with a sentence."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"{what} did not come about within {timeout_s:.0f} s")
        time.sleep(0.05)


def end_process(process: "subprocess.Popen[bytes]") -> None:
    """End it and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(LEAVE_S)


@contextlib.contextmanager
def running(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a group of its own; its group is ended at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end_process(process)


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A directory that other users' processes can look into: CUPS runs its filters as one."""
    folder = Path(tempfile.mkdtemp(prefix="yici-ipp-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def service_discovery(folder: Path) -> Iterator[dict[str, str]]:
    """A private bus with a private Avahi on it; yields the environment that leads there."""
    bus, bus_config, avahi_config = (folder / name for name in ("bus", "bus.conf", "avahi.conf"))
    bus_config.write_text(_BUS.format(bus=bus))
    avahi_config.write_text(_AVAHI)
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
    own_run = _OWN_RUN.format(avahi=find_program("avahi-daemon"), config=avahi_config)
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    bus_command = [find_program("dbus-daemon"), f"--config-file={bus_config}", "--nofork"]
    avahi_command = [find_program("unshare"), *as_root, "--mount", "sh", "-c", own_run]
    avahi_log = folder / "avahi.log"
    with running([*bus_command, "--nopidfile"], folder / "bus.log"):
        wait_until(bus.exists, "the private bus")
        with running(avahi_command, avahi_log, environment):
            wait_until(lambda: "startup complete" in avahi_log.read_text(), "the private Avahi")
            yield environment


class EveryPrinter:
    """One ippeveprinter; it may be switched off and on at the same port."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder / uuid.uuid4().hex[:8]
        (self.folder / "out").mkdir(parents=True)
        (self.folder / "spool").mkdir()
        engine = self.folder / "engine.sh"
        engine.write_text(_ENGINE.format(folder=self.folder))
        engine.chmod(0o755)
        self._environment = environment
        self._stack = contextlib.ExitStack()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._command = [find_program("ippeveprinter"), "-n", "localhost", "-p", str(self.port)]
        self._command += ["-d", str(self.folder / "spool"), "-c", str(engine), "-k"]
        self._command += ["-f", "application/pdf,image/pwg-raster,image/jpeg"]
        self._command += [f"Yici {self.folder.name}"]

    @property
    def address(self) -> str:
        return f"ipp://localhost:{self.port}/ipp/print"

    @property
    def printed(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.folder / "out").glob("*.pdf"))]

    def plug_in(self) -> None:
        self._stack.enter_context(
            running(self._command, self.folder / "printer.log", self._environment)
        )
        wait_until(self._listens, "ippeveprinter")

    def unplug(self) -> None:
        self._stack.close()

    def set_wrong(self, name: str) -> None:
        """`paper_out` or `aborts`."""
        (self.folder / name).touch()

    def mend(self) -> None:
        for name in ("paper_out", "aborts"):
            (self.folder / name).unlink(missing_ok=True)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("localhost", self.port), 1):
            return True
        return False


class CupsServer:
    """A private cupsd that keeps everything it is allowed to keep, with queues on demand."""

    def __init__(self, folder: Path) -> None:
        # a socket's path has at most 107 characters
        self.root = folder / "cups"
        for name in ("spool", "spool/tmp", "cache", "state", "tmp", "ppd", "ssl"):
            (self.root / name).mkdir(parents=True)
            (self.root / name).chmod(0o755)
        (self.root / "tmp").chmod(0o1777)
        self.socket = folder / "cups.sock"
        (self.root / "cupsd.conf").write_text(_CUPSD.format(socket=self.socket))
        (self.root / "cups-files.conf").write_text(_CUPS_FILES.format(root=self.root))
        self.environment = {"CUPS_SERVER": str(self.socket)}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        command = [find_program("cupsd"), "-f", "-c", str(self.root / "cupsd.conf")]
        command += ["-s", str(self.root / "cups-files.conf")]
        with running(command, self.root / "cupsd.log"):
            wait_until(self.socket.exists, "the private cupsd")
            yield

    def add_queue(self, name: str, printer: EveryPrinter) -> None:
        command = [find_program("lpadmin"), "-p", name, "-E", "-v", printer.address]
        command += ["-m", "everywhere", "-o", "printer-error-policy=retry-job"]
        made = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert made.returncode == 0, made.stderr.decode()
        # the server asks the printer for its abilities after it has answered
        wait_until((self.root / "cache" / f"{name}.data").exists, "the queue's description")

    @property
    def spooled(self) -> list[str]:
        """The names of the jobs' files: c… are their attributes, d… their documents."""
        return sorted(p.name for p in (self.root / "spool").iterdir() if p.name[0] in "cd")
