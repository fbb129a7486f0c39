"""`yici device scanner scan`: try a scanner without the terminal's screens."""

import json
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click

from yici.drivers.device import DeviceError, DeviceKind, DeviceState, DeviceStatus
from yici.drivers.registry import driver_names, get_driver, load_connect
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage, Scanner


class ExitCode(IntEnum):
    """What scripts go by."""

    SCANNED = 0
    NOT_SCANNED = 1  # no page, or the device gave up before the end
    WRONG_USAGE = 2


# by the status's code or its state
_ADVICE = {
    "sane.not_installed": "SANE is not installed: install the Debian package sane-utils.",
    "sane.access_denied": "This user may not open the scanner: join the group scanner.",
    "sane.no_such_device": "There is no such scanner: see `scanimage -L`, check cable and power.",
    "sane.no_feeder": "This scanner has no feeder: use --source flatbed.",
    "sane.no_flatbed": "This scanner has no flatbed: use --source feeder.",
    "sane.pages_lost": "Sheets went through and their pages were lost: lay them in again.",
    "escl.no_such_service": "There is a web server, but no eSCL scanner: check --address.",
    DeviceState.UNKNOWN: "The scanner did not finish in time: check it, then try again.",
    DeviceState.DISCONNECTED: "The scanner is not connected: check cable, power and --address.",
    DeviceState.BUSY: "The scanner is busy: wait until it rests, then try again.",
    DeviceState.WRONG_SETTING: "What answers is no scanner: check --address.",
    DeviceState.PAPER_JAMMED: "Paper is jammed in the feeder: open it and take the sheets out.",
    DeviceState.COVER_OPEN: "The scanner's cover is open: close it.",
    DeviceState.OFFLINE: "The scanner is off duty: switch it on at its own panel.",
    DeviceState.FAULT: "The scanner reports a failure of its own: switch it off and on again.",
}
_ENDS = {
    ScanEnd.COMPLETE: "Done.",
    ScanEnd.PAGE_LIMIT: "Stopped at --max-pages; there may be more sheets.",
    ScanEnd.FEEDER_EMPTY: "There is no sheet in the feeder: lay some in.",
    ScanEnd.CANCELLED: "Cancelled.",
}


class _Pages:
    """Writes each page as it comes, so that what came stays when the rest fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.written: list[Path] = []

    def __call__(self, page: ScannedPage) -> None:
        from PIL import Image

        path = self._folder / f"page-{len(self.written) + 1}.jpg"
        picture = Image.fromarray(page.pixels[:, :, ::-1])
        picture.save(path, quality=90, dpi=(page.resolution_dpi, page.resolution_dpi))
        self.written.append(path)


@click.group("scanner")
def scanner() -> None:
    """Scanners."""


@scanner.command("scan")
@click.option("--driver", "driver_name", default="sane", show_default=True, help="The driver.")
@click.option(
    "--address", required=True,
    help="escl:http://HOST:PORT/eSCL, or sane:DEVICE as `scanimage -L` shows it.",
)  # fmt: skip
@click.option(
    "--source", type=click.Choice([source.value for source in PaperSource]),
    default=PaperSource.FLATBED.value, show_default=True, help="Where the paper lies.",
)  # fmt: skip
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder for page-1.jpg, page-2.jpg and so on; made when it isn't there.",
)  # fmt: skip
@click.option("--dpi", type=click.IntRange(50, 1200), default=300, show_default=True)
@click.option("--max-pages", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option(
    "--timeout-ms", type=click.IntRange(100, 600_000), default=60_000, show_default=True,
    help="How long one page may take.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def scan(
    *,
    driver_name: str,
    address: str,
    source: str,
    out: Path,
    dpi: int,
    max_pages: int,
    timeout_ms: int,
    as_json: bool,
) -> None:
    """Scan a page from the flatbed, or all sheets of the feeder.

    Ends with 0 when all went well, 1 when the scanner gave no page or gave up before the end, 2
    when something was named wrongly.
    """
    device = _connect(driver_name, address)
    pages = _Pages(out)
    end: ScanEnd | DeviceStatus
    try:
        out.mkdir(parents=True, exist_ok=True)
        end = device.scan(
            PaperSource(source),
            pages,
            resolution_dpi=dpi,
            max_pages=max_pages,
            timeout_ms=timeout_ms,
        )
    except DeviceError as error:
        end = error.status
    except OSError as error:
        _refuse(f"{out} can't be written to: {error.strerror or error}. Name another folder.")
    finally:
        device.close()
    _report(end, pages.written, as_json=as_json)


def _connect(driver_name: str, address: str) -> Scanner:
    try:
        if driver_name not in driver_names(DeviceKind.SCANNER):
            _refuse(f"There is no scanner driver {driver_name!r}: see `yici drivers`.")
        device: Scanner = load_connect(get_driver(DeviceKind.SCANNER, driver_name))(address)
    except ValueError as error:
        _refuse(f"{error}.")
    return device


def _report(end: ScanEnd | DeviceStatus, written: list[Path], *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(_as_fields(end, written), ensure_ascii=False))
    else:
        for path in written:
            click.echo(str(path))
    if isinstance(end, DeviceStatus):
        click.echo(_ADVICE.get(end.code) or _ADVICE.get(end.state, "Call its service."), err=True)
        raise SystemExit(ExitCode.NOT_SCANNED)
    click.echo(_ENDS[end], err=True)
    raise SystemExit(ExitCode.SCANNED if written else ExitCode.NOT_SCANNED)


def _as_fields(end: ScanEnd | DeviceStatus, written: list[Path]) -> dict[str, object]:
    fields: dict[str, object] = {"end": None, "status": None, "pages": [str(p) for p in written]}
    if isinstance(end, DeviceStatus):
        fields["status"] = {"kind": end.kind, "state": end.state, "code": end.code}
    else:
        fields["end"] = end.value
    return fields


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(ExitCode.WRONG_USAGE)
