"""The few IPP operations that printing takes (RFC 8011), as requests and as what replies say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from yici.drivers.document_printer.ipp.codec import (
    Attribute,
    AttributeGroup,
    Content,
    Group,
    Message,
    Syntax,
    Value,
    boolean,
    integer,
    text,
)

REQUESTING_USER: Final = "yici"
A4: Final = "iso_a4_210x297mm"
PDF: Final = "application/pdf"


class Operation(IntEnum):
    """RFC 8011 section 5.4.15."""

    PRINT_JOB = 0x0002
    VALIDATE_JOB = 0x0004
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class IppStatus(IntEnum):
    """RFC 8011 appendix B; below 0x0100 is success."""

    OK = 0x0000
    BAD_REQUEST = 0x0400
    FORBIDDEN = 0x0401
    NOT_AUTHENTICATED = 0x0402
    NOT_AUTHORIZED = 0x0403
    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    GONE = 0x0407
    FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_NOT_SUPPORTED = 0x040B
    OPERATION_NOT_SUPPORTED = 0x0501
    SERVICE_UNAVAILABLE = 0x0502
    DEVICE_ERROR = 0x0504
    NOT_ACCEPTING_JOBS = 0x0506
    BUSY = 0x0507


class JobState(IntEnum):
    """RFC 8011 section 5.3.7; the last three are ends."""

    PENDING = 3
    PENDING_HELD = 4
    PROCESSING = 5
    PROCESSING_STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def is_end(self) -> bool:
        return self >= JobState.CANCELED


class PrinterState(IntEnum):
    """RFC 8011 section 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


