"""A scanner without hardware: eSCL (Mopria eSCL 2.97) over HTTP on loopback.

    with EsclTwin() as twin:
        twin.act("lay_on_glass", "statement")
        twin.act("load_feeder", "3")
        scanner = connect(twin.address)

It has a glass for one paper and a feeder for many; the papers are the samples of invented people.
"""

import io
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from PIL import Image

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.paper_samples import DPI as SAMPLE_DPI
from yici.drivers.document_camera.paper_samples import SamplePaper, draw
from yici.drivers.transports.http_port import HttpAnswer, HttpPort, HttpRequest, LineTrouble
from yici.drivers.twin import NO_FAULT, Act

_ROOT: Final = "/eSCL"
_RESOLUTIONS: Final = (75, 100, 150, 200, 300, 600)
_UNITS_PER_INCH: Final = 300
_BED_UNITS: Final = (2550, 3508)  # 215.9 × 297 mm
_BED_GREY: Final = (206, 208, 210)
_MARGIN_PX: Final = 12  # how crooked the paper lies; at 200 dpi

_JAM: Final = "paper_jam"
_JAM_LATER: Final = "jam_after_sheet"  # the next sheet goes through, the one behind it jams
_COVER: Final = "cover_open"
_BUSY: Final = "busy"
_STOPPED: Final = "stopped"
_DROPS: Final = "drops_mid_page"
_BAD_PICTURE: Final = "bad_picture"
_LINE: Final = {name.value: name for name in LineTrouble if name is not LineTrouble.NONE}
_FAULTS: Final = (*_LINE, _JAM, _JAM_LATER, _COVER, _BUSY, _STOPPED, _DROPS, _BAD_PICTURE)

_LAY: Final = "lay_on_glass"
_CLEAR: Final = "clear_glass"
_LOAD: Final = "load_feeder"
_MOST_SHEETS: Final = 50
_JOB_IDLE_S: Final = 2.0  # then a scan that nobody asks for is given up; real ones take a minute

_NAMESPACES: Final = (
    'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"'
    ' xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
)
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def make_twin(_directory: Path) -> "EsclTwin":
    """A twin for a driver's descriptor; it keeps nothing, so it needs no directory."""
    return EsclTwin()


@dataclass(frozen=True, slots=True)
class _Job:
    from_feeder: bool
    resolution_dpi: int
    is_grey: bool
    width_px: int
    height_px: int


