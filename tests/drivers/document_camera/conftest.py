"""A small camera twin and the driver that looks at it."""

from collections.abc import Iterator

import pytest
from camera_bench import SMALL

from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.video import VideoCamera, connect


@pytest.fixture
def twin() -> Iterator[DocumentCameraTwin]:
    with DocumentCameraTwin(view=SMALL) as twin:
        yield twin


@pytest.fixture
def camera(twin: DocumentCameraTwin) -> Iterator[VideoCamera]:
    camera = connect(twin.url)
    yield camera
    camera.close()
