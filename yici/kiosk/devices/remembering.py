"""What one session leaves to the next about the devices, and the events that tell of changes."""

import time
from collections.abc import Callable

from yici.drivers.device import DeviceKind
from yici.drivers.health import Change, Phase, Turn
from yici.kiosk import events
from yici.kiosk.devices.terminal import Memories
from yici.kiosk.devices.worker import Memory
from yici.offline_cache.device_ledger import DeviceLedger, Entry, Standing
from yici.offline_cache.errors import StoreError
from yici.offline_cache.events import Event

HOTPLUG = "hotplug"  # stands in the ledger beside the devices

Later = Callable[[Callable[[], object]], None]  # runs what writes to the disk, elsewhere

_PHASES = {None: Phase.NEVER_SEEN, Standing.PRESENT: Phase.PRESENT, Standing.LOST: Phase.LOST}
_STANDINGS = {
    Turn.SEEN: Standing.PRESENT,
    Turn.BACK: Standing.PRESENT,
    Turn.LOST: Standing.LOST,
}


def remember_in(ledger: DeviceLedger, later: Later) -> Memories:
    """Memories kept in the ledger."""

    def memory_of(kind: DeviceKind) -> Memory:
        def recall() -> Phase:
            try:
                entry = ledger.find(kind.value)
            except StoreError:
                return Phase.NEVER_SEEN
            return _PHASES[entry.standing if entry else None]

        def tell(change: Change) -> None:
            entry = Entry(_STANDINGS[change.turn], _now_ms() - round(change.ago_s * 1000))
            later(lambda: ledger.settle(kind.value, entry, lambda old: _event(kind, old, entry)))

        def forget() -> None:
            later(lambda: ledger.forget(kind.value))

        return Memory(recall, tell, forget)

    def note_hotplug(available: bool) -> None:  # noqa: FBT001 - the callback's only word
        now = Entry(Standing.PRESENT if available else Standing.LOST, _now_ms())
        later(lambda: ledger.settle(HOTPLUG, now, lambda old: _hotplug_event(old, now)))

    return Memories(memory_of, note_hotplug)


def _hotplug_event(old: Entry | None, now: Entry) -> Event | None:
    """Said once, and once again when it changes."""
    if now.standing is Standing.LOST:
        return events.HotplugUnavailable()
    return events.HotplugAvailable() if old else None


def _event(kind: DeviceKind, old: Entry | None, now: Entry) -> Event | None:
    role = events.DeviceRole(kind.value)
    if now.standing is Standing.LOST:
        return events.DeviceLost(role)
    if old is None:
        return None
    # the terminal's clock may have been set meanwhile
    return events.DeviceBack(role, away_s=max(0.0, round((now.since_ms - old.since_ms) / 1000, 1)))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
