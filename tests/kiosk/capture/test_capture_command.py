"""`yici device document-camera capture` as a technician uses it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import pikepdf
import pytest
from click.testing import CliRunner, Result
from scenes import VIEW, sample

from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.document_camera.twin import CameraFault, DocumentCameraTwin
from yici.kiosk.cli.device_document_camera import capture


@pytest.fixture(scope="module")
def twin() -> Iterator[DocumentCameraTwin]:
    with DocumentCameraTwin(view=VIEW) as twin:
        yield twin


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(capture, arguments)


def test_pdf_holds_the_found_page(twin: DocumentCameraTwin, tmp_path: Path) -> None:
    twin.lay_paper(sample(SamplePaper.STATEMENT))
    out = tmp_path / "page.pdf"
    result = _run("--source", twin.url, "--out", str(out), "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["status"] == "ready"
    assert (report["width_px"], report["height_px"]) == (VIEW.width_px, VIEW.height_px)
    assert report["page_found"] is True
    with pikepdf.open(io.BytesIO(out.read_bytes())) as pdf:
        assert len(pdf.pages) == 1


def test_empty_mat_gives_a_picture_but_no_pdf(twin: DocumentCameraTwin, tmp_path: Path) -> None:
    twin.lay_paper(None)
    picture = tmp_path / "still.jpg"
    result = _run("--source", twin.url, "--out", str(picture))
    assert result.exit_code == 0
    assert "page_found: False" in result.stdout
    assert cv2.imread(str(picture)).shape == (VIEW.height_px, VIEW.width_px, 3)
    out = tmp_path / "page.pdf"
    result = _run("--source", twin.url, "--out", str(out))
    assert result.exit_code == 1
    assert "lay the paper" in result.stderr
    assert not out.exists()


def test_silent_camera_is_a_device_failure(twin: DocumentCameraTwin, tmp_path: Path) -> None:
    twin.set_fault(CameraFault.DROPPED)
    try:
        out = str(tmp_path / "a.jpg")
        result = _run("--source", twin.url, "--out", out, "--timeout-ms", "400", "--json")
    finally:
        twin.set_fault(CameraFault.NONE)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] in ("disconnected", "unknown")
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "a.jpg"],
        ["--source", "file:///etc/passwd", "--out", "a.jpg"],
        ["--source", "http://127.0.0.1:9/", "--out", "a.gif"],
        ["--source", "http://127.0.0.1:9/", "--out", "no-such-folder/a.jpg"],
        ["--source", "http://127.0.0.1:9/", "--out", "a.jpg", "--driver", "vendor"],
    ],
)
def test_wrong_use_ends_with_two(arguments: list[str]) -> None:
    result = _run(*arguments)
    assert result.exit_code == 2
    assert result.stderr
