"""The two services that a rehearsal and practice have in common: virtual devices and terminal."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from yici.config.device_tables import device_table
from yici.drivers.device import DeviceKind
from yici.rehearsal.demo.desk_api import DeskApi, DeskRefused
from yici.rehearsal.process_table import RehearsalFailed, Service
from yici.rehearsal.readiness import answers, shows_something
from yici.rehearsal.virtual_screen import VirtualScreen

YICI: Final = (sys.executable, "-m", "yici")


def twins_service(
    directory: Path,
    page_port: int,
    screen: VirtualScreen | None,
    drivers: Mapping[DeviceKind, str] | None = None,
) -> Service:
    """`yici twins`; `drivers` names for a kind another driver's twin, or "" to leave it out."""
    options: list[str] = []
    for kind, driver in (drivers or {}).items():
        options += ["--driver", f"{kind.value}={driver}"]
    if screen is not None:
        options += ["--screen-display", screen.display_name]
        options += ["--screen-framebuffer", str(screen.framebuffer)]
    return Service(
        name="twins",
        command=(
            *YICI,
            *("twins", "--directory", str(directory), "--page-port", str(page_port)),
            *options,
        ),
        is_ready=answers(f"{panel_url(page_port)}api/state"),
        environment=screen.environment if screen else {},
    )


def terminal_service(settings_path: Path, screen: VirtualScreen | None) -> Service:
    """`yici terminal`, on the virtual screen if there is one."""
    environment = {"QT_QUICK_BACKEND": os.environ.get("QT_QUICK_BACKEND", "software")}
    if screen is not None:
        environment |= screen.environment | {"QT_QPA_PLATFORM": "xcb"}
    return Service(
        name="terminal",
        command=(*YICI, "terminal", "--settings", str(settings_path)),
        is_ready=shows_something(screen.framebuffer) if screen else _at_once,
        environment=environment,
    )


def panel_url(page_port: int) -> str:
    """Where the twins' page is."""
    return f"http://127.0.0.1:{page_port}/"


def device_tables(page_port: int, log: Path) -> dict[str, dict[str, str]]:
    """The running twins as a terminal's settings name them. Raises RehearsalFailed."""
    try:
        devices = DeskApi(panel_url(page_port)).devices()
    except DeskRefused as error:
        raise RehearsalFailed(f"{error} See {log}.") from error
    return {
        kind: device_table(kind, device["driver"], device["address"])
        for kind, device in devices.items()
    }


def _at_once() -> bool:
    return True
