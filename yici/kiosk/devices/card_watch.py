"""Looking for a card, over and over, while a screen waits for one."""

from collections.abc import Callable
from typing import Generic, TypeVar

from yici.contract.people import Identity
from yici.drivers.device import DeviceStatus
from yici.kiosk.devices.worker import AnyDevice, DeviceWorker

CARD_POLL_INTERVAL_S = 0.3  # vendors ask for more than 300 ms between two polls

Presence = TypeVar("Presence")


class CardWatch(Generic[AnyDevice, Presence]):
    """Polls the reader until a card was read or the watch is stopped."""

    def __init__(
        self,
        worker: DeviceWorker[AnyDevice],
        look: Callable[[AnyDevice], Identity | Presence],
        on_identity: Callable[[Identity], None],
        on_presence: Callable[[Presence], None],
        on_trouble: Callable[[DeviceStatus], None],
        *,
        on_late_identity: Callable[[Identity], None] = lambda _: None,
    ) -> None:
        """`look` is the reader's call for one poll.

        A card that was being read when the watch was stopped comes as `on_late_identity`: the
        reader gives it only once, and whoever watches now would wait for it in vain.
        """
        self._worker = worker
        self._look = look
        self._on_identity = on_identity
        self._on_presence = on_presence
        self._on_trouble = on_trouble
        self._on_late_identity = on_late_identity
        self._stopped = False
        self._poll(after_s=0.0)

    def stop(self) -> None:
        """No further poll; of a result on its way only a card is told, as late."""
        self._stopped = True

    def _poll(self, after_s: float) -> None:
        self._worker.call(self._ask, self._answered, self._failed, after_s=after_s)

    def _ask(self, device: AnyDevice) -> Identity | Presence | None:
        # a reader gives a card only once: one that nobody waits for must be left to the next watch
        return None if self._stopped else self._look(device)

    def _answered(self, result: Identity | Presence | None) -> None:
        if self._stopped and isinstance(result, Identity):
            self._on_late_identity(result)
        if self._stopped or result is None:
            return
        if isinstance(result, Identity):
            self._stopped = True
            self._on_identity(result)
            return
        self._on_presence(result)
        self._poll(CARD_POLL_INTERVAL_S)

    def _failed(self, status: DeviceStatus) -> None:
        if self._stopped:
            return
        self._on_trouble(status)
        if self._worker.configured:
            self._poll(CARD_POLL_INTERVAL_S)
