"""The camera that looks for codes introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/code_reader"
_SUITE = f"{_TESTS}/test_any_code_reader.py::test_"

DRIVER: Final = DriverDescriptor(
    name="camera",
    kind=DeviceKind.CODE_READER,
    title_zh="扫码摄像头(V4L2 或 MJPEG 网络流)",
    title_en="Codes held before a camera, V4L2 or MJPEG over HTTP",
    connect="yici.drivers.code_reader.camera:connect",
    address_example="/dev/kiosk/code-camera",
    twin="yici.drivers.code_reader.camera.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}shown_code_is_found_with_its_exact_bytes",
        Rule.THREE_ERRORS: f"{_TESTS}/test_decoding.py::test_any_picture_gives_codes_or_none",
        Rule.DEADLINES: f"{_SUITE}silent_reader_never_holds_a_call_beyond_its_deadline",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}reader_starts_without_its_device_and_finds_it_later",
        Rule.UNPLUGGED_IN_EVERY_STATE: (
            f"{_SUITE}unplugged_during_the_call_is_told_before_its_end"
        ),
        Rule.COMES_BACK: f"{_SUITE}unplugged_after_a_code_comes_back_without_a_restart",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}wrong_setting_is_told_as_such",
        Rule.TWIN: f"{_SUITE}twin_has_the_faults_and_acts_that_it_promises",
        Rule.VECTORS: f"{_TESTS}/test_decoding.py::test_qr_codes_keep_their_exact_bytes",
        Rule.SELF_TEST: f"{_SUITE}self_test_passes_on_a_working_reader_and_fails_on_a_lost_one",
        Rule.REDACTED_DIAGNOSTICS: (f"{_SUITE}diagnostics_and_errors_hold_nothing_that_was_shown"),
        Rule.FAULT_MATRIX: f"{_SUITE}every_fault_in_every_state_ends_in_a_value_or_an_error",
        Rule.MEASURED: "codes",
    },
    known_limits=(
        "No real camera has been tried.",
        "A call may end late by as long as one picture takes to decode, 6 s at the very most.",
        "pyzbar reads neither Micro QR, PDF417 nor DataMatrix.",
        "A QR code needs 3 pixels a module in the preview, a bar code 2: small codes need the "
        "camera nearer.",
    ),
)