class EsclTwin:
    """One virtual scanner; orders may come from any thread."""

    def __init__(self, *, port: int = 0, slow_s: float = 5.0, page_s: float = 0.2) -> None:
        self._fault = NO_FAULT
        # the lamp's way, or the feeder's try to pick: sane-airscan loses pages without it
        self._page_s = page_s
        self._glass: SamplePaper | None = SamplePaper.STATEMENT
        self._feeder: deque[SamplePaper] = deque()
        self._jobs: dict[str, _Job] = {}
        self._asked_at_s: dict[str, float] = {}  # monotonic
        self._guard = threading.Lock()
        self._port = HttpPort(self._answer, port=port, slow_s=slow_s)
        self.plug_in()

    # --- the twin's Protocol

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.SCANNER

    @property
    def address(self) -> str:
        return f"escl:http://{self._port.host}:{self._port.port}{_ROOT}"

    @property
    def is_plugged_in(self) -> bool:
        return self._port.is_plugged_in

    def plug_in(self) -> None:
        self._port.plug_in()

    def unplug(self) -> None:
        self._port.unplug()
        with self._guard:
            self._jobs.clear()

    @property
    def fault_names(self) -> Sequence[str]:
        return _FAULTS

    @property
    def fault(self) -> str:
        return self._fault

    def set_fault(self, name: str) -> None:
        if name != NO_FAULT and name not in _FAULTS:
            raise ValueError(f"the scanner twin has no fault {name!r}")
        self._fault = name
        self._port.set_line_fault(_LINE.get(name, LineTrouble.NONE))

    @property
    def acts(self) -> Sequence[Act]:
        papers = tuple(sample.value for sample in SamplePaper)
        return (Act(_LAY, papers), Act(_CLEAR), Act(_LOAD, ("0", "1", "3", "10")))

    def act(self, name: str, argument: str = "") -> None:
        """`lay_on_glass PAPER`, `clear_glass`, `load_feeder N` (N sheets, of all samples)."""
        if name == _LAY:
            self._glass = SamplePaper(argument)
        elif name == _CLEAR and not argument:
            self._glass = None
        elif name == _LOAD and argument.isascii() and argument.isdigit():
            sheets = min(int(argument[:3]), _MOST_SHEETS)
            papers = list(SamplePaper)
            with self._guard:
                self._feeder = deque(papers[n % len(papers)] for n in range(sheets))
        else:
            raise ValueError(f"the scanner twin can't {name!r} {argument!r}")

    def close(self) -> None:
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def sheets_left(self) -> int:
        """How many sheets lie in the feeder."""
        with self._guard:
            return len(self._feeder)

    @property
    def open_jobs(self) -> int:
        """How many scans were begun and neither finished nor given up."""
        with self._guard:
            return len(self._jobs)

    # --- the wire

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        place = request.path.removeprefix(_ROOT).strip("/").split("/")
        if place[-1] == "NextDocument":
            self._port.wait(self._page_s)
        with self._guard:
            self._give_up_idle_jobs()
            match (request.method, *place):
                case ("GET", "ScannerCapabilities"):
                    return _xml(_CAPABILITIES)
                case ("GET", "ScannerStatus"):
                    return _xml(self._status())
                case ("POST", "ScanJobs"):
                    return self._begin(request.body.decode("utf-8", "replace"))
                case ("GET", "ScanJobs", job_id, "NextDocument"):
                    return self._next_document(job_id)
                case ("DELETE", "ScanJobs", job_id):
                    return HttpAnswer(200 if self._jobs.pop(job_id, None) else 404)
                case _:
                    return HttpAnswer(404)

    def _give_up_idle_jobs(self) -> None:
        since_s = time.monotonic() - _JOB_IDLE_S
        for job_id in [job_id for job_id in self._jobs if self._asked_at_s[job_id] < since_s]:
            del self._jobs[job_id]

    def _status(self) -> str:
        at_work = self._fault == _BUSY or bool(self._jobs)
        state = "Stopped" if self._fault == _STOPPED else "Processing" if at_work else "Idle"
        feeder = {_JAM: "ScannerAdfJam", _COVER: "ScannerAdfDoorOpen"}.get(
            self._fault, "ScannerAdfLoaded" if self._feeder else "ScannerAdfEmpty"
        )
        return (
            f"{_XML}<scan:ScannerStatus {_NAMESPACES}><pwg:Version>2.63</pwg:Version>"
            f"<pwg:State>{state}</pwg:State><scan:AdfState>{feeder}</scan:AdfState>"
            "</scan:ScannerStatus>"
        )

    def _begin(self, settings: str) -> HttpAnswer:
        if self._fault == _BUSY:
            return HttpAnswer(503)
        from_feeder = _word(settings, "InputSource") == "Feeder"
        if self._fault == _STOPPED or (from_feeder and self._feeder_is_stuck()):
            return HttpAnswer(409)
        job = _job(settings, from_feeder=from_feeder)
        if job is None:
            return HttpAnswer(400)
        job_id = str(uuid.uuid4())
        self._jobs[job_id] = job
        self._asked_at_s[job_id] = time.monotonic()
        return HttpAnswer(201, headers={"Location": f"{_ROOT}/ScanJobs/{job_id}"})

    def _feeder_is_stuck(self) -> bool:
        return self._fault in (_JAM, _COVER) or not self._feeder

    def _next_document(self, job_id: str) -> HttpAnswer:
        job = self._jobs.get(job_id)
        if job is None:
            return HttpAnswer(404)
        self._asked_at_s[job_id] = time.monotonic()
        if job.from_feeder and self._fault in (_JAM, _COVER):
            del self._jobs[job_id]
            return HttpAnswer(409)
        paper = self._take_paper(job_id, job)
        if paper is None and job.from_feeder:
            self._jobs.pop(job_id, None)
            return HttpAnswer(404)
        if self._fault == _BAD_PICTURE:
            return HttpAnswer(200, b"\xff\xd8\xff no picture", {"Content-Type": "image/jpeg"})
        picture = _scanned(paper, job)
        if job.from_feeder and self._fault == _JAM_LATER:
            self._fault = _JAM
        cut_after = len(picture) // 2 if self._fault == _DROPS else None
        return HttpAnswer(200, picture, {"Content-Type": "image/jpeg"}, cut_after)

    def _take_paper(self, job_id: str, job: _Job) -> SamplePaper | None:
        if job.from_feeder:
            return self._feeder.popleft() if self._feeder else None
        del self._jobs[job_id]  # the glass has one page
        return self._glass


