"""What every scanner's driver keeps: over eSCL on the twin, and on SANE's own test backend.

A new driver joins by one fixture of the shape of `Bench`.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yici.drivers.device import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NeedsStaff,
    NotReady,
    StepOutcome,
    Unsupported,
)
from yici.drivers.scanner import PaperSource, ScanEnd, ScannedPage, Scanner
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.drivers.scanner.sane.driver import SaneDeadlines, connect

QUICK = SaneDeadlines(open_s=10.0, status_s=2.0, stop_s=1.0, finish_s=5.0, busy_s=0.3)
DPI = 75


@dataclass(frozen=True)
class Bench:
    """A scanner under test, and the hands that stand beside it."""

    scanner: Scanner
    unplug: Callable[[], None]
    plug_in: Callable[[], None]
    set_slow: Callable[[], None]  # no page comes within a second
    set_jam: Callable[[], None]
    set_jam_after_sheet: Callable[[], None] | None  # None: it can't jam on the way
    set_cover_open: Callable[[], None]
    set_broken: Callable[[], None]  # each page breaks off
    mend: Callable[[], None]
    sheets: int  # that lie in the feeder


@pytest.fixture
def escl_bench(twin: EsclTwin) -> Bench:
    twin.act("load_feeder", "3")
    return Bench(
        scanner=connect(twin.address, deadlines=QUICK),
        unplug=twin.unplug,
        plug_in=twin.plug_in,
        set_slow=lambda: twin.set_fault("slow"),
        set_jam=lambda: twin.set_fault("paper_jam"),
        set_jam_after_sheet=lambda: twin.set_fault("jam_after_sheet"),
        set_cover_open=lambda: twin.set_fault("cover_open"),
        set_broken=lambda: twin.set_fault("drops_mid_page"),
        mend=lambda: twin.set_fault("none"),
        sheets=3,
    )


@pytest.fixture
def sane_bench(backend: Any) -> Bench:
    return Bench(
        scanner=connect("sane:test:1", deadlines=QUICK, config_dir=backend.directory),
        unplug=backend.remove,
        plug_in=backend.write,
        set_slow=lambda: backend.write(slow=True),
        set_jam=lambda: backend.write(status="SANE_STATUS_JAMMED"),
        set_jam_after_sheet=None,
        set_cover_open=lambda: backend.write(status="SANE_STATUS_COVER_OPEN"),
        set_broken=lambda: backend.write(status="SANE_STATUS_IO_ERROR"),
        mend=backend.write,
        sheets=10,
    )


@pytest.fixture(params=["escl", "sane"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return request.getfixturevalue(f"{request.param}_bench")  # type: ignore[no-any-return]  # pytest


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file, no child, no descriptor stays after a test, however its scans ended."""
    own_temp = tmp_path / "tmp"
    own_temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own_temp))
    before = set(Path("/proc/self/fd").iterdir())
    yield
    assert list(own_temp.iterdir()) == []
    assert own_children() == []
    assert len(set(Path("/proc/self/fd").iterdir()) - before) <= 4  # the twin's sockets


def own_children() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition(") ")
        except OSError:
            continue  # it has ended meanwhile
        if rest.split()[1] == str(os.getpid()) and "scanimage" in name:
            found.append(name)
    return found


def scan(
    bench: Bench, source: PaperSource, **asked: Any
) -> tuple[ScanEnd | DeviceError, list[ScannedPage]]:
    pages: list[ScannedPage] = []
    asked = {"resolution_dpi": DPI, "timeout_ms": 30_000, **asked}
    try:
        return bench.scanner.scan(source, pages.append, **asked), pages
    except DeviceError as error:
        return error, pages


def test_scanner_that_answers_is_ready_and_passes_its_self_test(bench: Bench) -> None:
    status = bench.scanner.status()
    assert (status.kind, status.state) == (DeviceKind.SCANNER, DeviceState.READY)
    assert {step.outcome for step in bench.scanner.self_test()} == {StepOutcome.PASSED}
    assert set(bench.scanner.sources()) == set(PaperSource)


