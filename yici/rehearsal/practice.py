"""Practice for staff: the terminal with twins instead of its devices, and nothing real behind it.

Everything lies in one temporary directory that is removed at the end: a state directory of its
own, enrolled nowhere (its keys are made here, those to open a submission are never kept, and the
settings name no platform), and a copy of the terminal's catalogue. The real state directory is
only read: its files are copied, and of the copy only the catalogue is taken.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

from yici.config.declaration import TerminalSettings
from yici.config.device_tables import address_setting
from yici.config.writing import write_tables
from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import digest_of
from yici.contract.envelope.suites import get_suite
from yici.contract.items import read_pack
from yici.contract.statement import Purpose, sign_statement
from yici.contract.terminal import SealingKey, SealingKeys
from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind
from yici.drivers.registry import find_driver, load_twin
from yici.drivers.twin import Twin
from yici.drivers.twin_panel.desk import USUAL_DRIVERS
from yici.kiosk.identity import TerminalIdentity, save_identity
from yici.offline_cache.cache import DATABASE_NAME, OfflineCache
from yici.rehearsal.process_table import ProcessTable, RehearsalFailed
from yici.rehearsal.readiness import get_free_port
from yici.rehearsal.services import device_tables, panel_url, terminal_service, twins_service
from yici.rehearsal.virtual_screen import NoVirtualScreen, VirtualScreen

MARK: Final = "练习 · 不会送出 · Practice"
PRACTICE_TERMINAL_ID: Final = "PRACTICE"
_PREFIX: Final = "yici-practice-"
_SUITE: Final = "intl-1"
_COPY_ATTEMPTS: Final = 5
_DATABASE_FILES: Final = (DATABASE_NAME, f"{DATABASE_NAME}-wal")


class Practice:
    """One practice; `directory` is gone after `close`, whatever happened in it."""

    def __init__(self, real: TerminalSettings, *, tell: Callable[[str], None]) -> None:
        """Also removes what a practice that was killed has left behind. Raises RehearsalFailed."""
        self._real = real
        self._tell = tell
        _remove_leftovers()
        self.directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.screen: VirtualScreen | None = None
        self._table = ProcessTable(self.directory)

    @property
    def state_dir(self) -> Path:
        return self.directory / "terminal"

    @property
    def settings_path(self) -> Path:
        return self.directory / "terminal.toml"

    def open_screen(self) -> None:
        """A virtual screen, shown on the panel's page. Raises RehearsalFailed."""
        try:
            self.screen = VirtualScreen(self.directory / "screen")
        except NoVirtualScreen as error:
            raise RehearsalFailed(str(error)) from error
        self._table.remember("screen", self.screen.mark)

    def start(self, page_port: int) -> str:
        """Start twins and terminal; the panel's address. Raises RehearsalFailed."""
        port = get_free_port(page_port)
        prepare_state(Path(self._real.storage.state_dir), self.state_dir)
        self._tell("starting twins")
        twins = self.directory / "twins"
        self._table.start(twins_service(twins, port, self.screen, twins_for(self._real)))
        devices = device_tables(port, self._table.log_of("twins"))
        settings = practice_settings(self._real, self.state_dir, devices)
        self.settings_path.write_text(settings, "utf-8")
        self._tell("starting terminal")
        self._table.start(terminal_service(self.settings_path, self.screen))
        return panel_url(port)

    def find_ended(self) -> str | None:
        """A sentence when something has ended by itself."""
        if self.screen is not None and not self.screen.is_running:
            return "The virtual screen has ended by itself."
        return self._table.find_ended()

    def close(self) -> None:
        """End everything and remove it; may be called twice."""
        self._table.close()
        if self.screen is not None:
            self.screen.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def twins_for(real: TerminalSettings) -> dict[DeviceKind, str]:
    """A twin of each configured device's own driver; of every kind where none is configured."""
    drivers = {kind: _twin_driver(real, kind) for kind in DeviceKind}
    return drivers if any(drivers.values()) else {}


def _twin_driver(real: TerminalSettings, kind: DeviceKind) -> str:
    table = asdict(getattr(real, kind.value))
    if not table[address_setting(kind.value)]:
        return ""
    descriptor = find_driver(kind, table["driver"])
    usual = USUAL_DRIVERS[kind]
    return descriptor.name if descriptor and _has_twin_here(descriptor) else usual


