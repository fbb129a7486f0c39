"""The drivers that a terminal can be configured with, by name."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final, Protocol

from yici.drivers.code_reader import CodeReader


class Connect(Protocol):
    """Makes a reader at an address that need not be there yet.

    `decoder` names the engine that reads codes from pictures; only cameras need one. Raises
    ValueError with a sentence for an address or a decoder that can't be one, NeedsStaff for what
    the machine lacks.
    """

    def __call__(self, address: str, *, decoder: str = ...) -> CodeReader: ...


# name → module whose `connect` opens it, imported when it is asked for
DRIVERS: Final[Mapping[str, str]] = {
    "serial_line": "yici.drivers.code_reader.serial_line",
    "keyboard": "yici.drivers.code_reader.keyboard",
    "camera": "yici.drivers.code_reader.camera",
}


def get_connect(driver_name: str) -> Connect:
    """The connect function of a driver. Raises ValueError for a name that no driver has."""
    module = DRIVERS.get(driver_name)
    if module is None:
        known = ", ".join(sorted(DRIVERS))
        raise ValueError(f"no code reader driver is called {driver_name!r}; there are: {known}")
    connect: Connect = import_module(module).connect
    return connect