def _xml(text: str) -> HttpAnswer:
    return HttpAnswer(200, text.encode(), {"Content-Type": "text/xml"})


def _word(settings: str, name: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}\s*>\s*([\w:.-]+)\s*<", settings)
    return found.group(1) if found else ""


def _job(settings: str, *, from_feeder: bool) -> _Job | None:
    """What is to be scanned; None for a resolution that it doesn't have."""
    wanted = _word(settings, "XResolution")
    resolution = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    if resolution not in _RESOLUTIONS:
        return None
    sizes = []
    for name, most in zip(("Width", "Height"), _BED_UNITS, strict=True):
        given = _word(settings, name)
        units = min(int(given), most) if given.isascii() and given.isdigit() else most
        sizes.append(max(1, units * resolution // _UNITS_PER_INCH))
    is_grey = _word(settings, "ColorMode").startswith("Gray")
    return _Job(from_feeder, resolution, is_grey, *sizes)


@lru_cache(maxsize=16)
def _scanned(paper: SamplePaper | None, job: _Job) -> bytes:
    """The bed with the paper on it as a JPEG; an empty bed is grey."""
    scale = job.resolution_dpi / SAMPLE_DPI
    picture = Image.new("RGB", (job.width_px, job.height_px), _BED_GREY)
    if paper is not None:
        sheet = draw(paper)
        size = (round(sheet.width * scale), round(sheet.height * scale))
        margin = 0 if job.from_feeder else round(_MARGIN_PX * scale)
        picture.paste(sheet.resize(size, Image.Resampling.BILINEAR), (margin, margin))
    encoded = io.BytesIO()
    kept = picture.convert("L") if job.is_grey else picture
    kept.save(encoded, format="JPEG", quality=85, dpi=(job.resolution_dpi, job.resolution_dpi))
    return encoded.getvalue()


def _input_caps(tag: str) -> str:
    resolutions = "".join(
        f"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>"
        f"<scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
        for dpi in _RESOLUTIONS
    )
    width, height = _BED_UNITS
    return (
        f"<scan:{tag}><scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{width}</scan:MaxWidth>"
        f"<scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{height}</scan:MaxHeight>"
        "<scan:SettingProfiles><scan:SettingProfile><scan:ColorModes>"
        "<scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode>"
        "</scan:ColorModes><scan:DocumentFormats>"
        "<pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>"
        "<scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats>"
        "<scan:SupportedResolutions><scan:DiscreteResolutions>"
        f"{resolutions}</scan:DiscreteResolutions></scan:SupportedResolutions>"
        f"</scan:SettingProfile></scan:SettingProfiles></scan:{tag}>"
    )


_CAPABILITIES: Final = (
    f"{_XML}<scan:ScannerCapabilities {_NAMESPACES}><pwg:Version>2.63</pwg:Version>"
    "<pwg:MakeAndModel>Yici eSCL twin</pwg:MakeAndModel>"
    f"<scan:Platen>{_input_caps('PlatenInputCaps')}</scan:Platen>"
    f"<scan:Adf>{_input_caps('AdfSimplexInputCaps')}"
    f"<scan:FeederCapacity>{_MOST_SHEETS}</scan:FeederCapacity></scan:Adf>"
    "</scan:ScannerCapabilities>"
)
