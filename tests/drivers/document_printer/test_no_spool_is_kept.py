"""Nobody's document stays in a print server, even in one that is told to keep everything."""

import pytest
from ipp_peers import CupsServer, EveryPrinter

from yici.drivers.document_printer import JobEffect, JobProgress
from yici.drivers.document_printer.ipp.driver import IppDeadlines, IppPrinter, connect

QUICK = IppDeadlines(answer_s=3.0, poll_s=0.1, lost_s=1.0, cancel_s=2.0)


@pytest.fixture
def queue(everywhere: EveryPrinter, cups: CupsServer) -> IppPrinter:
    name = everywhere.folder.name
    cups.add_queue(name, everywhere)
    return connect(f"cups:{name}", deadlines=QUICK, cups_socket=cups.socket)


def test_spool_is_empty_after_a_printed_job(
    queue: IppPrinter, cups: CupsServer, pdf: bytes
) -> None:
    seen: list[str] = []
    outcome = queue.print_pdf(
        pdf,
        job_name="test",
        timeout_ms=60_000,
        on_progress=lambda _: seen.extend(cups.spooled),
    )
    assert outcome.effect is JobEffect.PRINTED
    assert seen  # it was there while it was printed
    assert cups.spooled == []


def test_spool_is_empty_after_a_job_that_was_given_up(
    queue: IppPrinter, everywhere: EveryPrinter, cups: CupsServer, pdf: bytes
) -> None:
    everywhere.set_wrong("paper_out")
    queue.print_pdf(pdf, job_name="test", timeout_ms=1500)
    assert cups.spooled == []


def test_spool_is_empty_after_the_caller_broke_off(
    queue: IppPrinter, everywhere: EveryPrinter, cups: CupsServer, pdf: bytes
) -> None:
    everywhere.set_wrong("paper_out")

    def on_progress(progress: JobProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.print_pdf(pdf, job_name="test", on_progress=on_progress)
    assert cups.spooled == []
