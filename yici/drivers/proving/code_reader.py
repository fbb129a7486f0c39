"""What every code reader's values have to be. Its twin knows `show_code TEXT` and `take_code`."""

from typing import Any

from yici.drivers.proving.device import DeviceSuite
from yici.drivers.twin import Twin

LOOK_MS = 10_000  # ends as soon as a code is seen
SHORT_LOOK_MS = 600

FIRST, SECOND = "https://example.test/receipt/1", "https://example.test/receipt/2"


class CodeReaderSuite(DeviceSuite):
    """`device` is a CodeReader here."""

    def test_shown_code_is_read_as_it_was_made(self, device: Any, twin: Twin) -> None:
        twin.act("show_code", FIRST)
        assert device.find_code(LOOK_MS).content == FIRST.encode()

    def test_no_code_is_a_value(self, device: Any) -> None:
        self.wait_until_it_works(device)
        assert device.find_code(SHORT_LOOK_MS) is None

    def test_held_code_counts_once_and_the_next_one_is_seen(self, device: Any, twin: Twin) -> None:
        twin.act("show_code", FIRST)
        assert device.find_code(LOOK_MS).content == FIRST.encode()
        assert device.find_code(SHORT_LOOK_MS) is None
        twin.act("take_code")
        twin.act("show_code", SECOND)
        assert device.find_code(LOOK_MS).content == SECOND.encode()

    def test_code_that_was_taken_before_the_call_is_not_given(
        self, device: Any, twin: Twin
    ) -> None:
        self.wait_until_it_works(device)
        twin.act("show_code", FIRST)
        twin.act("take_code")
        seen = device.find_code(SHORT_LOOK_MS)
        twin.act("show_code", SECOND)
        assert seen is None or seen.content == FIRST.encode()
        assert device.find_code(LOOK_MS).content == SECOND.encode()

    def test_what_a_code_said_is_in_no_diagnostics(self, device: Any, twin: Twin) -> None:
        twin.act("show_code", FIRST)
        assert device.find_code(LOOK_MS) is not None
        assert FIRST not in str(dict(device.diagnostics())) + repr(vars(device))