def test_flatbed_gives_one_page_of_a4_in_colour(bench: Bench) -> None:
    end, pages = scan(bench, PaperSource.FLATBED)
    assert end is ScanEnd.COMPLETE
    assert len(pages) == 1
    height_px, width_px, channels = pages[0].pixels.shape
    assert abs(width_px - 210 / 25.4 * DPI) < 12
    assert abs(height_px - 297 / 25.4 * DPI) < 12
    assert channels == 3
    assert pages[0].resolution_dpi == DPI
    assert len(np.unique(pages[0].pixels)) > 3


def test_feeder_gives_every_sheet_and_then_is_empty(bench: Bench) -> None:
    end, pages = scan(bench, PaperSource.FEEDER)
    assert end is ScanEnd.COMPLETE
    assert len(pages) == bench.sheets


def test_pages_are_handed_over_one_by_one(bench: Bench) -> None:
    """The second page does not come before the first was taken: one page in memory."""
    moments: list[float] = []

    def on_page(page: ScannedPage) -> None:
        moments.append(time.monotonic())
        time.sleep(0.3)
        moments.append(time.monotonic())

    assert bench.scanner.scan(PaperSource.FEEDER, on_page, resolution_dpi=DPI) is ScanEnd.COMPLETE
    assert moments == sorted(moments)
    assert len(moments) == 2 * bench.sheets


def test_page_limit_is_told(bench: Bench) -> None:
    end, pages = scan(bench, PaperSource.FEEDER, max_pages=2)
    assert (end, len(pages)) == (ScanEnd.PAGE_LIMIT, 2)


def test_cancelled_between_two_pages_keeps_the_first(bench: Bench) -> None:
    pages: list[ScannedPage] = []

    def on_page(page: ScannedPage) -> None:
        pages.append(page)
        bench.scanner.cancel()

    end = bench.scanner.scan(PaperSource.FEEDER, on_page, resolution_dpi=DPI)
    assert (end, len(pages)) == (ScanEnd.CANCELLED, 1)
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_cancelled_within_a_page_ends_soon(bench: Bench) -> None:
    bench.scanner.sources()
    bench.set_slow()
    timer = threading.Timer(0.7, bench.scanner.cancel)
    timer.start()
    started_s = time.monotonic()
    end, pages = scan(bench, PaperSource.FLATBED, resolution_dpi=300)
    timer.join()
    assert (end, pages) == (ScanEnd.CANCELLED, [])
    assert time.monotonic() - started_s < 20


def test_cancel_without_a_scan_does_not_touch_the_next_one(bench: Bench) -> None:
    bench.scanner.cancel()
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_page_that_takes_too_long_is_given_up(bench: Bench) -> None:
    bench.scanner.sources()
    bench.set_slow()
    end, pages = scan(bench, PaperSource.FLATBED, resolution_dpi=300, timeout_ms=700)
    assert isinstance(end, NotReady)
    assert (end.status.state, pages) == (DeviceState.UNKNOWN, [])
    bench.mend()
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_jam_needs_staff_and_is_over_without_a_restart(bench: Bench) -> None:
    bench.set_jam()
    end, _ = scan(bench, PaperSource.FEEDER)
    assert isinstance(end, NeedsStaff)
    assert end.status.state is DeviceState.PAPER_JAMMED
    bench.mend()
    assert scan(bench, PaperSource.FEEDER)[0] is ScanEnd.COMPLETE


def test_jam_after_the_first_page_keeps_it(bench: Bench) -> None:
    if bench.set_jam_after_sheet is None:
        pytest.skip("SANE's test backend reads its fault once, when it is opened")
    bench.set_jam_after_sheet()
    end, pages = scan(bench, PaperSource.FEEDER)
    assert isinstance(end, NeedsStaff)
    assert (end.status.state, len(pages)) == (DeviceState.PAPER_JAMMED, 1)


