"""Workers: known soon, lost once, found again, and never in the way of a session's end."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from yici.config.declaration import (
    DocumentCameraSettings,
    IdCardReaderSettings,
    TerminalSettings,
)
from yici.drivers.device import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotReady,
    SelfTestStep,
    Unsupported,
)
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.kiosk.devices import (
    NOT_ASKED,
    Care,
    DeviceWorker,
    TerminalDevices,
    open_devices,
)
from yici.kiosk.devices.remembering import remember_in
from yici.kiosk.devices.worker import (
    CHECK_HANGS_AFTER_S,
    HANGS,
    NO_ANSWER_AFTER_S,
    NO_ANSWER_YET,
)
from yici.offline_cache.cache import OfflineCache

KIND = DeviceKind.ID_CARD_READER
DEADLINE_S = 30.0


class Screen:
    """The session's thread: runs what is posted, and keeps what it was told."""

    def __init__(self) -> None:
        self.posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.seen: dict[DeviceKind, list[DeviceStatus]] = {}

    def note(self, status: DeviceStatus) -> None:
        self.seen.setdefault(status.kind, []).append(status)

    def latest(self, kind: DeviceKind = KIND) -> DeviceState | None:
        return self.seen[kind][-1].state if kind in self.seen else None

    def until(self, holds: Callable[[], bool], within_s: float = DEADLINE_S) -> float:
        """How long it took, in seconds."""
        started_s = time.monotonic()
        while not holds():
            assert time.monotonic() < started_s + within_s, f"never; seen: {self.seen}"
            try:
                self.posts.get(timeout=0.02)()
            except queue.Empty:
                continue
        return time.monotonic() - started_s


class FakeReader:
    """A device in a test's hand: each answer is a status, an error, or a wait for `released`."""

    def __init__(self, answers: Callable[[], DeviceState]) -> None:
        self._answers = answers
        self.closed = 0

    def status(self) -> DeviceStatus:
        return DeviceStatus(KIND, self._answers())

    def self_test(self) -> tuple[SelfTestStep, ...]:
        return ()

    def diagnostics(self) -> Mapping[str, str | int]:
        return {}

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_change_is_known_within_two_seconds_while_a_screen_cares(
    screen: Screen, tmp_path: Path, stack: ExitStack
) -> None:
    twin = stack.enter_context(SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE))
    settings = TerminalSettings(id_card_reader=IdCardReaderSettings(port=str(twin.path)))
    devices = open_devices(settings, screen.posts.put)
    stack.callback(devices.close)
    devices.watch(screen.note)
    devices.care_for(frozenset({KIND}))
    screen.until(lambda: screen.latest() is DeviceState.READY)
    twin.unplug()
    screen.until(lambda: screen.latest() is DeviceState.DISCONNECTED)
    twin.plug_in()
    screen.until(lambda: screen.latest() is DeviceState.READY)
    others = [kind for kind in DeviceKind if kind is not KIND]
    screen.until(lambda: all(kind in screen.seen for kind in others))
    assert all(screen.latest(kind) is DeviceState.NOT_CONFIGURED for kind in others)


def test_nothing_is_opened_before_somebody_watches_or_asks(screen: Screen) -> None:
    connected = threading.Event()

    def connect() -> FakeReader:
        connected.set()
        return FakeReader(lambda: DeviceState.READY)

    worker = DeviceWorker(KIND, connect, screen.posts.put)
    worker.care(Care.CLOSE)
    worker.plugged()
    assert not connected.wait(0.3)
    assert worker.close()


def test_every_call_asks_anew(screen: Screen, stack: ExitStack) -> None:
    states = [DeviceState.READY, DeviceState.BUSY, DeviceState.READY]
    left = iter(states)
    worker = DeviceWorker(KIND, lambda: FakeReader(lambda: next(left)), screen.posts.put)
    stack.callback(worker.close)
    for _ in states:
        worker.call(lambda device: device.status(), screen.note, screen.note)
    screen.until(lambda: len(screen.seen.get(KIND, ())) == len(states))
    assert [status.state for status in screen.seen[KIND]] == states


def test_a_driver_that_breaks_is_thrown_away_and_connected_anew(
    screen: Screen, stack: ExitStack
) -> None:
    made: list[FakeReader] = []

    def answer() -> DeviceState:
        if len(made) == 1:
            raise ZeroDivisionError
        return DeviceState.READY

    def connect() -> FakeReader:
        made.append(FakeReader(answer))
        return made[-1]

    worker = DeviceWorker(KIND, connect, screen.posts.put)
    stack.callback(worker.close)
    for _ in range(2):
        worker.call(lambda device: device.status(), screen.note, screen.note)
    screen.until(lambda: len(screen.seen.get(KIND, ())) == 2)
    assert [(status.state, status.code) for status in screen.seen[KIND]] == [
        (DeviceState.FAULT, "driver.ZeroDivisionError"),
        (DeviceState.READY, ""),
    ]
    assert made[0].closed == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ValueError("no such driver"), DeviceState.WRONG_SETTING),
        (Unsupported(DeviceStatus(KIND, DeviceState.FAULT, "model.unknown")), DeviceState.FAULT),
    ],
    ids=["wrong setting", "unsupported"],
)
def test_a_permanent_fault_is_told_and_left_alone(
    screen: Screen, stack: ExitStack, error: Exception, state: DeviceState
) -> None:
    tries = threading.Semaphore(0)

    def connect() -> FakeReader:
        tries.release()
        raise error

    clock = Clock()
    worker = DeviceWorker(KIND, connect, screen.posts.put, monotonic_s=clock)
    stack.callback(worker.close)
    worker.watch(screen.note)
    screen.until(lambda: screen.latest() is state)
    assert tries.acquire(timeout=DEADLINE_S)
    clock.now_s += 11  # past the grace, in which a look a second is due
    worker.look()
    assert tries.acquire(timeout=DEADLINE_S)
    clock.now_s += 30
    worker.care(Care.IDLE)  # wakes the thread: it would look if a look were due
    assert not tries.acquire(timeout=0.5)
    worker.plugged()
    assert tries.acquire(timeout=DEADLINE_S)


