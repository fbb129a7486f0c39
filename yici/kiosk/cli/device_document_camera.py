"""`yici device document-camera capture`: take one picture without a screen.

Exit status: 0 done, 1 the camera did not deliver or no page was found, 2 wrong use.
"""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from yici.drivers.device import DeviceError, DeviceKind, DeviceState, DeviceStatus
from yici.drivers.document_camera import DocumentCamera, Frame
from yici.drivers.registry import get_connect

_SENTENCES = {
    DeviceState.DISCONNECTED: "No picture came from {source}: check the cable and the address.",
    DeviceState.UNKNOWN: "{source} did not answer in time: check it, then try again.",
    DeviceState.BUSY: "No new picture came in time: try again, or give a longer --timeout-ms.",
    DeviceState.WRONG_SETTING: "{source} is no usable source: give /dev/videoN or http://….",
    DeviceState.FAULT: "The camera repeats one picture: unplug it and plug it in again.",
}


@click.command("capture")
@click.option("--source", required=True, help="/dev/videoN, or http(s)://… (MJPEG) [#still=/PATH].")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.jpg: the picture as it is; FILE.pdf: the page found in it, straightened.",
)
@click.option("--driver", default="video", show_default=True)
@click.option("--timeout-ms", type=click.IntRange(100, 60_000), default=10_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def capture(source: str, out: Path, driver: str, timeout_ms: int, *, as_json: bool) -> None:
    """Take one picture with the document camera and look for a page in it."""
    if out.suffix not in (".jpg", ".pdf"):
        _end(2, f"--out must end in .jpg or .pdf, not {out.name}.")
    if not out.parent.is_dir():
        _end(2, f"There is no folder {out.parent}: make it first.")
    frame = _take(source, driver, timeout_ms)
    if isinstance(frame, DeviceStatus):
        if as_json:
            click.echo(json.dumps({"status": frame.state.value, "code": frame.code}))
        _end_for(frame, source)
    report, written = _develop(frame, out.suffix)
    if written is not None:
        try:
            out.write_bytes(written)
        except OSError as error:
            _end(2, f"{out} can't be written: {error.strerror}.")
    click.echo(json.dumps(report) if as_json else _as_text(report))
    if written is None:
        _end(1, "No page was found: lay the paper flat and wholly inside the picture.")


def _take(source: str, driver: str, timeout_ms: int) -> Frame | DeviceStatus:
    """A frame, or the status that explains why there is none."""
    try:
        camera: DocumentCamera = get_connect(DeviceKind.DOCUMENT_CAMERA, driver)(source)
        try:
            return camera.capture(timeout_ms)
        finally:
            camera.close()
    except ValueError as error:
        _end(2, f"{error}.")
    except DeviceError as error:
        return error.status


def _end_for(status: DeviceStatus, source: str) -> NoReturn:
    sentence = _SENTENCES.get(status.state, "The camera reports {state}: call its service.")
    wrong_use = status.state is DeviceState.WRONG_SETTING
    _end(2 if wrong_use else 1, sentence.format(source=source, state=status.state.value))


def _develop(frame: Frame, suffix: str) -> tuple[dict[str, object], bytes | None]:
    """What to report, and the file's bytes; None when a page was asked for and none is there."""
    from yici.kiosk.capture.document import to_pdf
    from yici.kiosk.capture.intake import encode_jpeg
    from yici.kiosk.capture.still import find_captured_page

    height_px, width_px = frame.pixels.shape[:2]
    page = find_captured_page(frame.pixels)
    report: dict[str, object] = {
        "status": "ready",
        "width_px": width_px,
        "height_px": height_px,
        "page_found": page is not None,
        "page_score": round(page.found.score, 3) if page is not None and page.found else None,
        "warnings": [warning.value for warning in page.warnings] if page is not None else [],
    }
    if suffix == ".jpg":
        return report, encode_jpeg(frame.pixels, quality=90)
    return report, to_pdf([page.image]) if page is not None else None


def _as_text(report: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in report.items())


def _end(exit_status: int, sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(exit_status)
