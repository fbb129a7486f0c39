"""The standard USB reader introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/id_card_reader"
_SUITE = f"{_TESTS}/test_any_id_card_reader.py::test_"

DRIVER: Final = DriverDescriptor(
    name="sdt_usb",
    kind=DeviceKind.ID_CARD_READER,
    title_zh="身份证阅读器(标准 USB)",
    title_en="ID-card reader, standard SDT over USB (0400:C35A)",
    connect="yici.drivers.id_card_reader.sdt_usb.driver:connect",
    address_example="usb:0400:C35A",
    twin="yici.drivers.id_card_reader.sdt_usb.twin:start_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}card_is_read_as_it_was_made",
        Rule.THREE_ERRORS: (
            f"{_TESTS}/test_sdt_usb.py"
            "::test_any_bytes_on_the_endpoints_give_a_value_or_a_device_error"
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
            "tests/hardware/test_usb_card_reader.py::test_card_is_read_through_real_libusb"
        ),
        Rule.MEASURED: "card_links",
    },
    known_limits=(
        "Real libusb and a kernel's USB stack are tried in an emulated guest only (USB over IP); "
        "the everyday tests reach the twin through pyusb, by a backend of ours in libusb's place.",
        "No real reader has been tried; how the bytes are split over the four endpoints is known "
        "from makers' descriptions, without a recorded transfer to compare with.",
        "The first reader with the number of the address is used: two alike can't be told apart.",
        "The udev rule has to give the terminal's user write access to the device.",
        "Fingerprints are never asked for, and the photo is handed over undecoded.",
    ),
)