class Clock:
    """Monotonic seconds that move only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


# --- hanging


@pytest.fixture
def hang(stack: ExitStack) -> Callable[[], DeviceState]:
    """A vendor's code that doesn't come back until the test is over."""
    released = threading.Event()
    stack.callback(released.set)

    def wait() -> DeviceState:
        released.wait()
        return DeviceState.READY

    return wait


def test_a_hanging_driver_does_not_hold_up_the_end(
    screen: Screen, hang: Callable[[], DeviceState], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = threading.Event()

    def stuck() -> DeviceState:
        inside.set()
        return hang()

    monkeypatch.setattr(
        "yici.kiosk.devices.connecting.connect_id_card_reader", lambda _: FakeReader(stuck)
    )
    settings = TerminalSettings(id_card_reader=IdCardReaderSettings(port="/dev/none"))
    devices = open_devices(settings, screen.posts.put)
    devices.watch(screen.note)
    assert inside.wait(DEADLINE_S)
    assert devices.close(deadline_s=0.2) == (KIND,)
    assert devices.close(deadline_s=0.2) == (KIND,), "and may be called twice"


def test_who_asks_while_the_driver_hangs_is_told_at_once(
    screen: Screen, hang: Callable[[], DeviceState]
) -> None:
    clock, inside = Clock(), threading.Event()

    def stuck() -> DeviceState:
        inside.set()
        return hang()

    worker = DeviceWorker(KIND, lambda: FakeReader(stuck), screen.posts.put, monotonic_s=clock)
    worker.watch(screen.note)
    assert inside.wait(DEADLINE_S)
    assert not worker.note_hang()
    clock.now_s += CHECK_HANGS_AFTER_S
    answers: list[DeviceStatus] = []
    worker.call(lambda device: device.status(), answers.append, answers.append)
    screen.until(lambda: bool(answers))
    assert answers == [DeviceStatus(KIND, DeviceState.UNKNOWN, HANGS)]
    assert screen.seen[KIND][-1] == answers[0], "and who watches is told, too"
    assert not worker.close(deadline_s=0.1)


@pytest.mark.parametrize("usual_s", [0.1, 3.0], ids=["quick", "slow by habit"])
def test_answer_that_is_owed_is_told_before_the_drivers_deadline(
    screen: Screen, usual_s: float
) -> None:
    clock, go, looks = Clock(), threading.Event(), queue.SimpleQueue[int]()

    def answers() -> DeviceState:
        if screen.seen:
            looks.put(1)
            go.wait(DEADLINE_S)
        else:
            clock.now_s += usual_s
        return DeviceState.READY

    worker = DeviceWorker(KIND, lambda: FakeReader(answers), screen.posts.put, monotonic_s=clock)
    worker.watch(screen.note)
    screen.until(lambda: screen.latest() is DeviceState.READY)
    worker.look()
    looks.get(timeout=DEADLINE_S)
    worker.note_delay()
    clock.now_s += max(NO_ANSWER_AFTER_S, 2 * usual_s) - 0.01
    worker.note_delay()
    assert screen.posts.empty(), "not yet"
    clock.now_s += 0.02
    worker.note_delay()
    screen.until(lambda: screen.latest() is DeviceState.UNKNOWN)
    assert screen.seen[KIND][-1].code == NO_ANSWER_YET
    go.set()
    screen.until(lambda: screen.latest() is DeviceState.READY)
    assert worker.close()


def test_the_end_drops_what_still_waits(screen: Screen) -> None:
    asked: list[int] = []
    going, go = threading.Event(), threading.Event()

    def slow() -> DeviceState:
        going.set()
        go.wait(DEADLINE_S)
        asked.append(1)
        return DeviceState.READY

    worker = DeviceWorker(KIND, lambda: FakeReader(slow), screen.posts.put)
    for _ in range(5):
        worker.call(lambda device: device.status(), screen.note, screen.note)
    assert going.wait(DEADLINE_S)
    worker.stop()
    go.set()
    assert worker.close()
    assert asked == [1]


# --- cameras


def test_a_camera_is_not_opened_only_to_look_at_it(
    screen: Screen, tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()

    def connect(_: DocumentCameraSettings) -> FakeReader:
        opened.set()
        raise NotReady(DeviceStatus(DeviceKind.DOCUMENT_CAMERA, DeviceState.BUSY))

    monkeypatch.setattr("yici.kiosk.devices.connecting.connect_document_camera", connect)
    node = tmp_path / "video0"
    node.touch()
    settings = TerminalSettings(document_camera=DocumentCameraSettings(source=str(node)))
    devices = open_devices(settings, screen.posts.put)
    stack.callback(devices.close)
    camera = DeviceKind.DOCUMENT_CAMERA
    devices.watch(screen.note)
    screen.until(lambda: screen.latest(camera) is DeviceState.UNKNOWN)
    assert screen.seen[camera][-1].code == NOT_ASKED
    node.unlink()
    devices.look()
    screen.until(lambda: screen.latest(camera) is DeviceState.DISCONNECTED)
    assert not opened.is_set()
    devices.care_for(frozenset({camera}))
    screen.until(opened.is_set)


# --- one loss, however many sessions


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[OfflineCache]:
    with OfflineCache.open(tmp_path / "terminal") as cache:
        yield cache


class Session:
    """One of the supervisor's processes, as far as the reader is concerned; it lives fast."""

    def __init__(self, screen: Screen, cache: OfflineCache, states: dict[str, DeviceState]) -> None:
        memories = remember_in(cache.devices, lambda write: write())
        self.worker = DeviceWorker(
            KIND,
            lambda: FakeReader(lambda: states["now"]),
            screen.posts.put,
            memory=memories.of(KIND),
            monotonic_s=lambda: time.monotonic() * 100,
        )
        self.worker.watch(screen.note)


