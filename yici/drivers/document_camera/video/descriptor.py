"""The video driver introduces itself."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_TESTS = "tests/drivers/document_camera"
_SUITE = f"{_TESTS}/test_any_document_camera.py::test_"

DRIVER: Final = DriverDescriptor(
    name="video",
    kind=DeviceKind.DOCUMENT_CAMERA,
    title_zh="高拍仪(V4L2 或 MJPEG 网络流)",
    title_en="Document camera, V4L2 or MJPEG over HTTP",
    connect="yici.drivers.document_camera.video:connect",
    address_example="/dev/kiosk/document-camera",
    twin="yici.drivers.document_camera.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}capture_is_whole_and_shows_what_is_there_after_the_call",
        Rule.THREE_ERRORS: f"{_SUITE}stream_that_fails_is_disconnected_and_comes_back",
        Rule.DEADLINES: f"{_SUITE}every_fault_in_every_state_ends_in_time_with_a_value_or_an_error",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}camera_starts_without_its_device",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_SUITE}unplugged_before_during_and_after_a_capture",
        Rule.COMES_BACK: f"{_SUITE}unplugged_before_during_and_after_a_capture",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}source_that_can_not_be_a_camera_is_a_wrong_setting",
        Rule.TWIN: f"{_TESTS}/test_camera_twin.py::test_stream_is_multipart_jpeg_of_a_slowly_"
        "living_picture",
        Rule.VECTORS: f"{_TESTS}/test_other_streams.py::test_streams_of_other_cameras_are_read",
        Rule.SELF_TEST: f"{_SUITE}self_test_takes_a_picture_and_diagnostics_tell_no_address",
        Rule.REDACTED_DIAGNOSTICS: (
            f"{_SUITE}self_test_takes_a_picture_and_diagnostics_tell_no_address"
        ),
        Rule.FAULT_MATRIX: (
            f"{_SUITE}every_fault_in_every_state_ends_in_time_with_a_value_or_an_error"
        ),
        Rule.KERNEL_DRIVER: (
            "tests/hardware/test_usb_camera.py"
            "::test_still_comes_in_the_largest_of_the_cameras_own_modes"
        ),
        Rule.MEASURED: "cameras",
    },
    known_limits=(
        "No real document camera has been tried; V4L2 and the change of its mode are proven in an "
        "emulated guest only, against vivid and a virtual UVC camera.",
        "A V4L2 still closes and opens the stream twice, so the preview pauses for about a second.",
        "Focus, exposure and white balance are the camera's own; nothing sets them.",
        "A frozen picture is told after three seconds, by equal frames; a single colour (a covered "
        "or dazzled lens) is never called frozen.",
        "HTTP with Basic authentication only; HTTPS needs a certificate that the system trusts.",
        "A server that answers a still with an old picture of its own is not found out, unless it "
        "is the same as the still before.",
    ),
)
