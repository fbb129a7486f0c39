"""Document printers (A4): what the terminal asks of one, whoever made it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from yici.drivers.device import Device, DeviceStatus


class JobEffect(StrEnum):
    """What is known about the paper after a job."""

    PRINTED = "printed"  # the printer reported the job completed
    NOT_PRINTED = "not_printed"  # certain: refused, or cancelled before the first sheet
    UNKNOWN = "unknown"  # some sheets may have come out: ask the person


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """The end of a job; `sheets` as reported by the printer, None when it doesn't say."""

    effect: JobEffect
    after: DeviceStatus
    sheets: int | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """What a waiting person is told: the printer's status while the job is under way."""

    status: DeviceStatus
    sheets: int | None


class DocumentPrinter(Device, Protocol):
    """Calls block, end within their deadlines, and come from one thread."""

    def print_pdf(
        self,
        pdf: bytes,
        *,
        job_name: str,
        copies: int = 1,
        timeout_ms: int = 120_000,
        on_progress: Callable[[JobProgress], None] | None = None,
    ) -> JobOutcome:
        """Print on A4 and wait for the end; a job that isn't done in time is cancelled.

        `job_name` is a machine word (it shows in queues and logs), never a resident's. Never
        raises for what a printer can do: the outcome tells. ValueError for bytes that are no PDF.
        """
        ...
