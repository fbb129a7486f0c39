"""The serial reader introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/id_card_reader"
_SUITE = f"{_TESTS}/test_any_id_card_reader.py::test_"

DRIVER: Final = DriverDescriptor(
    name="sam",
    kind=DeviceKind.ID_CARD_READER,
    title_zh="身份证阅读器(串口 SAM)",
    title_en="ID-card reader, serial SAM protocol (GA/T 467)",
    connect="yici.drivers.id_card_reader.sam.driver:connect",
    address_example="/dev/kiosk/id-card-reader",
    twin="yici.drivers.id_card_reader.sam.twin:start_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}card_is_read_as_it_was_made",
        Rule.THREE_ERRORS: (
            f"{_TESTS}/test_sam_reader.py::test_any_conversation_ends_in_a_value_or_a_device_error"
        ),
        Rule.DEADLINES: f"{_SUITE}silent_reader_is_unknown_never_ok",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}reader_that_was_never_there_is_disconnected",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_SUITE}unplugged_before_each_question_of_a_card",
        Rule.COMES_BACK: f"{_SUITE}unplugged_reader_comes_back_by_itself",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}wrong_setting_calls_for_staff",
        Rule.LOGS_ONCE: f"{_SUITE}loss_and_return_are_told_once_each",
        Rule.TWIN: f"{_SUITE}twin_has_the_faults_that_every_twin_has",
        Rule.VECTORS: (
            f"{_TESTS}/test_sam_frames.py::test_published_replies_are_understood_and_made"
        ),
        Rule.SELF_TEST: f"{_SUITE}self_test_takes_every_step_for_real",
        Rule.REDACTED_DIAGNOSTICS: f"{_SUITE}diagnostics_know_the_reader_and_no_resident",
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_in_every_state_ends_and_leaves_nothing_behind",
        Rule.KERNEL_DRIVER: (
            "tests/hardware/test_serial_card_reader.py"
            "::test_card_is_read_through_a_real_serial_driver"
        ),
        Rule.MEASURED: "card",
    },
    known_limits=(
        "No real reader has been tried: the protocol is known from makers' published sheets and "
        "vectors, not from the standard's text.",
        "Fingerprints on the chip are never asked for, and dropped when a reader adds them.",
        "Whether a reader answers for its newest address more than once, on which the question "
        "whether a card was left behind rests, is asked of each reader and not known beforehand.",
        "The photo is handed over undecoded: its coding is a trade secret.",
        "The wire is trusted: whoever can replace the reader can state any identity.",
    ),
)