_PRINTER_ATTRIBUTES: Final = (
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "printer-firmware-string-version",
    "document-format-supported",
    "media-supported",
    "sides-supported",
    "job-sheets-supported",
    "print-scaling-supported",
    "copies-supported",
    "cups-version",
)
_JOB_ATTRIBUTES: Final = (
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "time-at-processing",
)


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """What a printer says of itself; None or empty where it says nothing."""

    state: int | None
    reasons: tuple[str, ...]
    message: str
    accepts_jobs: bool
    model: str
    firmware: str
    formats: frozenset[str]
    media: frozenset[str]
    sides: frozenset[str]
    job_sheets: frozenset[str]
    scalings: frozenset[str]
    most_copies: int
    is_cups: bool


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a printer says of a job; counts are None where it doesn't count.

    `has_begun` is False only when the printer says in so many words that it has not.
    """

    job_id: int
    name: str
    state: int
    reasons: tuple[str, ...]
    sheets: int | None
    has_begun: bool


class NotUnderstood(ValueError):
    """A reply that is IPP, but without what it must contain."""


# --- requests


def get_printer_attributes(uri: str, request_id: int) -> Message:
    wanted = text(Syntax.KEYWORD, "requested-attributes", *_PRINTER_ATTRIBUTES)
    return _request(Operation.GET_PRINTER_ATTRIBUTES, uri, request_id, [wanted])


def print_job(
    uri: str, request_id: int, *, job_name: str, pdf: bytes, copies: int, printer: PrinterFacts
) -> Message:
    """A PDF on A4, one-sided, without a banner page; only what the printer knows."""
    operation = [
        text(Syntax.NAME, "job-name", job_name),
        text(Syntax.MIME_MEDIA_TYPE, "document-format", PDF),
        boolean("ipp-attribute-fidelity", is_true=False),
    ]
    # A4 always: without it, many printers take their factory's Letter
    job = [text(Syntax.KEYWORD, "media", A4)]
    if copies > 1:
        job.append(integer("copies", copies))
    for known, name, wanted in (
        (printer.sides, "sides", "one-sided"),
        (printer.job_sheets, "job-sheets", "none"),
        (printer.scalings, "print-scaling", "auto"),
    ):
        if wanted in known:
            job.append(text(Syntax.KEYWORD, name, wanted))
    return _request(Operation.PRINT_JOB, uri, request_id, operation, job=job, document=pdf)


def get_job_attributes(uri: str, request_id: int, job_id: int) -> Message:
    wanted = text(Syntax.KEYWORD, "requested-attributes", *_JOB_ATTRIBUTES)
    asked = [integer("job-id", job_id)]
    return _request(Operation.GET_JOB_ATTRIBUTES, uri, request_id, asked, last=[wanted])


def get_jobs(uri: str, request_id: int) -> Message:
    """Our own jobs that have not ended."""
    asked = [
        boolean("my-jobs", is_true=True),
        text(Syntax.KEYWORD, "which-jobs", "not-completed"),
        text(Syntax.KEYWORD, "requested-attributes", *_JOB_ATTRIBUTES),
    ]
    return _request(Operation.GET_JOBS, uri, request_id, asked)


def cancel_job(uri: str, request_id: int, job_id: int, *, purge: bool = False) -> Message:
    """`purge` is a word of CUPS alone: also forget the job and its file."""
    last = [boolean("purge-job", is_true=True)] if purge else []
    asked = [integer("job-id", job_id)]
    return _request(Operation.CANCEL_JOB, uri, request_id, asked, last=last)


def _request(
    operation: Operation,
    uri: str,
    request_id: int,
    asked: list[Attribute],
    *,
    job: list[Attribute] | None = None,
    last: list[Attribute] | None = None,
    document: bytes = b"",
) -> Message:
    head = [
        # RFC 8011 section 4.1.4: these first, in this order, then the target, then the user
        text(Syntax.CHARSET, "attributes-charset", "utf-8"),
        text(Syntax.NATURAL_LANGUAGE, "attributes-natural-language", "en"),
        text(Syntax.URI, "printer-uri", uri),
    ]
    target = [attribute for attribute in asked if attribute.name == "job-id"]
    others = [attribute for attribute in asked if attribute.name != "job-id"]
    user = [text(Syntax.NAME, "requesting-user-name", REQUESTING_USER)]
    operation_group = (*head, *target, *user, *others, *(last or []))
    groups = [AttributeGroup(Group.OPERATION, operation_group)]
    if job:
        groups.append(AttributeGroup(Group.JOB, tuple(job)))
    return Message(operation, request_id, tuple(groups), document)


# --- replies


def printer_facts(reply: Message) -> PrinterFacts:
    """What a Get-Printer-Attributes reply says. Raises NotUnderstood without a state."""
    found = _named(_first(reply, Group.PRINTER))
    state = _number(found, "printer-state")
    if state is None:
        raise NotUnderstood("no printer-state")
    accepting = found.get("printer-is-accepting-jobs")
    copies = found.get("copies-supported")
    return PrinterFacts(
        state=state,
        reasons=_reasons(found, "printer-state-reasons"),
        message=" ".join(_texts(found, "printer-state-message")),
        accepts_jobs=accepting is None or accepting[0].content is not False,
        model=" ".join(_texts(found, "printer-make-and-model")),
        firmware=" ".join(_texts(found, "printer-firmware-string-version")),
        formats=frozenset(_texts(found, "document-format-supported")),
        media=frozenset(_texts(found, "media-supported")),
        sides=frozenset(_texts(found, "sides-supported")),
        job_sheets=frozenset(_texts(found, "job-sheets-supported")),
        scalings=frozenset(_texts(found, "print-scaling-supported")),
        most_copies=_upper_bound(copies[0].content) if copies else 1,
        is_cups="cups-version" in found,
    )


def job_facts(reply: Message) -> JobFacts:
    """What a Print-Job or Get-Job-Attributes reply says. Raises NotUnderstood."""
    return _job(_first(reply, Group.JOB))


def all_job_facts(reply: Message) -> list[JobFacts]:
    """What a Get-Jobs reply says; jobs without an id and a state are left out."""
    jobs = []
    for group in reply.groups:
        if group.tag == Group.JOB:
            found = _named(group)
            if _number(found, "job-id") is not None and _number(found, "job-state") is not None:
                jobs.append(_job(group))
    return jobs


def _job(group: AttributeGroup) -> JobFacts:
    found = _named(group)
    job_id, state = _number(found, "job-id"), _number(found, "job-state")
    if job_id is None or state is None or not JobState.PENDING <= state <= JobState.COMPLETED:
        raise NotUnderstood("no job-id or job-state")
    sheets = _number(found, "job-media-sheets-completed")
    impressions = _number(found, "job-impressions-completed")
    counts = [count for count in (sheets, impressions) if count is not None and count >= 0]
    begun = found.get("time-at-processing")
    never = begun is not None and begun[0].tag == Syntax.NO_VALUE
    return JobFacts(
        job_id=job_id,
        name=" ".join(_texts(found, "job-name")),
        state=state,
        reasons=_reasons(found, "job-state-reasons"),
        # one-sided: an impression is a sheet, and printers fill in one or the other
        sheets=max(counts) if counts else None,
        has_begun=not never,
    )


def _first(reply: Message, tag: int) -> AttributeGroup:
    found = next((group for group in reply.groups if group.tag == tag), None)
    if found is None:
        raise NotUnderstood("the reply has no such group")
    return found


def _named(group: AttributeGroup) -> Mapping[str, tuple[Value, ...]]:
    return {attribute.name: attribute.values for attribute in group.attributes}


def _number(found: Mapping[str, tuple[Value, ...]], name: str) -> int | None:
    content = found[name][0].content if name in found else None
    return content if isinstance(content, int) and not isinstance(content, bool) else None


def _texts(found: Mapping[str, tuple[Value, ...]], name: str) -> list[str]:
    values = found.get(name, ())
    return [value.content for value in values if isinstance(value.content, str)]


def _reasons(found: Mapping[str, tuple[Value, ...]], name: str) -> tuple[str, ...]:
    return tuple(reason for reason in _texts(found, name) if reason != "none")


def _upper_bound(content: Content) -> int:
    """The second number of a rangeOfInteger."""
    if isinstance(content, bytes) and len(content) == 8:
        return int.from_bytes(content[4:], "big", signed=True)
    return content if isinstance(content, int) else 1
