"""Looking for a card, over and over, while a screen waits for one."""

from collections.abc import Callable

from yici.contract.people import Identity
from yici.drivers.device import DeviceStatus
from yici.drivers.id_card_reader import CardPresence, IdCardReader
from yici.kiosk.devices.worker import DeviceWorker

CARD_POLL_INTERVAL_S = 0.3  # vendors ask for more than 300 ms between two polls


class CardWatch:
    """Polls the reader until a card was read or the watch is stopped."""

    def __init__(
        self,
        worker: DeviceWorker[IdCardReader],
        on_identity: Callable[[Identity], None],
        on_presence: Callable[[CardPresence], None],
        on_trouble: Callable[[DeviceStatus], None],
    ) -> None:
        self._worker = worker
        self._on_identity = on_identity
        self._on_presence = on_presence
        self._on_trouble = on_trouble
        self._stopped = False
        self._poll(after_s=0.0)

    def stop(self) -> None:
        """No further poll; a result on its way is dropped."""
        self._stopped = True

    def _poll(self, after_s: float) -> None:
        self._worker.call(
            lambda reader: reader.read_card(), self._answered, self._failed, after_s=after_s
        )

    def _answered(self, result: Identity | CardPresence) -> None:
        if self._stopped:
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
