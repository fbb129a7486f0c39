"""What every ID-card reader's values have to be.

Its twin knows `put_card NAME` with the names of the synthetic personas, and `take_card`.
"""

from typing import Any

from yici.contract.people import Identity
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.proving.device import DeviceSuite
from yici.drivers.twin import Twin


class IdCardReaderSuite(DeviceSuite):
    """`device` is an IdCardReader here."""

    def put_some_card(self, twin: Twin) -> None:
        """The first card that the twin offers."""
        put_card = next(act for act in twin.acts if act.name == "put_card")
        twin.act("put_card", put_card.choices[0])

    def test_no_card_is_a_value(self, device: Any) -> None:
        assert device.read_card() is CardPresence.ABSENT

    def test_card_is_read_once_until_it_is_laid_again(self, device: Any, twin: Twin) -> None:
        self.put_some_card(twin)
        first = device.read_card()
        assert isinstance(first, Identity)
        assert not isinstance(device.read_card(), Identity)
        twin.act("take_card")
        assert device.read_card() is CardPresence.ABSENT
        self.put_some_card(twin)
        assert device.read_card() == first

    def test_whose_card_it_was_is_in_no_diagnostics(self, device: Any, twin: Twin) -> None:
        self.put_some_card(twin)
        identity = device.read_card()
        told = str(dict(device.diagnostics())) + repr(vars(device))
        assert identity.name not in told
        assert identity.id_number not in told
