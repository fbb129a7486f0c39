"""`yici device face-camera look`: status and size, and no face anywhere."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yici.drivers.document_camera.camera_twin import CameraFault
from yici.drivers.face_camera.video.twin import FaceCameraTwin
from yici.kiosk.cli.device import device


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(device, ["face-camera", "look", *arguments])


def test_size_is_told_and_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with FaceCameraTwin() as twin:
        twin.act("step_in_front")
        result = _run("--source", twin.address, "--wait", "20", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "status": "ready", "code": "", "width_px": 960, "height_px": 720,
    }  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_camera_that_does_not_answer_ends_with_1() -> None:
    with FaceCameraTwin() as twin:
        twin.set_fault(CameraFault.SILENT)
        result = _run("--source", twin.address, "--wait", "0.5", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] in ("unknown", "disconnected")
    assert result.stderr.count("\n") == 1


def test_wrong_source_ends_with_2() -> None:
    result = _run("--source", "file:///etc/passwd")
    assert result.exit_code == 2
    assert "camera.source" in result.stderr
