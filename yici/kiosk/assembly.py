"""Puts a session together from the settings: the only place that knows all its parts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from yici.config.declaration import TerminalSettings
from yici.config.load import BadSettings, load_settings
from yici.contract.envelope.suite import EnvelopeError
from yici.kiosk.catalogue.search import Catalogue
from yici.kiosk.devices import open_devices
from yici.kiosk.devices.remembering import remember_in
from yici.kiosk.identity import BrokenIdentity, TerminalIdentity, find_identity
from yici.kiosk.journeys.hand_in import HandInCounter
from yici.kiosk.session.background import Background, Post
from yici.kiosk.session.progress import HALL_TIME, ProgressDesk
from yici.kiosk.session.resident import ResidentSession, SessionServices
from yici.kiosk.session.slip_printing import SlipDesk, SlipPrinting
from yici.offline_cache.admission import Admission, judge_disk, measure_disk
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.errors import StoreError
from yici.offline_cache.events import Event, EventLog


class Trouble(StrEnum):
    """Why a terminal can't serve anybody yet; it looks again until it is mended."""

    SETTINGS = "settings"
    STORAGE = "storage"
    IDENTITY = "identity"
    CRYPTOGRAPHY = "cryptography"


class OutOfService(Exception):
    """Nothing can be offered; `sentences` tell staff what to mend."""

    def __init__(self, trouble: Trouble, sentences: tuple[str, ...]) -> None:
        super().__init__("; ".join(sentences))
        self.trouble = trouble
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Assembled:
    """A session and what has to be closed after it."""

    session: ResidentSession
    cache: OfflineCache
    settings: TerminalSettings

    def close(self) -> None:
        """Give devices, threads and files back."""
        self.session.services.devices.close()
        self.session.services.background.close()
        self.cache.close()


def open_settings(path: Path) -> TerminalSettings:
    """Raises OutOfService."""
    try:
        return load_settings(path)
    except BadSettings as error:
        raise OutOfService(Trouble.SETTINGS, error.faults) from error


def assemble(settings: TerminalSettings, post: Post, changed: Callable[[], None]) -> Assembled:
    """A session at the first screen. Raises OutOfService."""
    state_dir = Path(settings.storage.state_dir)
    cache, identity = _open_cache(state_dir), _open_identity(state_dir)
    catalogue = Catalogue(cache.catalogue.items())
    background = Background(post)
    devices = open_devices(
        settings, post, remember_in(cache.devices, partial(_try_later, background))
    )
    desk = SlipDesk(
        hall=settings.hall,
        width_px=settings.receipt_printer.width_px,
        printer=devices.receipt_printer,
        journal=cache.print_journal,
        background=background,
        find_standing=cache.cases.find_by_slip_code,
    )
    services = SessionServices(
        settings=settings,
        catalogue=catalogue,
        devices=devices,
        background=background,
        progress=ProgressDesk(cache.cases, partial(_item_name, catalogue)),
        slips=partial(SlipPrinting, desk),
        counter=counter_for(cache, identity) if identity else None,
        admission=partial(_has_room, state_dir),
        log=partial(_log, background, cache.events),
        monotonic_s=time.monotonic,
        today=hall_today,
    )
    return Assembled(ResidentSession(services, changed), cache, settings)


def hall_today() -> date:
    """The date at the hall."""
    return datetime.now(HALL_TIME).date()


def _open_cache(state_dir: Path) -> OfflineCache:
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        return OfflineCache.open(state_dir)
    except (StoreError, OSError) as error:
        raise OutOfService(Trouble.STORAGE, (str(error),)) from error


def _open_identity(state_dir: Path) -> TerminalIdentity | None:
    try:
        return find_identity(state_dir)
    except BrokenIdentity as error:
        raise OutOfService(Trouble.IDENTITY, (str(error),)) from error
    except EnvelopeError as error:
        raise OutOfService(Trouble.CRYPTOGRAPHY, (str(error),)) from error


def counter_for(cache: OfflineCache, identity: TerminalIdentity) -> HandInCounter:
    """The way into this terminal's outbox."""
    return HandInCounter(identity, cache.parts, cache.outbox, cache.bookmarks)


def _log(background: Background, log: EventLog, event: Event) -> None:
    _try_later(background, lambda: log.append(event))


def _try_later(background: Background, write: Callable[[], object]) -> None:
    """A log that can't be written must not stop a resident."""
    background.run(write, lambda _: None, lambda _: None)


def _item_name(catalogue: Catalogue, code: str) -> str:
    item = catalogue.find(code)
    return item.short_name if item else code


def _has_room(state_dir: Path) -> bool:
    try:
        return judge_disk(measure_disk(state_dir)) is not Admission.CLOSED
    except StoreError:
        return False
