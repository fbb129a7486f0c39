"""The adapter for makers' libraries introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/id_card_reader"
_SUITE = f"{_TESTS}/test_any_id_card_reader.py::test_"
_LIBRARY = f"{_TESTS}/test_vendor_library.py::test_"

DRIVER: Final = DriverDescriptor(
    name="vendor_library",
    kind=DeviceKind.ID_CARD_READER,
    title_zh="身份证阅读器(厂商动态库)",
    title_en="ID-card reader through its maker's SDT library",
    connect="yici.drivers.id_card_reader.vendor_library.driver:connect",
    address_example="1001@/opt/maker/libsdtapi.so",
    twin="yici.drivers.id_card_reader.vendor_library.twin:start_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}card_is_read_as_it_was_made",
        Rule.THREE_ERRORS: f"{_LIBRARY}whatever_the_child_says_is_a_value_or_a_device_error",
        Rule.DEADLINES: f"{_LIBRARY}library_that_hangs_is_ended_at_the_deadline",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}reader_that_was_never_there_is_disconnected",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_SUITE}unplugged_before_each_question_of_a_card",
        Rule.COMES_BACK: f"{_SUITE}unplugged_reader_comes_back_by_itself",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}wrong_setting_calls_for_staff",
        Rule.LOGS_ONCE: f"{_SUITE}loss_and_return_are_told_once_each",
        Rule.TWIN: f"{_SUITE}twin_has_the_faults_that_every_twin_has",
        Rule.VECTORS: f"{_TESTS}/test_sam_card_text.py::test_published_layout_is_read",
        Rule.SELF_TEST: f"{_SUITE}self_test_takes_every_step_for_real",
        Rule.REDACTED_DIAGNOSTICS: f"{_SUITE}diagnostics_know_the_reader_and_no_resident",
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_in_every_state_ends_and_leaves_nothing_behind",
        Rule.MEASURED: "card_links",
    },
    known_limits=(
        "No maker's library has been tried: the calls are those that makers' headers publish, and "
        "the libraries of the tests are ours.",
        "Only the calls with a port number (SDT_OpenPort and so on); libraries with handles "
        "(SDT_OpenDevice) are another interface.",
        "The child process has no network and file-system walls of its own: it can't write files "
        "and dies with the terminal, but a malicious library could still send data away.",
        "A library that has to write files (a licence, a log, a picture) fails.",
        "A reader that is pulled is noticed only when the library says so.",
        "The twin needs a C compiler, so practice mode uses another driver's.",
    ),
)
