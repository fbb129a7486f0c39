"""The serial reader introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/code_reader"
_SUITE = f"{_TESTS}/test_any_code_reader.py::test_"

DRIVER: Final = DriverDescriptor(
    name="serial_line",
    kind=DeviceKind.CODE_READER,
    title_zh="扫码器(串口或 USB 虚拟串口)",
    title_en="Code reader on a serial line or USB CDC-ACM",
    connect="yici.drivers.code_reader.serial_line:connect",
    address_example="/dev/kiosk/code-reader@9600",
    twin="yici.drivers.code_reader.serial_line.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}shown_code_is_found_with_its_exact_bytes",
        Rule.THREE_ERRORS: (
            f"{_TESTS}/test_code_lines.py::test_any_bytes_end_as_clean_codes_or_flaws"
        ),
        Rule.DEADLINES: f"{_SUITE}silent_reader_never_holds_a_call_beyond_its_deadline",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}reader_starts_without_its_device_and_finds_it_later",
        Rule.UNPLUGGED_IN_EVERY_STATE: (
            f"{_SUITE}unplugged_during_the_call_is_told_before_its_end"
        ),
        Rule.COMES_BACK: f"{_SUITE}unplugged_after_a_code_comes_back_without_a_restart",
        Rule.WRONG_SETTING_TOLD: (
            f"{_TESTS}/test_serial_reader.py::"
            "test_port_set_to_another_speed_than_the_reader_is_told"
        ),
        Rule.TWIN: f"{_SUITE}twin_has_the_faults_and_acts_that_it_promises",
        Rule.VECTORS: (
            f"{_TESTS}/test_code_lines.py::"
            "test_aim_identifier_is_taken_off_where_it_was_agreed_upon"
        ),
        Rule.SELF_TEST: f"{_SUITE}self_test_passes_on_a_working_reader_and_fails_on_a_lost_one",
        Rule.REDACTED_DIAGNOSTICS: (f"{_SUITE}diagnostics_and_errors_hold_nothing_that_was_shown"),
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_in_every_state_ends_in_a_value_or_an_error",
        Rule.KERNEL_DRIVER: (
            "tests/hardware/test_serial_code_reader.py::test_code_is_read_through_cdc_acm"
        ),
        Rule.MEASURED: "codes",
    },
    known_limits=(
        "No real reader has been tried.",
        "A reader can't be asked anything: READY means that the port is open, and until the first "
        "code the status says reader.not_heard_yet. A silent reader looks like one at rest.",
        "A port set to a slower speed than its reader may take a short code for another text; most "
        "are told as garbled. Whoever uses a code checks its form.",
        "Control bytes other than tab and the separators of GS1 and ISO/IEC 15434 drop the code, "
        "so STX/ETX framing has to be switched off in the reader.",
        "A code that is shown before a call and not held until it is dropped.",
    ),
)
