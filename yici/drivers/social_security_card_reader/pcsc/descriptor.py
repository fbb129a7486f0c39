"""The PC/SC driver introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/social_security_card_reader"
_SUITE = f"{_TESTS}/test_any_social_security_card_reader.py::test_"

DRIVER: Final = DriverDescriptor(
    name="pcsc",
    kind=DeviceKind.SOCIAL_SECURITY_CARD_READER,
    title_zh="社保卡阅读器(PC/SC)",
    title_en="Social-security card reader, PC/SC",
    connect="yici.drivers.social_security_card_reader.pcsc.driver:connect",
    address_example="*",
    twin="yici.drivers.social_security_card_reader.pcsc.twin:start_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}card_is_read_as_it_was_made",
        Rule.THREE_ERRORS: f"{_TESTS}/test_card_conversation.py::test_any_card_gives_a_value",
        Rule.DEADLINES: f"{_SUITE}service_that_hangs_holds_no_call_beyond_its_deadline",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}terminal_starts_without_reader_or_service",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_SUITE}reader_is_unplugged_before_during_and_after",
        Rule.COMES_BACK: f"{_SUITE}reader_comes_back_by_itself",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}name_that_no_reader_has_is_told",
        Rule.TWIN: f"{_SUITE}every_fault_ends_and_leaves_nothing_behind",
        Rule.VECTORS: f"{_TESTS}/test_card_conversation.py::test_published_commands_and_records",
        Rule.SELF_TEST: f"{_SUITE}self_test_tells_the_service_from_the_reader",
        Rule.REDACTED_DIAGNOSTICS: f"{_SUITE}whose_card_it_was_is_nowhere_afterwards",
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_ends_and_leaves_nothing_behind",
        Rule.MEASURED: "social_security_card",
        Rule.INDEPENDENT_PEER: f"{_SUITE}card_is_read_as_it_was_made",
    },
    known_limits=(
        "No real card has been tried: files and records are known from published commands and "
        "sheets, not from the standard's text.",
        "The card proves nothing to this reader: without a security module (PSAM) its text could "
        "be copied, so it counts as little more than typed.",
        "Cards that show their holder only after a PIN or to a security module are told apart as "
        "protected, and not read.",
        "The peer in the tests is Debian's pcscd with vsmartcard's reader; the card in it is ours.",
        "A user who is not root needs polkit's leave to use pcscd.",
        "A card swapped within pcscd's polling interval of 0.4 s, right after a failed reading, is "
        "noticed only when it is put in once more.",
    ),
)
