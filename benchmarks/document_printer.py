"""One A4 page as PDF through the driver `ipp` to ippeveprinter, until the printer says completed.

The limit: the same Print-Job over an open connection by hand, then asking every 5 ms whether it is
completed, and nothing else. The printer has no paper to move, so that what is measured is the talk
about the job. (`ipptool` and `lp` only hand the job over: they don't tell when it is done.)
"""

import http.client
import io
import time
from collections.abc import Callable

import pikepdf

from benchmarks.measure import Measure, median, worst
from tests.drivers.document_printer.ipp_peers import (
    EveryPrinter,
    open_folder,
    service_discovery,
)
from yici.drivers.document_printer import JobEffect
from yici.drivers.document_printer.ipp.codec import Message, decode, encode
from yici.drivers.document_printer.ipp.driver import connect
from yici.drivers.document_printer.ipp.operations import (
    JobState,
    get_job_attributes,
    get_printer_attributes,
    job_facts,
    print_job,
    printer_facts,
)

JOBS = 15
TARGET = 3


def _pdf() -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _milliseconds(print_one: Callable[[], None]) -> list[float]:
    print_one()
    times_ms = []
    for _ in range(JOBS):
        started_s = time.perf_counter()
        print_one()
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return times_ms


def _ours(address: str, pdf: bytes) -> list[float]:
    printer = connect(address)

    def print_one() -> None:
        assert printer.print_pdf(pdf, job_name="benchmark").effect is JobEffect.PRINTED

    return _milliseconds(print_one)


def _ask(connection: http.client.HTTPConnection, request: Message) -> Message:
    connection.request("POST", "/ipp/print", encode(request), {"Content-Type": "application/ipp"})
    return decode(connection.getresponse().read())


def _limit(printer: EveryPrinter, pdf: bytes) -> list[float]:
    uri = printer.address
    connection = http.client.HTTPConnection("localhost", printer.port, timeout=60)
    facts = printer_facts(_ask(connection, get_printer_attributes(uri, 1)))

    def print_one() -> None:
        request = print_job(uri, 1, job_name="limit", pdf=pdf, copies=1, printer=facts)
        job = job_facts(_ask(connection, request))
        while job.state != JobState.COMPLETED:
            time.sleep(0.005)
            job = job_facts(_ask(connection, get_job_attributes(uri, 1, job.job_id)))

    times_ms = _milliseconds(print_one)
    connection.close()
    return times_ms


def measure() -> list[Measure]:
    """One measurement."""
    pdf = _pdf()
    with open_folder() as folder, service_discovery(folder) as environment:
        printer = EveryPrinter(folder, environment)
        printer.plug_in()
        try:
            ours_ms = _ours(printer.address, pdf)
            limit_ms = _limit(printer, pdf)
        finally:
            printer.unplug()
    return [
        Measure(
            "PDF → printer says completed",
            "ms",
            median(ours_ms),
            worst(ours_ms),
            len(ours_ms),
            "the same job by hand",
            median(limit_ms),
            f"≤ {TARGET} × limit",
            median(ours_ms) <= TARGET * median(limit_ms),
        )
    ]
