"""A document printer without hardware: IPP over HTTP on loopback, PDF files instead of paper.

    with IppTwin(directory) as twin:
        printer = connect(twin.address)
        twin.set_fault("paper_out")

It prints sheet by sheet: a fault stops it between two sheets, and the job goes on when the fault
is over. What was printed whole lies in `directory` as `job-N.pdf`.
"""

import io
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Self

import pikepdf

from yici.drivers.device import DeviceKind
from yici.drivers.document_printer.ipp.codec import (
    Attribute,
    AttributeGroup,
    Group,
    IppCodecError,
    Message,
    Syntax,
    Value,
    boolean,
    decode,
    encode,
    enum,
    integer,
    no_value,
    text,
)
from yici.drivers.document_printer.ipp.operations import (
    A4,
    PDF,
    IppStatus,
    JobState,
    Operation,
    PrinterState,
)
from yici.drivers.transports.http_port import HttpAnswer, HttpPort, HttpRequest, LineTrouble
from yici.drivers.twin import NO_FAULT, Act

_PATH: Final = "/ipp/print"
_MODEL: Final = "Yici IPP twin"
_RANGE_OF_INTEGER: Final = 0x33
_COPIES: Final = bytes.fromhex("0000000100000063")  # 1 to 99

# fault → its printer-state-reasons; those that stop it before the next sheet
_STOPPING: Final[Mapping[str, str]] = {
    "paper_out": "media-empty-error",
    "paper_jam": "media-jam-error",
    "toner_out": "toner-empty-error",
    "cover_open": "cover-open-error",
    "offline": "offline-error",
}
_WARNING: Final[Mapping[str, str]] = {"toner_low": "toner-low-warning", "paper_low": "media-low"}
_ABORTS: Final = "job_aborted"
_REFUSES: Final = "refuses_jobs"
_NO_ANSWER_TO_JOB: Final = "answer_lost"  # takes the job, and the line breaks before the answer
_LINE: Final = {name.value: name for name in LineTrouble if name is not LineTrouble.NONE}
_FAULTS: Final = (*_LINE, *_STOPPING, *_WARNING, _ABORTS, _REFUSES, _NO_ANSWER_TO_JOB)

_PUT_PAPER: Final = "put_paper"
_TAKE_PAPER: Final = "take_paper"


@dataclass(slots=True)
class _Job:
    job_id: int
    name: str
    pdf: bytes
    copies: int
    sheets: int
    state: JobState = JobState.PENDING
    sheets_done: int = 0
    began: bool = False


