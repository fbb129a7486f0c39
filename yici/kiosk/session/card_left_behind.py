"""Whether the card that was read still lies on the reader, while its owner may still take it."""

from collections.abc import Callable

from yici.drivers.device import DeviceStatus
from yici.drivers.id_card_reader import CardRemoval, IdCardReader
from yici.kiosk.devices import DeviceWorker

ASK_INTERVAL_S = 1.0


class CardLeftBehind:
    """Asks the reader as long as it says that the card is there; `seen` is its last word."""

    def __init__(self, reader: DeviceWorker[IdCardReader], changed: Callable[[], None]) -> None:
        self.seen = CardRemoval.UNKNOWN
        self._reader = reader
        self._changed = changed
        self._is_wanted = False
        self._is_asking = False

    def start(self) -> None:
        """A card was read, and the matter is done: look after the card from now on."""
        self._is_wanted = True
        if self._reader.configured and not self._is_asking and self.seen is CardRemoval.UNKNOWN:
            self._ask(after_s=0.0)
        elif self.seen is CardRemoval.STILL_THERE and not self._is_asking:
            self._ask(ASK_INTERVAL_S)

    def stop(self) -> None:
        """An answer on its way is dropped."""
        self._is_wanted = False

    def _ask(self, after_s: float) -> None:
        self._is_asking = True
        self._reader.call(
            lambda reader: reader.card_removal(), self._answered, self._failed, after_s=after_s
        )

    def _answered(self, seen: CardRemoval) -> None:
        self._is_asking = False
        if not self._is_wanted:
            return
        if seen is not self.seen:
            self.seen = seen
            self._changed()
        if seen is CardRemoval.STILL_THERE:  # a reader that can't tell is asked no more
            self._ask(ASK_INTERVAL_S)

    def _failed(self, status: DeviceStatus) -> None:
        del status  # told where it matters; here nobody can know any more
        self._answered(CardRemoval.UNKNOWN)
