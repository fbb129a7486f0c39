"""Codes under the document camera: one device, two uses, and no second opening of it."""

from contextlib import closing

from yici.drivers.code_reader.camera import CameraCodeReader
from yici.drivers.code_reader.camera.twin import draw_qr_code
from yici.drivers.code_reader.decoding.process import DecoderProcess
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.twin_scene import View
from yici.drivers.document_camera.video import connect


def test_code_under_the_document_camera_is_read_and_the_camera_stays_open() -> None:
    with (
        DocumentCameraTwin(view=View(width_px=900, height_px=1200)) as twin,
        closing(connect(twin.address)) as camera,
    ):
        twin.lay_paper(draw_qr_code(b"ABCD-EFGH-0001", 460))
        worker = camera.capture(20_000) and camera.worker_pid
        with closing(CameraCodeReader(camera, DecoderProcess("zxing"))) as reader:
            found = reader.find_code(timeout_ms=30_000)
            assert found is not None
            assert found.content == b"ABCD-EFGH-0001"
            assert reader.status().kind is DeviceKind.CODE_READER
        assert camera.status().works
        assert camera.worker_pid == worker
        assert camera.capture(20_000).pixels.shape == (1200, 900, 3)
