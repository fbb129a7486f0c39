"""Which drivers a setting may name; each is imported only when it is asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from yici.drivers.scanner import Scanner

# name → module whose `connect(address)` opens it
DRIVERS: Final[Mapping[str, str]] = {"sane": "yici.drivers.scanner.sane"}


def connect(driver: str, address: str) -> Scanner:
    """A scanner that is reached at `address` through the driver named `driver`.

    Raises ValueError with a sentence for an unknown driver or an address that can't be one.
    """
    if driver not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise ValueError(f"there is no scanner driver {driver!r}; known are {known}")
    make: Callable[[str], Scanner] = import_module(DRIVERS[driver]).connect
    return make(address)
