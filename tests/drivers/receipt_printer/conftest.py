"""Every printer that the contract suite runs against: a driver and the twin it talks to.

A new driver joins with one line in PAIRS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from yici.drivers.receipt_printer.escpos.conversation import Timing
from yici.drivers.receipt_printer.escpos.driver import EscPosPrinter, connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin

WIDTH_PX = 384
# Faster than the usual line and paper; the pacing stays.
FAST_BAUD_RATE = 921600
FAST_PAPER_MM_PER_S = 500
PATIENT = Timing(answer_timeout_s=2, stall_timeout_s=20, job_margin_s=30, poll_interval_s=0.05)
# For jobs that can't succeed: how long the driver waits decides how long the test takes.
HASTY = Timing(answer_timeout_s=0.8, stall_timeout_s=0.4, job_margin_s=0.5, poll_interval_s=0.05)


def _on_tcp(directory: Path) -> EscPosTwin:
    return EscPosTwin.on_tcp(
        directory / "slips", width_px=WIDTH_PX, paper_mm_per_s=FAST_PAPER_MM_PER_S
    )


def _on_serial(directory: Path) -> EscPosTwin:
    return EscPosTwin.on_serial(
        directory / "slips",
        directory / "printer",
        baud_rate=FAST_BAUD_RATE,
        width_px=WIDTH_PX,
        paper_mm_per_s=FAST_PAPER_MM_PER_S,
    )


PAIRS: dict[str, tuple[Callable[[Path], EscPosTwin], Callable[[str, Timing], EscPosPrinter]]] = {
    "tcp": (_on_tcp, lambda at, timing: connect(at, width_px=WIDTH_PX, timing=timing)),
    "serial": (_on_serial, lambda at, timing: connect(at, width_px=WIDTH_PX, timing=timing)),
}


@dataclass(frozen=True)
class Bench:
    """A printer on the test bench."""

    twin: EscPosTwin
    printer: EscPosPrinter
    hasty: EscPosPrinter  # the same printer through a driver that gives up soon


@pytest.fixture(params=PAIRS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    make_twin, make_printer = PAIRS[request.param]
    with make_twin(tmp_path) as twin:
        printer, hasty = (make_printer(twin.address, timing) for timing in (PATIENT, HASTY))
        try:
            yield Bench(twin, printer, hasty)
        finally:
            printer.close()
            hasty.close()
