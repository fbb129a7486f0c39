"""Every fault of the twin at every moment of a job: nothing is claimed that isn't so."""

import tempfile
import time
from pathlib import Path

import pytest
from ipp_peers import make_pdf

from yici.drivers.document_printer import JobEffect, JobProgress
from yici.drivers.document_printer.ipp.driver import IppDeadlines, connect
from yici.drivers.document_printer.ipp_twin import IppTwin

QUICK = IppDeadlines(answer_s=0.4, poll_s=0.05, lost_s=0.4, cancel_s=0.5)
LIMIT_S = 60
SHEETS = 8

with tempfile.TemporaryDirectory() as _folder, IppTwin(Path(_folder)) as _listed:
    FAULTS = [*_listed.fault_names, "unplugged"]


def break_it(twin: IppTwin, fault: str) -> None:
    if fault == "unplugged":
        twin.unplug()
    else:
        twin.set_fault(fault)


@pytest.mark.parametrize("moment", ["before_connect", "between_jobs", "during_job"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_moment_is_an_honest_outcome(
    twin: IppTwin, fault: str, moment: str
) -> None:
    if moment == "before_connect":
        break_it(twin, fault)
    printer = connect(twin.address, deadlines=QUICK)
    printed_before = 0
    if moment == "between_jobs":
        assert printer.print_pdf(make_pdf(), job_name="first").effect is JobEffect.PRINTED
        printed_before = 1
        break_it(twin, fault)

    def on_progress(progress: JobProgress) -> None:
        if moment == "during_job" and twin.fault == "none" and twin.is_plugged_in:
            break_it(twin, fault)

    started_s = time.monotonic()
    outcome = printer.print_pdf(
        make_pdf(SHEETS), job_name="test", timeout_ms=1000, on_progress=on_progress
    )
    assert time.monotonic() - started_s < LIMIT_S
    came_out = len(twin.printed) - printed_before
    if outcome.effect is JobEffect.PRINTED:
        assert came_out == 1
    if outcome.effect is JobEffect.NOT_PRINTED:
        assert (came_out, twin.sheets_under_way) == (0, 0)
    twin.set_fault("none")
    twin.plug_in()
    patient = connect(twin.address, deadlines=IppDeadlines(poll_s=0.05))
    assert patient.print_pdf(make_pdf(), job_name="again").effect is JobEffect.PRINTED
