"""A document printer over IPP.

    printer = connect("ipp://192.0.2.9/ipp/print")
    outcome = printer.print_pdf(pdf, job_name="receipt-copy")

A job counts as printed only when the printer calls it completed. A job that isn't done in time is
cancelled, one whose answer got lost is looked for by its name and cancelled, and CUPS is told to
forget every job and its file.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yici.drivers.device import (
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
)
from yici.drivers.document_printer import DocumentPrinter, JobEffect, JobOutcome, JobProgress
from yici.drivers.document_printer.ipp.address import CUPS_SOCKET, parse_address
from yici.drivers.document_printer.ipp.codec import Message
from yici.drivers.document_printer.ipp.conversation import Conversation, Refusal
from yici.drivers.document_printer.ipp.operations import (
    A4,
    PDF,
    IppStatus,
    JobFacts,
    JobState,
    NotUnderstood,
    PrinterFacts,
    all_job_facts,
    cancel_job,
    get_job_attributes,
    get_jobs,
    get_printer_attributes,
    job_facts,
    print_job,
    printer_facts,
)
from yici.drivers.document_printer.ipp.status import printer_status, status_of

MOST_COPIES: Final = 20
_FIRST_POLL_S: Final = 0.03  # doubled each time, up to the deadlines' poll_s
_GONE_JOB: Final = (IppStatus.NOT_FOUND, IppStatus.GONE)


@dataclass(frozen=True, slots=True)
class IppDeadlines:
    """How long each wait may take; the job's own limit comes with each call."""

    answer_s: float = 5.0
    poll_s: float = 0.5
    lost_s: float = 15.0  # a job's printer that gives no answer for so long is given up
    cancel_s: float = 10.0  # from the order to the end of the job


@dataclass(frozen=True, slots=True)
class _Watched:
    """What was learned while a job was under way."""

    job: JobFacts | None  # its last known state; None when the printer forgot it
    ended: bool


