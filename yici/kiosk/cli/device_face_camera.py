"""`yici device face-camera look`: does the face camera see anything? No face is shown or kept.

Exit status: 0 a picture came, 1 none did, 2 the camera was named wrongly.
"""

import json
import sys
from typing import NoReturn

import click

from yici.drivers.device import DeviceError, DeviceKind, DeviceState, DeviceStatus
from yici.drivers.document_camera import Frame
from yici.drivers.face_camera import FaceCamera
from yici.drivers.registry import get_connect

_ADVICE = {
    "picture.frozen": "The camera repeats one picture: unplug it and plug it in again.",
    "camera.frame_size_absurd": "The camera's pictures have a size that nobody can use.",
    DeviceState.DISCONNECTED: "No picture came: check the cable and --source.",
    DeviceState.UNKNOWN: "The camera did not answer in time: check it, then try again.",
    DeviceState.BUSY: "No new picture came in time: try again, or give a longer --wait.",
    DeviceState.WRONG_SETTING: "That is no usable source: give /dev/videoN or http://….",
}


@click.group("face-camera")
def face_camera() -> None:
    """The camera that looks at the person."""


@face_camera.command("look")
@click.option("--source", required=True, help="/dev/videoN, or http(s)://… with an MJPEG stream.")
@click.option("--driver", default="video", show_default=True)
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0.1, 60), default=10.0, show_default=True,
    help="How long to wait for a picture, in seconds.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def look(*, source: str, driver: str, wait_s: float, as_json: bool) -> None:
    """Take one picture, tell its size, and forget it."""
    try:
        camera: FaceCamera = get_connect(DeviceKind.FACE_CAMERA, driver)(source)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    except DeviceError as error:
        _end(2, error.status, as_json=as_json)
    try:
        frame = camera.capture(round(wait_s * 1000))
        status = _settled(camera)
    except DeviceError as error:
        _end(1, error.status, as_json=as_json)
    finally:
        camera.close()
    click.echo(_report(status, frame, as_json=as_json))


def _settled(camera: FaceCamera) -> DeviceStatus:
    status = camera.status()
    if status.code == "picture.dark":
        click.echo("The picture is black: is the lens covered?", err=True)
    return status


def _report(status: DeviceStatus, frame: Frame, *, as_json: bool) -> str:
    height_px, width_px = frame.pixels.shape[:2]
    found: dict[str, object] = {"status": status.state.value, "code": status.code}
    found |= {"width_px": width_px, "height_px": height_px}
    return json.dumps(found) if as_json else "\n".join(f"{k}: {v}" for k, v in found.items())


def _end(exit_status: int, status: DeviceStatus, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"status": status.state.value, "code": status.code}))
    sentence = _ADVICE.get(status.code) or _ADVICE.get(status.state, "The camera can't work now.")
    click.echo(f"{sentence} ({status.code or status.state.value})", err=True)
    sys.exit(exit_status)
