"""What the terminal knows of this driver before it imports anything else of it."""

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_SUITE = "tests/test_acme_reader.py::TestAcmeReader"

DRIVER = DriverDescriptor(
    name="acme",
    kind=DeviceKind.CODE_READER,
    title_zh="ACME CR-2 扫码器（示例）",
    title_en="ACME CR-2 code reader (example)",
    connect="acme_reader.driver:connect",
    address_example="/dev/kiosk/code-reader",
    twin="acme_reader.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}::test_shown_code_is_read_as_it_was_made",
        Rule.THREE_ERRORS: f"{_SUITE}::test_no_fault_of_the_twin_leads_to_anything_but_a_value"
        "_or_the_three_errors",
        Rule.DEADLINES: f"{_SUITE}::test_silent_device_is_never_called_ready",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}::test_terminal_starts_without_the_device",
    },
    known_limits=("The reader does not exist: no real device was ever asked.",),
)
