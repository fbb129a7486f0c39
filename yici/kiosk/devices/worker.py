"""One device, one thread, one queue; the driver is loaded and the port opened on first use.

Nothing in here keeps a device's answer for later: who wants to know asks again. While somebody
watches, the thread looks at the device whenever it has nothing else to do, closely while a screen
cares. Results come back through `post`, which runs them on the session's own thread.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from yici.drivers.device import (
    Device,
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    Unsupported,
)
from yici.drivers.health import (
    LONGEST_RETRY_S,
    Change,
    DeviceHealth,
    Fault,
    Phase,
    Reading,
    fault_of,
    reading_of,
)

CHECK_HANGS_AFTER_S = 30.0  # no driver's status takes longer than a few seconds
NO_ANSWER_AFTER_S = 1.0  # a look that takes longer than usual is told before its deadline
CALL_HANGS_AFTER_S = 600.0  # a full document feeder takes minutes
CLOSE_DEADLINE_S = 10.0
BROKEN_PAUSE_S = 0.5  # while a screen cares: somebody waits for it to come back
SHORTEST_PAUSE_S = 0.2  # between two plugs, which may be one that bounces
HANGS = "driver.hangs"
NO_ANSWER_YET = "device.no_answer_yet"
NOT_ASKED = "device.not_asked"  # plugged in, and not opened while nobody uses it

Post = Callable[[Callable[[], None]], None]
Seen = Callable[[DeviceStatus], None]
Result = TypeVar("Result")
AnyDevice = TypeVar("AnyDevice", bound=Device)


class Care(Enum):
    """How closely a device is looked at; the value is the pause between two looks in seconds."""

    CLOSE = 1.0  # a screen shows it, or somebody mends it
    IDLE = 10.0


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives the worker: what was believed of the device, and whom to tell of changes.

    Both are called from any thread.
    """

    recall: Callable[[], Phase] = lambda: Phase.NEVER_SEEN
    tell: Callable[[Change], None] = lambda _: None
    forget: Callable[[], None] = lambda: None  # the settings name no such device any more


@dataclass(frozen=True, slots=True)
class Watching:
    """How often a device is looked at, and how while nobody uses it.

    `glance` finds out without opening it, where opening costs too much to do so just to look: a
    camera would stream all day.
    """

    idle_pause_s: float = Care.IDLE.value
    close_pause_s: float = Care.CLOSE.value
    longest_retry_s: float = LONGEST_RETRY_S
    glance: Callable[[], Reading] | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """What the thread is at."""

    since_s: float
    hangs_after_s: float
    no_answer_after_s: float | None = None  # of a look; a call may take as long as it takes