def names(cache: OfflineCache) -> list[str]:
    return [event.name for event in cache.events.read()]


def look_until(screen: Screen, session: Session, holds: Callable[[], bool]) -> None:
    def looked() -> bool:
        session.worker.look()
        return holds()

    screen.until(looked)


def look_for(screen: Screen, session: Session, duration_s: float) -> None:
    until_s = time.monotonic() + duration_s
    look_until(screen, session, lambda: time.monotonic() > until_s)


def test_a_loss_is_logged_once_however_often_sessions_change(
    screen: Screen, cache: OfflineCache
) -> None:
    states = {"now": DeviceState.READY}
    first = Session(screen, cache, states)
    look_until(screen, first, lambda: cache.devices.find(KIND.value) is not None)
    assert names(cache) == [], "to be there is no event"
    states["now"] = DeviceState.DISCONNECTED
    look_until(screen, first, lambda: names(cache) == ["device_lost"])
    first.worker.close()
    for _ in range(2):
        later = Session(screen, cache, states)
        look_for(screen, later, 0.6)
        later.worker.close()
    assert names(cache) == ["device_lost"]
    last = Session(screen, cache, states)
    states["now"] = DeviceState.PAPER_OUT  # it asks for something: it is there
    look_until(screen, last, lambda: "device_back" in names(cache))
    last.worker.close()
    back = cache.events.read()[-1]
    assert names(cache) == ["device_lost", "device_back"]
    assert back.fields["role"] == KIND.value
    assert back.fields["away_s"] >= 0.6


def test_a_device_that_went_between_two_sessions_is_missed(
    screen: Screen, cache: OfflineCache
) -> None:
    states = {"now": DeviceState.READY}
    first = Session(screen, cache, states)
    look_until(screen, first, lambda: cache.devices.find(KIND.value) is not None)
    first.worker.close()
    states["now"] = DeviceState.UNKNOWN
    second = Session(screen, cache, states)
    look_until(screen, second, lambda: names(cache) == ["device_lost"])
    second.worker.close()


def test_what_the_settings_do_not_name_any_more_is_forgotten(
    screen: Screen, cache: OfflineCache
) -> None:
    states = {"now": DeviceState.READY}
    first = Session(screen, cache, states)
    look_until(screen, first, lambda: cache.devices.find(KIND.value) is not None)
    first.worker.close()
    devices = watched_devices(screen, cache)
    devices.close()
    assert cache.devices.find(KIND.value) is None


def test_a_machine_without_udev_says_so_once(
    screen: Screen, cache: OfflineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = TerminalSettings(id_card_reader=IdCardReaderSettings(port="/dev/kiosk/none"))
    monkeypatch.setattr("yici.kiosk.devices.terminal.udev_runs", lambda: False)
    for _ in range(2):
        watched_devices(screen, cache, settings).close()
    assert names(cache) == ["hotplug_unavailable"]
    monkeypatch.setattr("yici.kiosk.devices.terminal.udev_runs", lambda: True)
    for _ in range(2):
        watched_devices(screen, cache, settings).close()
    assert names(cache) == ["hotplug_unavailable", "hotplug_available"]


def watched_devices(
    screen: Screen, cache: OfflineCache, settings: TerminalSettings | None = None
) -> TerminalDevices:
    memories = remember_in(cache.devices, lambda write: write())
    devices = open_devices(settings or TerminalSettings(), screen.posts.put, memories)
    devices.watch(screen.note)
    return devices
