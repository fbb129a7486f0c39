"""Which drivers there are: ours by their folder, others by their package's entry point.

    reader = get_connect(DeviceKind.CODE_READER, "serial_line")("/dev/kiosk/code-reader")

A name that there isn't is a ValueError that lists those there are; nothing else of a driver than
its descriptor is imported before.

One of ours is a folder `yici/drivers/<kind>/<name>/` with a `descriptor.py`, so it is found in a
source tree whose package metadata is old. A driver from outside is an entry point of the group
`yici.drivers` that is called `<kind>.<name>` and leads to a `DriverDescriptor`; by that name one
driver can be looked up without importing any other.

Loading a driver is trusting it: it runs with the terminal's rights. So only packages that an
administrator has installed are looked at; a setting names a driver, and can't name a path.
What is wrong with an outside package ends as a `BrokenDriver` with its reason, never as an error.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP: Final = "yici.drivers"
OUR_PACKAGE: Final = "yici"

_ENTRY_NAME = re.compile(r"(?P<kind>[a-z][a-z0-9_]*)\.(?P<name>[a-z][a-z0-9_]*)")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")

# what importing a stranger's module may throw, `sys.exit()` among it
_ANYTHING = (Exception, SystemExit)


@dataclass(frozen=True, slots=True)
class BrokenDriver:
    """An entry that leads to no usable driver; `reason` is a sentence for an administrator."""

    entry_name: str  # as the package wrote it: `<kind>.<name>` when it is right
    package: str  # distribution name and version
    reason: str


@dataclass(frozen=True, slots=True)
class InstalledDriver:
    """A usable driver and the package that it came with (`yici` for ours)."""

    descriptor: DriverDescriptor
    package: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One driver's claim, before anything of it is imported."""

    name: str
    target: str  # module:attribute
    package: str


def installed_drivers() -> tuple[InstalledDriver | BrokenDriver, ...]:
    """Everything that claims to be a driver, ours first; imports every descriptor."""
    outside = _outside_entries()
    return (
        *(_load(entry) for entry in _our_entries()),
        *(_load_outside(entry, outside) for entry in outside),
    )


def drivers() -> tuple[DriverDescriptor, ...]:
    """Every usable driver, ours first."""
    return tuple(
        found.descriptor for found in installed_drivers() if isinstance(found, InstalledDriver)
    )


def broken_drivers() -> tuple[BrokenDriver, ...]:
    """Every entry that leads to no usable driver."""
    return tuple(found for found in installed_drivers() if isinstance(found, BrokenDriver))


def find_driver(kind: DeviceKind, name: str) -> DriverDescriptor | None:
    """The driver of that name, or None when there is none that can be used."""
    found = _find(kind, name)
    return found.descriptor if isinstance(found, InstalledDriver) else None


def get_driver(kind: DeviceKind, name: str) -> DriverDescriptor:
    """The driver of that name.

    Raises ValueError with a sentence: the names that there are, or why this one is broken.
    """
    found = _find(kind, name)
    if isinstance(found, InstalledDriver):
        return found.descriptor
    if isinstance(found, BrokenDriver):
        raise ValueError(f"the driver {name!r} of {found.package} can't be used: {found.reason}")
    known = ", ".join(driver_names(kind)) or "none"
    raise ValueError(f"no driver for {kind.value} is called {name!r}; there is: {known}")


def driver_names(kind: DeviceKind) -> tuple[str, ...]:
    """The names that a setting may choose from; nothing is imported."""
    entries = (*_our_entries(), *_outside_entries())
    split = (entry.name.partition(".") for entry in entries)
    return tuple(sorted({name for of_kind, _, name in split if of_kind == kind.value}))


def get_connect(kind: DeviceKind, name: str) -> Callable[..., Any]:
    """`load_connect` of the driver of that name. Raises ValueError with a sentence."""
    return load_connect(get_driver(kind, name))


def load_connect(descriptor: DriverDescriptor) -> Callable[..., Any]:
    """The function that opens a device: `connect(address, **its kind's other settings)`.

    Raises ValueError with a sentence when the driver's code can't be imported.
    """
    return _load_callable(descriptor, "connect", descriptor.connect)


def load_twin(descriptor: DriverDescriptor) -> Callable[..., Any]:
    """The function that makes the driver's twin: `twin(directory)` → a plugged-in `Twin`.

    Raises ValueError with a sentence when there is none or its code can't be imported.
    """
    return _load_callable(descriptor, "twin", descriptor.twin)


