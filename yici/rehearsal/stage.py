"""Everything that a rehearsal runs, as one stage: platform, twins, agent, terminal, screen.

All of it is the product's own processes under their own commands; the stage only starts them in
order and looks from outside whether they are healthy.
"""

import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from yici.config.writing import write_tables
from yici.kiosk.identity import find_identity
from yici.kiosk.sync.status import find_status
from yici.rehearsal.process_table import ProcessTable, RehearsalFailed, Service, Step
from yici.rehearsal.readiness import get_free_port, listens
from yici.rehearsal.services import YICI, device_tables, panel_url, terminal_service, twins_service
from yici.rehearsal.virtual_screen import NoVirtualScreen, VirtualScreen

HALL_CODE = "H430181123"
HALL_NAME = "柏加镇政务（便民）服务中心"
STAFF_NAME = "demo"


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports to try first; a taken one gives way to a free one, 0 asks for any."""

    panel: int = 8090
    console: int = 8080
    terminals: int = 8443

    def free(self) -> "Ports":
        """The same with every taken port replaced."""
        chosen: list[int] = []
        for wanted in (self.panel, self.console, self.terminals):
            chosen.append(get_free_port(wanted, chosen))
        return Ports(*chosen)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people and programs find what runs."""

    panel_url: str
    console_url: str
    staff_name: str
    staff_password: str


class Stage:
    """The set before and while it is played; state in `directory` outlives it."""

    def __init__(
        self, directory: Path, ports: Ports, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        """Take the directory. Raises RehearsalFailed while another rehearsal uses it."""
        self.directory = directory.resolve()
        self.table = ProcessTable(self.directory)
        self._ports = ports.free()
        self._tell = tell
        self._screen: VirtualScreen | None = None
        for name in self.table.ended_leftovers:
            tell(f"ended {name}, left behind by an earlier run")

    @property
    def settings_path(self) -> Path:
        return self.directory / "terminal.toml"

    @property
    def state_dir(self) -> Path:
        return self.directory / "terminal"

    @property
    def platform_dir(self) -> Path:
        return self.directory / "platform"

    @property
    def screen(self) -> VirtualScreen | None:
        return self._screen

    @property
    def platform_url(self) -> str:
        return f"https://127.0.0.1:{self._ports.terminals}"

    def open_screen(self) -> VirtualScreen:
        """Start the virtual screen. Raises RehearsalFailed."""
        try:
            self._screen = VirtualScreen(self.directory / "screen")
        except NoVirtualScreen as error:
            raise RehearsalFailed(str(error)) from error
        self.table.remember("screen", self._screen.mark)
        return self._screen

    def start(self) -> Addresses:
        """Start everything in order, each healthy before the next. Raises RehearsalFailed."""
        self.start_platform()
        password = self._staff_password()
        self._enrol()
        self._start("twins", self.twins)
        self._write_settings()
        self._start("sync", self.sync)
        self._start("terminal", self.terminal)
        return Addresses(
            panel_url=panel_url(self._ports.panel),
            console_url=f"http://127.0.0.1:{self._ports.console}/",
            staff_name=STAFF_NAME,
            staff_password=password,
        )

    def start_platform(self) -> None:
        """Also for its return after `stop_platform`."""
        self._start("platform", self.platform)

    def stop_platform(self) -> None:
        """SIGTERM, as when it is updated: from now on the terminal is offline."""
        self._tell("stopping platform")
        self.table.stop("platform")

    def platform(self) -> Service:
        return Service(
            name="platform",
            command=(
                *YICI,
                *("platform", "serve", "--data-dir", str(self.platform_dir)),
                *("--terminals", f"127.0.0.1:{self._ports.terminals}"),
                *("--console", f"127.0.0.1:{self._ports.console}"),
            ),
            is_ready=_both(listens(self._ports.terminals), listens(self._ports.console)),
        )

    def twins(self) -> Service:
        return twins_service(self.directory / "twins", self._ports.panel, self._screen)

    def sync(self) -> Service:
        return Service(
            name="sync",
            command=(
                *YICI,
                *("sync", "--state-dir", str(self.state_dir), "--platform", self.platform_url),
            ),
            is_ready=self._has_catalogue,
        )

    def terminal(self) -> Service:
        return terminal_service(self.settings_path, self._screen)

    def platform_command(self, name: str, *arguments: str, input_text: str = "") -> Step:
        """One of the platform's operator commands on this stage's data."""
        where = ("--data-dir", str(self.platform_dir))
        noun, *rest = arguments
        verb = (noun, *rest[:1]) if noun == "submissions" else (noun,)
        options = rest[1:] if noun == "submissions" else rest
        return Step(name, (*YICI, "platform", *verb, *where, *options), input_text=input_text)

    def terminal_command(self, name: str, *arguments: str) -> Step:
        """One of the terminal's staff commands on this stage's data, its answer as JSON."""
        return Step(name, (*YICI, *arguments, "--state-dir", str(self.state_dir), "--json"))

    def close(self) -> list[str]:
        """End everything; the names of processes that had to be killed."""
        killed = self.table.close()
        if self._screen is not None:
            self._screen.close()
        return killed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self, name: str, make: Callable[[], Service]) -> None:
        self._tell(f"starting {name}")
        self.table.start(make())

    def _write_settings(self) -> None:
        tables: dict[str, dict[str, str]] = {
            "hall": {
                "name": HALL_NAME,
                "code": HALL_CODE,
                "phone": "12345",
                "hours": "每日 08:00–18:00",
            },
            "storage": {"state_dir": str(self.state_dir)},
            "platform": {"url": self.platform_url},
            **device_tables(self._ports.panel, self.table.log_of("twins")),
        }
        text = "# Written by the rehearsal at every start.\n" + write_tables(tables)
        self.settings_path.write_text(text, "utf-8")

    def _staff_password(self) -> str:
        """The demo account's password, kept beside the platform's data for the next run."""
        path = self.platform_dir / "demo-account-password"
        if path.exists():
            return path.read_text("utf-8")
        password = secrets.token_urlsafe(12)
        self.table.run(
            self.platform_command(
                "add-staff", "add-staff", "--name", STAFF_NAME, input_text=f"{password}\n"
            )
        )
        path.touch(mode=0o600)
        path.write_text(password, "utf-8")
        return password

    def _enrol(self) -> None:
        if find_identity(self.state_dir) is not None:
            return
        self._tell("enrolling the terminal")
        made = self.table.run(
            self.platform_command("new-code", "new-code", "--hall", HALL_CODE, "--json")
        )
        code = json.loads(made)["code"]
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self.table.run(
            Step(
                "enrol",
                (
                    *YICI,
                    *("enrol", "--platform", self.platform_url, "--code", code),
                    *("--state-dir", str(self.state_dir)),
                ),
            )
        )

    def _has_catalogue(self) -> bool:
        status = find_status(self.state_dir)
        return (
            status is not None
            and status.pid == self.table.pid_of("sync")
            and status.last_contact_at is not None
            and status.catalogue_version > 0
        )


def forget(directory: Path) -> None:
    """Remove what earlier runs left in a rehearsal's directory."""
    for name in ("platform", "terminal", "twins", "screen"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for log in directory.glob("*.log"):
        log.unlink()


def _both(first: Callable[[], bool], second: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: first() and second()
