"""Every fault of the twin at every moment of a scan, and the scanner is well afterwards."""

import time

import pytest

from yici.drivers.device import DeviceError, DeviceStatus
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.drivers.scanner.sane.driver import SaneDeadlines, connect

QUICK = SaneDeadlines(open_s=2.0, status_s=0.6, stop_s=0.5, finish_s=2.0, busy_s=0.3)
LIMIT_S = 60
DPI = 75

with EsclTwin() as _listed:
    FAULTS = [*_listed.fault_names, "unplugged"]


def break_it(twin: EsclTwin, fault: str) -> None:
    if fault == "unplugged":
        twin.unplug()
    else:
        twin.set_fault(fault)


def mend(twin: EsclTwin) -> None:
    twin.set_fault("none")
    if not twin.is_plugged_in:
        twin.plug_in()


@pytest.mark.parametrize("moment", ["before_connect", "between_scans", "after_first_page"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_moment_ends_in_pages_or_an_error(
    twin: EsclTwin, fault: str, moment: str
) -> None:
    twin.act("load_feeder", "3")
    if moment == "before_connect":
        break_it(twin, fault)
    scanner = connect(twin.address, deadlines=QUICK)
    if moment == "between_scans":
        scanner.scan(PaperSource.FLATBED, lambda _: None, resolution_dpi=DPI)
        break_it(twin, fault)
    pages: list[ScannedPage] = []

    def on_page(page: ScannedPage) -> None:
        pages.append(page)
        if moment == "after_first_page":
            break_it(twin, fault)

    started_s = time.monotonic()
    assert isinstance(scanner.status(), DeviceStatus)
    try:
        end = scanner.scan(PaperSource.FEEDER, on_page, resolution_dpi=DPI, timeout_ms=1500)
    except DeviceError as error:
        assert not error.status.works  # noqa: PT017 - which of the three it is depends
    else:
        assert end is ScanEnd.COMPLETE
        assert len(pages) == 3
    assert time.monotonic() - started_s < LIMIT_S
    mend(twin)
    again: list[ScannedPage] = []
    patient = connect(twin.address)
    assert patient.status().works or patient.status().code == "escl.processing"
    assert patient.scan(PaperSource.FLATBED, again.append, resolution_dpi=DPI) is ScanEnd.COMPLETE
    assert len(again) == 1