def _find(kind: DeviceKind, name: str) -> InstalledDriver | BrokenDriver | None:
    """Ours are looked at first: the other packages' metadata is read only when it is needed."""
    wanted = f"{kind.value}.{name}"
    for entry in _our_entries():
        if entry.name == wanted:
            return _load(entry)
    outside = _outside_entries()
    for entry in outside:
        if entry.name == wanted:
            return _load_outside(entry, outside)
    return None


def _our_entries() -> Iterator[_Entry]:
    room = files("yici.drivers")
    for kind in DeviceKind:
        folders = [folder for folder in room.joinpath(kind.value).iterdir() if folder.is_dir()]
        for folder in sorted(folders, key=lambda folder: folder.name):
            if folder.joinpath("descriptor.py").is_file():
                module = f"yici.drivers.{kind.value}.{folder.name}.descriptor"
                yield _Entry(f"{kind.value}.{folder.name}", f"{module}:DRIVER", OUR_PACKAGE)


def _outside_entries() -> list[_Entry]:
    from importlib.metadata import entry_points  # 25 ms, for nothing where a driver of ours serves

    return [
        _Entry(point.name, point.value, package)
        for point in entry_points(group=ENTRY_POINT_GROUP)
        if (package := _package_of(point)).split(" ")[0] != OUR_PACKAGE
    ]


def _package_of(point: "EntryPoint") -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "unknown"


def _load_outside(entry: _Entry, outside: list[_Entry]) -> InstalledDriver | BrokenDriver:
    reason = _find_claim_fault(entry, outside)
    return BrokenDriver(entry.name, entry.package, reason) if reason else _load(entry)


def _load(entry: _Entry) -> InstalledDriver | BrokenDriver:
    module_name, _, attribute = entry.target.partition(":")
    try:
        descriptor = getattr(import_module(module_name), attribute)
    except _ANYTHING as error:
        reason = f"loading {entry.target} failed with {type(error).__name__}: {error}"
        return BrokenDriver(entry.name, entry.package, reason)
    reason = _find_descriptor_fault(entry, descriptor)
    if reason:
        return BrokenDriver(entry.name, entry.package, reason)
    return InstalledDriver(descriptor, entry.package)


def _find_claim_fault(entry: _Entry, outside: list[_Entry]) -> str:
    """What is wrong before anything is imported, as a sentence; "" when nothing is."""
    name = _ENTRY_NAME.fullmatch(entry.name)
    kinds = [kind.value for kind in DeviceKind]
    if name is None or name["kind"] not in kinds:
        return f"an entry point is called <kind>.<name>, with a kind of {', '.join(kinds)}"
    if not _TARGET.fullmatch(entry.target):
        return f"{entry.target!r} is not module:attribute"
    if entry.name in {ours.name for ours in _our_entries()}:
        return "this name belongs to a driver that comes with the terminal"
    if sum(other.name == entry.name for other in outside) > 1:
        return "more than one package claims this name: uninstall all but one"
    return ""


def _find_descriptor_fault(entry: _Entry, descriptor: object) -> str:
    if not isinstance(descriptor, DriverDescriptor):
        return f"{entry.target} is a {type(descriptor).__name__}, not a DriverDescriptor"
    own_name = f"{descriptor.kind}.{descriptor.name}"
    if own_name != entry.name:
        return f"the descriptor calls itself {own_name}"
    targets = [descriptor.connect, *([descriptor.twin] if descriptor.twin else [])]
    bad = next((target for target in targets if not _TARGET.fullmatch(target)), None)
    return "" if bad is None else f"{bad!r} in the descriptor is not module:attribute"


def _load_callable(descriptor: DriverDescriptor, role: str, target: str) -> Callable[..., Any]:
    whose = f"the {role} of driver {descriptor.name!r}"
    if not target:
        raise ValueError(f"{whose} does not exist")
    module_name, _, attribute = target.partition(":")
    try:
        loaded = getattr(import_module(module_name), attribute)
    except _ANYTHING as error:
        raise ValueError(f"{whose} can't be loaded: {type(error).__name__}: {error}") from error
    if not callable(loaded):
        raise ValueError(f"{whose} is a {type(loaded).__name__}, not a function")
    called: Callable[..., Any] = loaded
    return called