class IppTwin:
    """One virtual printer; orders may come from any thread."""

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        sheet_s: float = 0.05,
        sheets_in_tray: int = 250,
        slow_s: float = 3.0,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._sheet_s = sheet_s
        self._tray = sheets_in_tray
        self._fault = NO_FAULT
        self._jobs: dict[int, _Job] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._engine: threading.Thread | None = None
        self._port = HttpPort(self._answer, port=port, slow_s=slow_s)
        self.plug_in()

    # --- the twin's Protocol

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.DOCUMENT_PRINTER

    @property
    def address(self) -> str:
        return f"ipp://{self._port.host}:{self._port.port}{_PATH}"

    @property
    def is_plugged_in(self) -> bool:
        return self._port.is_plugged_in

    def plug_in(self) -> None:
        self._port.plug_in()
        with self._changed:
            if self._engine is None:
                self._closing = False
                self._engine = threading.Thread(target=self._run, name="ipp-twin", daemon=True)
                self._engine.start()

    def unplug(self) -> None:
        """Cable and power: jobs that were not finished are forgotten."""
        self._port.unplug()
        with self._changed:
            self._closing = True
            engine, self._engine = self._engine, None
            self._jobs.clear()
            self._changed.notify_all()
        if engine is not None:
            engine.join(timeout=10)

    @property
    def fault_names(self) -> Sequence[str]:
        return _FAULTS

    @property
    def fault(self) -> str:
        return self._fault

    def set_fault(self, name: str) -> None:
        if name != NO_FAULT and name not in _FAULTS:
            raise ValueError(f"the printer twin has no fault {name!r}")
        with self._changed:
            self._fault = name
            self._changed.notify_all()
        self._port.set_line_fault(_LINE.get(name, LineTrouble.NONE))

    @property
    def acts(self) -> Sequence[Act]:
        return (Act(_PUT_PAPER, ("1", "5", "250")), Act(_TAKE_PAPER))

    def act(self, name: str, argument: str = "") -> None:
        """`put_paper N` fills the tray with N sheets, `take_paper` empties it."""
        if name == _PUT_PAPER and argument.isascii() and argument.isdigit():
            sheets = min(int(argument[:4]), 500)
        elif name == _TAKE_PAPER and not argument:
            sheets = 0
        else:
            raise ValueError(f"the printer twin can't {name!r} {argument!r}")
        with self._changed:
            self._tray = sheets
            self._changed.notify_all()

    def close(self) -> None:
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # --- what came out

    @property
    def printed(self) -> list[Path]:
        """The PDF files of the jobs that were printed whole, oldest first."""
        return sorted(
            self._directory.glob("job-*.pdf"), key=lambda path: int(path.stem.split("-")[1])
        )

    @property
    def sheets_under_way(self) -> int:
        """How many sheets of jobs that have not ended came out."""
        with self._changed:
            return sum(job.sheets_done for job in self._jobs.values() if not job.state.is_end)

    # --- the engine: one sheet after the other

    def _run(self) -> None:
        with self._changed:
            while not self._closing:
                job = self._next_job()
                if job is None or self._stopping_reason() is not None:
                    if job is not None and job.began:
                        job.state = JobState.PROCESSING_STOPPED
                    self._changed.wait()
                    continue
                job.state, job.began = JobState.PROCESSING, True
                if self._fault == _ABORTS:
                    job.state = JobState.ABORTED
                    continue
                if not self._changed.wait_for(partial(self._is_held_up, job), self._sheet_s):
                    self._print_sheet(job)

    def _is_held_up(self, job: _Job) -> bool:
        return self._stopping_reason() is not None or job.state.is_end or self._closing

    def _print_sheet(self, job: _Job) -> None:
        job.sheets_done += 1
        self._tray -= 1
        if job.sheets_done >= job.sheets:
            (self._directory / f"job-{job.job_id}.pdf").write_bytes(job.pdf)
            job.pdf = b""
            job.state = JobState.COMPLETED

    def _next_job(self) -> _Job | None:
        return next((job for job in self._jobs.values() if not job.state.is_end), None)

    def _stopping_reason(self) -> str | None:
        if self._fault in _STOPPING:
            return _STOPPING[self._fault]
        return "media-empty-error" if self._tray <= 0 else None

    # --- the wire

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        if request.path != _PATH or request.method != "POST":
            return HttpAnswer(404)
        try:
            asked = decode(request.body)
        except IppCodecError:
            return HttpAnswer(400)
        operation = self._operations().get(asked.code)
        with self._changed:
            reply = (
                operation(asked)
                if operation is not None
                else _reply(asked, IppStatus.OPERATION_NOT_SUPPORTED)
            )
            self._changed.notify_all()
            lost = self._fault == _NO_ANSWER_TO_JOB and asked.code == Operation.PRINT_JOB
        body = encode(reply)
        headers = {"Content-Type": "application/ipp"}
        return HttpAnswer(200, body, headers, cut_after=0 if lost else None)

    def _operations(self) -> Mapping[int, Callable[[Message], Message]]:
        return {
            Operation.PRINT_JOB: self._print_job,
            Operation.VALIDATE_JOB: self._validate_job,
            Operation.GET_PRINTER_ATTRIBUTES: self._printer_attributes,
            Operation.GET_JOB_ATTRIBUTES: self._job_attributes,
            Operation.GET_JOBS: self._list_jobs,
            Operation.CANCEL_JOB: self._cancel_job,
        }

    def _print_job(self, asked: Message) -> Message:
        unfit = self._unfit(asked)
        if unfit is not None:
            return _reply(asked, unfit)
        try:
            with pikepdf.open(io.BytesIO(asked.document)) as document:
                pages = len(document.pages)
        except pikepdf.PdfError:
            return _reply(asked, IppStatus.BAD_REQUEST)
        copies = _number(asked, Group.JOB, "copies") or 1
        used = [int(path.stem.split("-")[1]) for path in self.printed]
        job_id = max([0, *used, *self._jobs]) + 1
        name = str(_content(asked, Group.OPERATION, "job-name") or "untitled")
        job = _Job(job_id, name, asked.document, copies, pages * copies)
        self._jobs[job_id] = job
        return _reply(asked, IppStatus.OK, AttributeGroup(Group.JOB, self._describe(job)))

    def _validate_job(self, asked: Message) -> Message:
        return _reply(asked, self._unfit(asked) or IppStatus.OK)

    def _unfit(self, asked: Message) -> IppStatus | None:
        if self._fault == _REFUSES:
            return IppStatus.NOT_ACCEPTING_JOBS
        taken = _content(asked, Group.OPERATION, "document-format") in (None, PDF)
        return None if taken else IppStatus.FORMAT_NOT_SUPPORTED

    def _job_attributes(self, asked: Message) -> Message:
        job = self._jobs.get(_number(asked, Group.OPERATION, "job-id") or 0)
        if job is None:
            return _reply(asked, IppStatus.NOT_FOUND)
        return _reply(asked, IppStatus.OK, AttributeGroup(Group.JOB, self._describe(job)))

    def _list_jobs(self, asked: Message) -> Message:
        running = [job for job in self._jobs.values() if not job.state.is_end]
        groups = [AttributeGroup(Group.JOB, self._describe(job)) for job in running]
        return _reply(asked, IppStatus.OK, *groups)

    def _cancel_job(self, asked: Message) -> Message:
        job = self._jobs.get(_number(asked, Group.OPERATION, "job-id") or 0)
        if job is None:
            return _reply(asked, IppStatus.NOT_FOUND)
        if job.state.is_end:
            return _reply(asked, IppStatus.NOT_POSSIBLE)
        job.state, job.pdf = JobState.CANCELED, b""
        return _reply(asked, IppStatus.OK)

    def _describe(self, job: _Job) -> tuple[Attribute, ...]:
        return (
            integer("job-id", job.job_id),
            text(Syntax.URI, "job-uri", f"{self.address}/{job.job_id}"),
            text(Syntax.NAME, "job-name", job.name),
            enum("job-state", job.state),
            text(Syntax.KEYWORD, "job-state-reasons", "none"),
            integer("job-impressions-completed", job.sheets_done),
            integer("job-media-sheets-completed", job.sheets_done),
            integer("time-at-processing", 1) if job.began else no_value("time-at-processing"),
        )

    def _printer_attributes(self, asked: Message) -> Message:
        stopping, job = self._stopping_reason(), self._next_job()
        if stopping is not None:
            state, reason = PrinterState.STOPPED, stopping
        else:
            state = PrinterState.IDLE if job is None else PrinterState.PROCESSING
            reason = _WARNING.get(self._fault, "none")
        attributes = (
            text(Syntax.URI, "printer-uri-supported", self.address),
            text(Syntax.KEYWORD, "uri-security-supported", "none"),
            text(Syntax.KEYWORD, "uri-authentication-supported", "none"),
            text(Syntax.NAME, "printer-name", "yici-twin"),
            text(Syntax.TEXT, "printer-make-and-model", _MODEL),
            enum("printer-state", state),
            text(Syntax.KEYWORD, "printer-state-reasons", reason),
            boolean("printer-is-accepting-jobs", is_true=self._fault != _REFUSES),
            text(Syntax.KEYWORD, "ipp-versions-supported", "1.1", "2.0"),
            enum("operations-supported", *self._operations()),
            text(Syntax.CHARSET, "charset-supported", "utf-8"),
            text(Syntax.MIME_MEDIA_TYPE, "document-format-supported", PDF),
            text(Syntax.KEYWORD, "media-supported", A4),
            text(Syntax.KEYWORD, "media-ready", A4),
            text(Syntax.KEYWORD, "sides-supported", "one-sided"),
            text(Syntax.KEYWORD, "job-sheets-supported", "none"),
            Attribute("copies-supported", (Value(_RANGE_OF_INTEGER, _COPIES),)),
        )
        return _reply(asked, IppStatus.OK, AttributeGroup(Group.PRINTER, attributes))


def _reply(asked: Message, status: IppStatus, *groups: AttributeGroup) -> Message:
    head = AttributeGroup(
        Group.OPERATION,
        (
            text(Syntax.CHARSET, "attributes-charset", "utf-8"),
            text(Syntax.NATURAL_LANGUAGE, "attributes-natural-language", "en"),
        ),
    )
    return Message(status, asked.request_id, (head, *groups))


def _content(asked: Message, group: Group, name: str) -> object:
    found = asked.find(group, name)
    return found.values[0].content if found is not None else None


def _number(asked: Message, group: Group, name: str) -> int | None:
    content = _content(asked, group, name)
    return content if isinstance(content, int) else None