class IppPrinter(DocumentPrinter):
    """One printer or queue; used from one thread."""

    def __init__(self, conversation: Conversation, deadlines: IppDeadlines) -> None:
        self._conversation = conversation
        self._deadlines = deadlines
        self._facts: PrinterFacts | None = None
        self._last: DeviceStatus | None = None
        self._counts_sheets = False
        self._jobs = 0

    def status(self) -> DeviceStatus:
        """Ask the printer; never raises."""
        facts = self._ask_printer()
        return facts if isinstance(facts, DeviceStatus) else self._remember(printer_status(facts))

    def print_pdf(
        self,
        pdf: bytes,
        *,
        job_name: str,
        copies: int = 1,
        timeout_ms: int = 120_000,
        on_progress: Callable[[JobProgress], None] | None = None,
    ) -> JobOutcome:
        """See `DocumentPrinter`; ValueError too for more than 20 copies or no deadline."""
        _check_request(pdf, job_name, copies, timeout_ms)
        deadline_s = time.monotonic() + timeout_ms / 1000
        facts = self._ask_printer()
        if isinstance(facts, DeviceStatus):
            return JobOutcome(JobEffect.NOT_PRINTED, facts)
        unfit = _unfit(facts, copies)
        if unfit is not None:
            return JobOutcome(JobEffect.NOT_PRINTED, self._remember(unfit))
        self._jobs += 1
        # so that this very job is found again when the printer's answer gets lost
        name = f"{job_name}-{secrets.token_hex(4)}"
        request = print_job(
            self._conversation.uri,
            self._conversation.next_id(),
            job_name=name,
            pdf=pdf,
            copies=copies,
            printer=facts,
        )
        answer = self._conversation.ask(request, max(0.0, deadline_s - time.monotonic()))
        if isinstance(answer, Refusal) and answer.is_certain:
            return JobOutcome(JobEffect.NOT_PRINTED, self._remember(answer.status))
        job = _job_in(answer) if isinstance(answer, Message) else None
        job = job or self._find_job(name)
        if job is None:
            return JobOutcome(JobEffect.UNKNOWN, self._remember(_lost(answer)))
        return self._see_through(job, facts, deadline_s, on_progress)

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether it answers, takes PDF, and knows A4."""
        status = self.status()
        steps = [answers(status)]
        facts = self._facts
        if facts is None:
            return (*steps, SelfTestStep("ipp.takes_pdf", StepOutcome.NOT_DONE))
        takes_pdf = StepOutcome.PASSED if PDF in facts.formats else StepOutcome.FAILED
        knows_a4 = StepOutcome.PASSED if A4 in facts.media else StepOutcome.FAILED
        return (
            *steps,
            SelfTestStep("ipp.takes_pdf", takes_pdf),
            SelfTestStep("ipp.knows_a4", knows_a4),
        )

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`."""
        facts = self._facts
        return {
            "driver": "ipp",
            "model": facts.model[:80] if facts else "",
            "firmware": facts.firmware[:40] if facts else "",
            "through_cups": int(facts.is_cups) if facts else 0,
            "jobs": self._jobs,
            "last_state": self._last.state.value if self._last else "",
            "last_code": self._last.code if self._last else "",
        }

    def close(self) -> None:
        """Nothing stays open between calls."""

    # --- one job

    def _see_through(
        self,
        job: JobFacts,
        facts: PrinterFacts,
        deadline_s: float,
        on_progress: Callable[[JobProgress], None] | None,
    ) -> JobOutcome:
        try:
            watched = self._watch(job, facts, deadline_s, on_progress)
        except BaseException:  # the caller breaks off: nobody would wait for the paper
            self._ask(cancel_job(*self._request(), job.job_id, purge=facts.is_cups))
            raise
        if not watched.ended and watched.job is not None:
            watched = self._cancel(watched.job)
        effect = self._effect(watched, facts)
        if facts.is_cups:
            self._ask(cancel_job(*self._request(), job.job_id, purge=True))
        return JobOutcome(effect, self.status(), _sheets(watched, effect, facts))

    def _watch(
        self,
        job: JobFacts,
        facts: PrinterFacts,
        deadline_s: float,
        on_progress: Callable[[JobProgress], None] | None,
    ) -> _Watched:
        """Until the job has ended, its time is over, or the printer stays silent."""
        answered_at_s = time.monotonic()
        told: JobProgress | None = None
        pause_s = _FIRST_POLL_S
        while True:
            if JobState(job.state).is_end:
                return _Watched(job, ended=True)
            status = self._status_during_job()
            progress = JobProgress(status, None if facts.is_cups else job.sheets)
            if on_progress is not None and progress != told:
                on_progress(progress)
                told = progress
            time.sleep(max(0.0, min(pause_s, deadline_s - time.monotonic())))
            pause_s = min(2 * pause_s, self._deadlines.poll_s)
            if time.monotonic() >= deadline_s:
                return _Watched(job, ended=False)
            newest = self._ask_job(job.job_id)
            if isinstance(newest, JobFacts):
                job, answered_at_s = newest, time.monotonic()
            elif newest.code in _GONE_JOB:
                return _Watched(None, ended=True)  # it was switched off and on, or forgets fast
            elif time.monotonic() - answered_at_s > self._deadlines.lost_s:
                return _Watched(job, ended=False)

    def _cancel(self, job: JobFacts) -> _Watched:
        """Tell the printer to give the job up, and wait until it has."""
        until_s = time.monotonic() + self._deadlines.cancel_s
        self._ask(cancel_job(*self._request(), job.job_id))
        while time.monotonic() < until_s:
            newest = self._ask_job(job.job_id)
            if isinstance(newest, JobFacts):
                job = newest
                if JobState(job.state).is_end:
                    return _Watched(job, ended=True)
            elif newest.code in _GONE_JOB:
                break  # forgotten: how far it came is not known
            time.sleep(self._deadlines.poll_s)
        return _Watched(None, ended=False)

    def _effect(self, watched: _Watched, facts: PrinterFacts) -> JobEffect:
        job = watched.job
        if job is None or not watched.ended:
            return JobEffect.UNKNOWN
        if job.state == JobState.COMPLETED:
            with_errors = "job-completed-with-errors" in job.reasons
            self._counts_sheets = self._counts_sheets or bool(job.sheets)
            return JobEffect.UNKNOWN if with_errors else JobEffect.PRINTED
        if not job.has_begun:
            return JobEffect.NOT_PRINTED
        # a zero is believed of a printer that is known to count; CUPS counts late or never
        counts = self._counts_sheets and not facts.is_cups
        return JobEffect.NOT_PRINTED if counts and job.sheets == 0 else JobEffect.UNKNOWN

    def _find_job(self, name: str) -> JobFacts | None:
        """Our job of that name, when the printer's answer to it got lost."""
        answer = self._ask(get_jobs(*self._request()))
        jobs = all_job_facts(answer) if isinstance(answer, Message) else []
        return next((job for job in jobs if job.name == name), None)

    # --- asking

    def _request(self) -> tuple[str, int]:
        return self._conversation.uri, self._conversation.next_id()

    def _ask(self, request: Message) -> Message | Refusal:
        return self._conversation.ask(request, self._deadlines.answer_s)

    def _ask_printer(self) -> PrinterFacts | DeviceStatus:
        answer = self._ask(get_printer_attributes(*self._request()))
        if isinstance(answer, Refusal):
            return self._remember(answer.status)
        try:
            self._facts = printer_facts(answer)
        except NotUnderstood:
            return self._remember(_not_understood())
        return self._facts

    def _status_during_job(self) -> DeviceStatus:
        facts = self._ask_printer()
        if isinstance(facts, DeviceStatus):
            return facts
        return self._remember(printer_status(facts, job_waits=True))

    def _ask_job(self, job_id: int) -> JobFacts | Refusal:
        answer = self._ask(get_job_attributes(*self._request(), job_id))
        if isinstance(answer, Refusal):
            return answer
        return _job_in(answer) or Refusal(_not_understood())

    def _remember(self, status: DeviceStatus) -> DeviceStatus:
        self._last = status
        return status