def _has_twin_here(descriptor: DriverDescriptor) -> bool:
    """Tried, unless it is a usual one: a twin may need what isn't installed, such as a compiler."""
    if descriptor.name == USUAL_DRIVERS[descriptor.kind]:
        return True
    try:
        with tempfile.TemporaryDirectory(prefix="yici-twin-") as directory:
            twin: Twin = load_twin(descriptor)(Path(directory))
            twin.close()
    except (OSError, RuntimeError, ValueError):
        return False
    return True


def practice_settings(
    real: TerminalSettings, state_dir: Path, devices: dict[str, dict[str, str]]
) -> str:
    """The terminal's own settings, with the mark, without a platform, on the twins."""
    tables = asdict(real)
    tables["hall"]["mark"] = MARK
    tables["storage"]["state_dir"] = str(state_dir)
    tables["platform"]["url"] = ""
    for kind in DeviceKind:
        tables[kind.value][address_setting(kind.value)] = ""
        tables[kind.value].update(devices.get(kind.value, {}))
    return "# Written by the practice.\n" + write_tables(tables)


def prepare_state(real_state_dir: Path, state_dir: Path) -> None:
    """A state directory to practise in. Raises RehearsalFailed."""
    state_dir.mkdir(parents=True, mode=0o700)
    save_identity(state_dir, _nobodys_identity())
    pack, version = _find_catalogue(real_state_dir, state_dir.with_name("copy")) or _sample_pack()
    release = CatalogueRelease(
        version=version,
        digest=digest_of(pack),
        size_bytes=len(pack),
        item_count=len(list(read_pack(pack.decode("utf-8").splitlines()))),
    )
    with OfflineCache.open(state_dir) as cache:
        cache.catalogue.replace(release, pack)


def _nobodys_identity() -> TerminalIdentity:
    """Enrolled at no platform: what is sealed with it can't be opened by anybody."""
    suite = get_suite(_SUITE)
    terminal, signing = suite.new_signing_key(), suite.new_signing_key()
    keys = SealingKeys(
        version=1,
        suite=_SUITE,
        platform=SealingKey(key_id="practice", public_key=suite.new_sealing_key().public),
        escrow=SealingKey(key_id="practice-escrow", public_key=suite.new_sealing_key().public),
    )
    statement = sign_statement(
        suite, Purpose.SEALING_KEYS, keys, key_id="practice", private_key=signing.private
    )
    return TerminalIdentity(
        terminal_id=PRACTICE_TERMINAL_ID,
        suite_id=_SUITE,
        private_key=terminal.private,
        public_key=terminal.public,
        signing_key_id="practice",
        signing_public_key=signing.public,
        sealing_statement=statement,
        sealing_keys=keys,
    )


def _find_catalogue(real_state_dir: Path, scratch: Path) -> tuple[bytes, int] | None:
    """The pack in force and its version; None for a terminal without one.

    The database's files are copied, since SQLite would write beside the one that it reads.
    """
    if not (real_state_dir / DATABASE_NAME).exists():
        return None
    for _ in range(_COPY_ATTEMPTS):  # the terminal may be writing just now
        with _private_copy(real_state_dir, scratch) as database:
            try:
                with contextlib.closing(sqlite3.connect(database)) as connection:
                    row = connection.execute("SELECT pack, version FROM catalogue").fetchone()
            except sqlite3.DatabaseError:
                continue
            if row is None:
                return None
            pack, version = row
            return bytes(pack), int(version)
    raise RehearsalFailed(
        f"The catalogue in {real_state_dir} can't be read; try again when the terminal is idle."
    )


@contextlib.contextmanager
def _private_copy(real_state_dir: Path, scratch: Path) -> Iterator[Path]:
    scratch.mkdir(mode=0o700)
    try:
        for name in _DATABASE_FILES:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(real_state_dir / name, scratch / name)
        yield scratch / DATABASE_NAME
    except OSError as error:
        raise RehearsalFailed(f"{real_state_dir} can't be read: {error.strerror}.") from error
    finally:
        shutil.rmtree(scratch)


def _sample_pack() -> tuple[bytes, int]:
    """The illustrative catalogue, for a terminal that has received none yet."""
    return files("yici.catalogue").joinpath("items.jsonl").read_bytes(), 1


def _remove_leftovers() -> None:
    """Of practices that were killed; one that still runs holds its lock."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if left.is_symlink() or not left.is_dir():
            continue
        with contextlib.suppress(RehearsalFailed, OSError):
            ProcessTable(left).close()
            shutil.rmtree(left)
