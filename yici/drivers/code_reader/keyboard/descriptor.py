"""The keyboard reader introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/code_reader"
_SUITE = f"{_TESTS}/test_any_code_reader.py::test_"
_OWN = f"{_TESTS}/test_keyboard.py::test_"

DRIVER: Final = DriverDescriptor(
    name="keyboard",
    kind=DeviceKind.CODE_READER,
    title_zh="扫码器(USB 键盘方式)",
    title_en="Code reader that types, as a USB keyboard (evdev)",
    connect="yici.drivers.code_reader.keyboard:connect",
    address_example="/dev/input/by-id/usb-maker_reader-event-kbd",
    twin="yici.drivers.code_reader.keyboard.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}shown_code_is_found_with_its_exact_bytes",
        Rule.THREE_ERRORS: f"{_OWN}any_bytes_give_characters_in_any_pieces",
        Rule.DEADLINES: f"{_SUITE}silent_reader_never_holds_a_call_beyond_its_deadline",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}reader_starts_without_its_device_and_finds_it_later",
        Rule.UNPLUGGED_IN_EVERY_STATE: (
            f"{_SUITE}unplugged_during_the_call_is_told_before_its_end"
        ),
        Rule.COMES_BACK: f"{_SUITE}unplugged_after_a_code_comes_back_without_a_restart",
        Rule.WRONG_SETTING_TOLD: f"{_OWN}path_that_is_no_event_device_is_a_wrong_setting",
        Rule.TWIN: f"{_SUITE}twin_has_the_faults_and_acts_that_it_promises",
        Rule.VECTORS: f"{_OWN}keymap_and_numbers_agree_with_the_kernels_header",
        Rule.SELF_TEST: f"{_SUITE}self_test_passes_on_a_working_reader_and_fails_on_a_lost_one",
        Rule.REDACTED_DIAGNOSTICS: (f"{_SUITE}diagnostics_and_errors_hold_nothing_that_was_shown"),
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_in_every_state_ends_in_a_value_or_an_error",
        Rule.KERNEL_DRIVER: (
            "tests/hardware/test_keyboard_reader.py::test_another_reader_of_the_device_gets_nothing"
        ),
        Rule.MEASURED: "codes",
        Rule.INDEPENDENT_PEER: (
            f"{_TESTS}/test_keyboard_with_umockdev.py::"
            "test_recorded_keyboard_is_grabbed_and_its_code_read"
        ),
    },
    known_limits=(
        "No real reader has been tried; where the kernel has no uinput, its twin's events come "
        "through a FIFO, which knows no exclusive grab (an emulated guest shows it).",
        "US keymap only: what has no key there (Chinese, Alt codes, function keys) drops the code.",
        "64-bit kernels only.",
        "Between a plug and the next call the keys go to the screen: a udev rule with "
        'ENV{LIBINPUT_IGNORE_DEVICE}="1" closes that gap.',
        "A reader can't be asked anything: a silent one looks like one at rest.",
    ),
)