def test_open_cover_needs_staff(bench: Bench) -> None:
    bench.set_cover_open()
    end, _ = scan(bench, PaperSource.FEEDER)
    assert isinstance(end, NeedsStaff)
    assert end.status.state is DeviceState.COVER_OPEN


def test_page_that_breaks_off_is_not_handed_over(bench: Bench) -> None:
    bench.set_broken()
    end, pages = scan(bench, PaperSource.FLATBED)
    assert isinstance(end, NotReady)
    assert pages == []
    bench.mend()
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_scanner_that_was_never_there_is_disconnected_and_found_later(bench: Bench) -> None:
    bench.unplug()
    assert bench.scanner.status().state is DeviceState.DISCONNECTED
    with pytest.raises(NotReady):
        bench.scanner.sources()
    assert {step.outcome for step in bench.scanner.self_test()} <= {
        StepOutcome.FAILED,
        StepOutcome.NOT_DONE,
    }
    bench.plug_in()
    assert bench.scanner.status().state is DeviceState.READY
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_unplugged_scanner_is_disconnected_and_comes_back_by_itself(bench: Bench) -> None:
    for _ in range(2):
        assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE
        bench.unplug()
        end, _ = scan(bench, PaperSource.FLATBED)
        assert isinstance(end, NotReady)
        assert end.status.state is DeviceState.DISCONNECTED
        assert bench.scanner.status().state is DeviceState.DISCONNECTED
        bench.plug_in()


def test_unplugged_within_a_scan_ends_it_and_keeps_what_came(bench: Bench) -> None:
    if bench.set_jam_after_sheet is None:
        pytest.skip("SANE's test backend can't be pulled out of a running process")
    bench.scanner.sources()
    bench.set_slow()
    pages: list[ScannedPage] = []

    def on_page(page: ScannedPage) -> None:
        pages.append(page)
        bench.unplug()

    with pytest.raises(NotReady) as not_ready:
        bench.scanner.scan(PaperSource.FEEDER, on_page, resolution_dpi=DPI, timeout_ms=20_000)
    assert not_ready.value.status.state is DeviceState.DISCONNECTED
    assert 1 <= len(pages) <= 2
    bench.mend()
    bench.plug_in()
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_callers_own_failure_comes_through_and_ends_the_scan(bench: Bench) -> None:
    def on_page(page: ScannedPage) -> None:
        raise OSError("the caller's disk is full")

    with pytest.raises(OSError, match="disk is full"):
        bench.scanner.scan(PaperSource.FEEDER, on_page, resolution_dpi=DPI)
    assert scan(bench, PaperSource.FLATBED)[0] is ScanEnd.COMPLETE


def test_diagnostics_are_few_words_and_numbers(bench: Bench) -> None:
    scan(bench, PaperSource.FLATBED)
    facts = bench.scanner.diagnostics()
    assert facts["pages"] == 1
    assert all(isinstance(value, int) or len(value) <= 40 for value in facts.values())


def test_closing_twice_and_using_again(bench: Bench) -> None:
    bench.scanner.close()
    bench.scanner.close()
    assert bench.scanner.status().state is DeviceState.READY


def test_numbers_that_make_no_sense_are_refused(bench: Bench) -> None:
    for wrong in ({"resolution_dpi": 5}, {"max_pages": 0}, {"timeout_ms": 0}):
        with pytest.raises(ValueError, match="dpi"):
            scan(bench, PaperSource.FLATBED, **wrong)


def test_source_that_it_does_not_have_is_unsupported(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "yici.drivers.scanner.sane.driver.parse_options",
        parse_without_feeder,
    )
    end, _ = scan(bench, PaperSource.FEEDER)
    assert isinstance(end, Unsupported)


def parse_without_feeder(text: str) -> Any:
    from dataclasses import replace

    from yici.drivers.scanner.sane.options import parse_options

    options = parse_options(text)
    return replace(options, sources=options.sources[:1])