class DeviceWorker(Generic[AnyDevice]):
    """Methods may be called from any thread; none waits for the device but `close`."""

    def __init__(
        self,
        kind: DeviceKind,
        connect: Callable[[], AnyDevice] | None,
        post: Post,
        *,
        memory: Memory | None = None,
        watching: Watching | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kind = kind
        self._connect = connect
        self._post = post
        self._memory = memory or Memory()
        self._watching = watching or Watching()
        self._monotonic_s = monotonic_s
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._device: AnyDevice | None = None
        self._health: DeviceHealth | None = None
        self._turn: _Turn | None = None
        self._seen: Seen | None = None
        self._care = Care.IDLE
        self._latest: DeviceStatus | None = None  # only to tell a change; never an answer
        self._looked_s: float | None = None  # None: a look is due
        self._usual_look_s = 0.0
        self._plug_waits = threading.Event()
        self.stopping = threading.Event()

    @property
    def configured(self) -> bool:
        """Whether the settings name such a device."""
        return self._connect is not None

    def call(
        self,
        ask: Callable[[AnyDevice], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[DeviceStatus], None],
        *,
        after_s: float = 0.0,
    ) -> None:
        """Ask the device on its thread; one of the two answers runs on the session's thread.

        `after_s` is waited on the device's thread, before the question. While a driver hangs
        beyond all its deadlines the answer is UNKNOWN, at once.
        """
        if self.note_hang():
            self._post(lambda: otherwise(DeviceStatus(self.kind, DeviceState.UNKNOWN, HANGS)))
            return
        self._start()
        self._jobs.put(lambda: self._serve_call(ask, then, otherwise, after_s))

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the session's thread: for what happens during a long call."""
        if not self.stopping.is_set():
            self._post(call)

    def watch(self, seen: Seen) -> None:
        """From now on `seen` gets the status when it changes, on the session's thread."""
        if self._connect is None:
            self._memory.forget()
            status = DeviceStatus(self.kind, DeviceState.NOT_CONFIGURED)
            self._post(lambda: seen(status))
            return
        self._seen, self._latest, self._looked_s = seen, None, None
        self._start()
        self._jobs.put(_nothing)

    def care(self, care: Care) -> None:
        """How closely to look while somebody watches; a closer look begins now."""
        closer = care is Care.CLOSE and self._care is not Care.CLOSE
        self._care = care
        if self._seen is not None and self._connect is not None:
            self._jobs.put(self._look if closer else _nothing)

    def plugged(self) -> None:
        """Something of this kind was plugged in or out: look at once."""
        if self._seen is not None and self._connect is not None and not self._plug_waits.is_set():
            self._plug_waits.set()
            self._jobs.put(self._look_after_plug)

    def look(self) -> None:
        """Look at once, if it is watched."""
        if self._seen is not None and self._connect is not None:
            self._jobs.put(self._look)

    def note_hang(self) -> bool:
        """Whether the driver hangs beyond every deadline; who watches is told."""
        turn = self._turn
        if turn is None or self._monotonic_s() - turn.since_s < turn.hangs_after_s:
            return False
        self._observe(DeviceStatus(self.kind, DeviceState.UNKNOWN, HANGS))
        return True

    def note_delay(self) -> None:
        """To be called now and then: tells who watches that a device that worked owes an answer.

        Drivers have deadlines of several seconds; a screen should not show READY for so long.
        """
        if self.note_hang():
            return
        turn, latest = self._turn, self._latest
        if turn is None or turn.no_answer_after_s is None or latest is None or not latest.works:
            return
        if self._monotonic_s() - turn.since_s >= turn.no_answer_after_s:
            self._publish(DeviceStatus(self.kind, DeviceState.UNKNOWN, NO_ANSWER_YET))

    def stop(self) -> None:
        """Begin to end; what is waited for in the queue is dropped."""
        self.stopping.set()
        if self._thread is not None:
            self._jobs.put(None)

    def close(self, deadline_s: float = CLOSE_DEADLINE_S) -> bool:
        """End the thread after the running call and give the device back.

        False when the driver still hangs after `deadline_s`: its thread is left behind, and ends
        with the process.
        """
        self.stop()
        if self._thread is None:
            return True
        self._thread.join(timeout=max(0.0, deadline_s))
        return not self._thread.is_alive()

    # --- on the device's thread

    def _start(self) -> None:
        with self._guard:
            if self._thread is None and not self.stopping.is_set():
                self._thread = threading.Thread(
                    target=self._serve, name=self.kind.value, daemon=True
                )
                self._thread.start()

    def _serve(self) -> None:
        while not self.stopping.is_set():
            pause_s = self._pause_s()
            try:
                # a look that is due comes first: a screen's calls may leave the queue no gap
                job = self._look if pause_s == 0 else self._jobs.get(timeout=pause_s)
            except queue.Empty:
                job = self._look
            if job is not None and not self.stopping.is_set():
                job()
        self._drop_device()

    def _serve_call(
        self,
        ask: Callable[[AnyDevice], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[DeviceStatus], None],
        after_s: float,
    ) -> None:
        if self.stopping.wait(after_s):
            return
        answer = self._try(ask, CALL_HANGS_AFTER_S)
        if isinstance(answer, _Failure):
            self._post(lambda: otherwise(answer.status))
            self._observe(answer.status, answer.fault)
            return
        # no word about the device: some calls answer "nothing to see" without one
        self._post(lambda: then(answer.result))

    def _look_after_plug(self) -> None:
        with self._guard:
            health = self._health
        if health is not None:
            health.plugged(self._monotonic_s())
        if self._looked_s is not None:  # the last look may have been before the plug
            self.stopping.wait(self._looked_s + SHORTEST_PAUSE_S - self._monotonic_s())
        self._plug_waits.clear()
        self._look()

    def _look(self) -> None:
        glance = self._watching.glance
        if glance is not None and self._device is None and self._care is Care.IDLE:
            self._glanced(glance())
            return
        started_s = self._monotonic_s()
        patience_s = max(NO_ANSWER_AFTER_S, 2 * self._usual_look_s)
        answer = self._try(lambda device: device.status(), CHECK_HANGS_AFTER_S, patience_s)
        if isinstance(answer, _Failure):
            self._observe(answer.status, answer.fault)
            return
        if answer.result.works:
            self._usual_look_s = self._monotonic_s() - started_s
        self._observe(answer.result)

    def _glanced(self, reading: Reading) -> None:
        if reading is Reading.DISCONNECTED:
            self._observe(DeviceStatus(self.kind, DeviceState.DISCONNECTED, "device.missing"))
            return
        self._looked_s = self._monotonic_s()
        self._judge(reading, Fault.NONE)
        self._publish(DeviceStatus(self.kind, DeviceState.UNKNOWN, NOT_ASKED))

    def _try(
        self,
        ask: Callable[[AnyDevice], Result],
        hangs_after_s: float,
        no_answer_after_s: float | None = None,
    ) -> "_Answer[Result] | _Failure":
        if self._connect is None:
            return _Failure(DeviceStatus(self.kind, DeviceState.NOT_CONFIGURED))
        self._turn = _Turn(self._monotonic_s(), hangs_after_s, no_answer_after_s)
        try:
            if self._device is None:
                self._device = self._connect()
            return _Answer(ask(self._device))
        except DeviceError as error:
            permanent = isinstance(error, Unsupported) and self._device is None
            return _Failure(error.status, Fault.PERMANENT if permanent else None)
        except ValueError:  # an unknown driver, or an address that can't be one
            return _Failure(DeviceStatus(self.kind, DeviceState.WRONG_SETTING))
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen waits for a word
            self._drop_device()  # who knows in which state it is
            code = f"driver.{type(error).__name__}"
            return _Failure(DeviceStatus(self.kind, DeviceState.FAULT, code))
        finally:
            self._turn = None

    def _drop_device(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            with contextlib.suppress(Exception):
                device.close()

    def _pause_s(self) -> float | None:
        """How long the device may be left alone; None while nobody watches."""
        if self._seen is None:
            return None
        if self._looked_s is None:
            return 0
        close = self._care is Care.CLOSE
        pause_s = self._watching.close_pause_s if close else self._watching.idle_pause_s
        health = self._health
        if health is not None and not health.is_well:
            retry_s = health.retry_in_s(self._monotonic_s())
            pause_s = max(BROKEN_PAUSE_S, pause_s / 5) if close else retry_s
        return max(0.0, self._looked_s + pause_s - self._monotonic_s())

    def _observe(self, status: DeviceStatus, fault: Fault | None = None) -> None:
        self._looked_s = self._monotonic_s()
        self._judge(reading_of(status), fault or fault_of(status))
        self._publish(status)

    def _publish(self, status: DeviceStatus) -> None:
        with self._guard:
            seen = self._seen
            changed = seen is not None and status != self._latest
            if changed:
                self._latest = status
        if changed and seen is not None and not self.stopping.is_set():
            self._post(lambda: seen(status))

    def _judge(self, reading: Reading, fault: Fault) -> None:
        if self._connect is None or self.stopping.is_set():
            return
        # asked before the lock is taken: the disk may be slow, and the screen takes it, too
        phase = self._memory.recall() if self._health is None else Phase.NEVER_SEEN
        now_s = self._monotonic_s()
        with self._guard:
            if self._health is None:
                self._health = DeviceHealth(now_s, phase, self._watching.longest_retry_s)
            change = self._health.observe(reading, fault, now_s)
        if change is not None:
            self._memory.tell(change)


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Result]):
    result: Result


@dataclass(frozen=True, slots=True)
class _Failure:
    status: DeviceStatus
    fault: Fault | None = None


def _nothing() -> None:
    """Only wakes the thread, so that it reckons its pause anew."""
