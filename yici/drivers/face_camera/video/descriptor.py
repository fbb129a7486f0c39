"""The video driver introduces itself as a face camera."""

from typing import Final

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind

_DOCUMENT_TESTS = "tests/drivers/document_camera"
_SUITE = f"{_DOCUMENT_TESTS}/test_any_document_camera.py::test_"
_TESTS = "tests/drivers/face_camera"

DRIVER: Final = DriverDescriptor(
    name="video",
    kind=DeviceKind.FACE_CAMERA,
    title_zh="人像摄像头(V4L2 或 MJPEG 网络流)",
    title_en="Face camera, V4L2 or MJPEG over HTTP",
    connect="yici.drivers.face_camera.video:connect",
    address_example="/dev/kiosk/face-camera",
    twin="yici.drivers.face_camera.video.twin:make_twin",
    proofs={
        Rule.CONTRACT_SUITE: f"{_SUITE}capture_is_whole_and_shows_what_is_there_after_the_call",
        Rule.THREE_ERRORS: f"{_SUITE}stream_that_fails_is_disconnected_and_comes_back",
        Rule.DEADLINES: f"{_SUITE}every_fault_in_every_state_ends_in_time_with_a_value_or_an_error",
        Rule.STARTS_WITHOUT_DEVICE: f"{_SUITE}camera_starts_without_its_device",
        Rule.UNPLUGGED_IN_EVERY_STATE: f"{_SUITE}unplugged_before_during_and_after_a_capture",
        Rule.COMES_BACK: f"{_SUITE}unplugged_before_during_and_after_a_capture",
        Rule.WRONG_SETTING_TOLD: f"{_SUITE}source_that_can_not_be_a_camera_is_a_wrong_setting",
        Rule.TWIN: f"{_TESTS}/test_any_face_camera.py::test_who_steps_in_front_is_seen_and_"
        "leaves_again",
        Rule.VECTORS: (
            f"{_DOCUMENT_TESTS}/test_other_streams.py::test_streams_of_other_cameras_are_read"
        ),
        Rule.SELF_TEST: f"{_SUITE}self_test_takes_a_picture_and_diagnostics_tell_no_address",
        Rule.REDACTED_DIAGNOSTICS: (
            f"{_SUITE}self_test_takes_a_picture_and_diagnostics_tell_no_address"
        ),
        Rule.FAULT_MATRIX: (
            f"{_SUITE}every_fault_in_every_state_ends_in_time_with_a_value_or_an_error"
        ),
        Rule.KERNEL_DRIVER: "tests/hardware/test_cameras.py::test_two_cameras_work_at_once",
        Rule.MEASURED: "cameras",
    },
    known_limits=(
        "No real face camera has been tried.",
        "Nothing here tells a person from a picture of one; liveness needs a maker's own camera.",
        "One size for preview and still; infrared and depth streams are not read.",
        "HTTP with Basic authentication only; HTTPS needs a certificate that the system trusts.",
    ),
)