def connect(
    address: str,
    *,
    deadlines: IppDeadlines | None = None,
    cups_socket: Path = CUPS_SOCKET,
) -> IppPrinter:
    """A printer at `ipp://HOST:PORT/PATH`, or a queue of this machine's CUPS as `cups:QUEUE`.

    Opens nothing. Raises ValueError with a sentence for an address that can't be one.
    """
    parsed = parse_address(address, cups_socket=cups_socket)
    return IppPrinter(Conversation(parsed), deadlines or IppDeadlines())


def _check_request(pdf: bytes, job_name: str, copies: int, timeout_ms: int) -> None:
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-2048:]:
        raise ValueError("these bytes are no whole PDF")
    if not job_name.isascii() or not job_name.isprintable() or not 1 <= len(job_name) <= 60:
        raise ValueError("a job's name is 1 to 60 plain ASCII characters")
    if not 1 <= copies <= MOST_COPIES or timeout_ms < 1:
        raise ValueError(f"copies are 1 to {MOST_COPIES}, and a job needs a deadline")


def _unfit(facts: PrinterFacts, copies: int) -> DeviceStatus | None:
    """Why no job may be started; None when one may. A busy printer queues it."""
    status = printer_status(facts)
    if not status.works and status.state is not DeviceState.BUSY:
        return status
    if facts.formats and PDF not in facts.formats:
        return status_of(DeviceState.WRONG_SETTING, "ipp.takes_no_pdf")
    if copies > max(1, facts.most_copies):
        return status_of(DeviceState.WRONG_SETTING, "ipp.too_many_copies")
    return None


def _job_in(answer: Message) -> JobFacts | None:
    try:
        return job_facts(answer)
    except NotUnderstood:
        return None


def _sheets(watched: _Watched, effect: JobEffect, facts: PrinterFacts) -> int | None:
    """What the printer counted; None when it doesn't."""
    if watched.job is None:
        return None
    is_printed = effect is JobEffect.PRINTED
    if is_printed and watched.job.sheets == 0:
        return None
    # CUPS counts what it has sent, not what came out
    return watched.job.sheets if is_printed or not facts.is_cups else None


def _lost(answer: Message | Refusal) -> DeviceStatus:
    return answer.status if isinstance(answer, Refusal) else _not_understood()


def _not_understood() -> DeviceStatus:
    return status_of(DeviceState.WRONG_SETTING, "ipp.not_understood")
