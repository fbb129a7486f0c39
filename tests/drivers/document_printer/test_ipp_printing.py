"""One IPP printer's bad days, on the twin: what is claimed about the paper, and when."""

import threading
import time
from pathlib import Path

import pytest
from ipp_peers import make_pdf

from yici.drivers.device import DeviceState
from yici.drivers.document_printer import JobEffect, JobProgress
from yici.drivers.document_printer.ipp.driver import IppDeadlines, IppPrinter, connect
from yici.drivers.document_printer.ipp.operations import IppStatus, PrinterFacts
from yici.drivers.document_printer.ipp.status import printer_status, refusal_status
from yici.drivers.document_printer.ipp_twin import IppTwin

QUICK = IppDeadlines(answer_s=0.5, poll_s=0.05, lost_s=0.5, cancel_s=1.0)


@pytest.fixture
def printer(twin: IppTwin) -> IppPrinter:
    return connect(twin.address, deadlines=QUICK)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("paper_out", DeviceState.PAPER_OUT),
        ("paper_jam", DeviceState.PAPER_JAMMED),
        ("toner_out", DeviceState.SUPPLY_OUT),
        ("cover_open", DeviceState.COVER_OPEN),
        ("offline", DeviceState.OFFLINE),
        ("refuses_jobs", DeviceState.OFFLINE),
        ("silent", DeviceState.UNKNOWN),
        ("slow", DeviceState.UNKNOWN),
        ("garbage", DeviceState.WRONG_SETTING),
    ],
)
def test_fault_is_told_refuses_the_job_and_is_over_without_a_restart(
    twin: IppTwin, printer: IppPrinter, pdf: bytes, fault: str, state: DeviceState
) -> None:
    twin.set_fault(fault)
    assert printer.status().state is state
    outcome = printer.print_pdf(pdf, job_name="test", timeout_ms=2000)
    assert (outcome.effect, outcome.after.state) == (JobEffect.NOT_PRINTED, state)
    assert twin.printed == []
    twin.set_fault("none")
    assert printer.status().state is DeviceState.READY
    assert printer.print_pdf(pdf, job_name="test").effect is JobEffect.PRINTED


@pytest.mark.parametrize(
    ("fault", "state"),
    [("toner_low", DeviceState.SUPPLY_LOW), ("paper_low", DeviceState.PAPER_NEAR_END)],
)
def test_printer_that_runs_low_still_prints(
    twin: IppTwin, printer: IppPrinter, pdf: bytes, fault: str, state: DeviceState
) -> None:
    twin.set_fault(fault)
    assert printer.status().state is state
    assert printer.print_pdf(pdf, job_name="test").effect is JobEffect.PRINTED


@pytest.mark.parametrize("fault", ["silent", "garbage"])
def test_printer_that_stops_talking_during_the_job_is_unknown(
    twin: IppTwin, printer: IppPrinter, fault: str
) -> None:
    outcome = printer.print_pdf(
        make_pdf(200),
        job_name="test",
        timeout_ms=20_000,
        on_progress=lambda _: twin.set_fault(fault),
    )
    assert outcome.effect is JobEffect.UNKNOWN


def test_job_whose_answer_got_lost_is_found_again(twin: IppTwin, printer: IppPrinter) -> None:
    twin.set_fault("answer_lost")
    outcome = printer.print_pdf(make_pdf(20), job_name="test", timeout_ms=20_000)
    assert (outcome.effect, outcome.sheets) == (JobEffect.PRINTED, 20)
    assert len(twin.printed) == 1


def test_paper_that_runs_out_within_a_job_is_told_and_the_job_goes_on(
    twin: IppTwin, printer: IppPrinter
) -> None:
    twin.act("put_paper", "2")
    told: list[JobProgress] = []

    def on_progress(progress: JobProgress) -> None:
        told.append(progress)
        if progress.status.state is DeviceState.PAPER_OUT:
            twin.act("put_paper", "250")

    outcome = printer.print_pdf(make_pdf(4), job_name="test", on_progress=on_progress)
    assert (outcome.effect, outcome.sheets) == (JobEffect.PRINTED, 4)
    assert (DeviceState.PAPER_OUT, 2) in {(one.status.state, one.sheets) for one in told}


def test_job_that_is_cancelled_in_the_middle_is_unknown(twin: IppTwin, printer: IppPrinter) -> None:
    twin.act("put_paper", "2")
    outcome = printer.print_pdf(make_pdf(4), job_name="test", timeout_ms=1000)
    assert (outcome.effect, outcome.sheets) == (JobEffect.UNKNOWN, 2)
    assert outcome.after.state is DeviceState.PAPER_OUT
    twin.act("put_paper", "250")
    assert printer.status().state is DeviceState.READY  # the rest does not come out later
    assert twin.printed == []


def test_job_behind_another_one_is_not_printed_when_it_never_began(
    twin: IppTwin, printer: IppPrinter, pdf: bytes
) -> None:
    other = connect(twin.address, deadlines=QUICK)
    begun = threading.Event()

    def print_long() -> None:
        other.print_pdf(
            make_pdf(60), job_name="other", timeout_ms=20_000, on_progress=lambda _: begun.set()
        )

    thread = threading.Thread(target=print_long)
    thread.start()
    assert begun.wait(20)
    outcome = printer.print_pdf(pdf, job_name="test", timeout_ms=500)
    assert outcome.effect is JobEffect.NOT_PRINTED
    thread.join(30)
    assert len(twin.printed) == 1


def test_zero_sheets_are_believed_only_of_a_printer_that_is_known_to_count(
    tmp_path: Path, pdf: bytes
) -> None:
    with IppTwin(tmp_path / "slow", sheet_s=2.0) as slow:
        stranger = connect(slow.address, deadlines=QUICK)
        first = stranger.print_pdf(
            pdf, job_name="test", timeout_ms=800, on_progress=lambda _: slow.set_fault("paper_jam")
        )
        assert first.effect is JobEffect.UNKNOWN
        slow.set_fault("none")
        assert stranger.print_pdf(pdf, job_name="test").effect is JobEffect.PRINTED
        second = stranger.print_pdf(
            pdf, job_name="test", timeout_ms=800, on_progress=lambda _: slow.set_fault("paper_jam")
        )
        assert (second.effect, second.sheets) == (JobEffect.NOT_PRINTED, 0)


def test_caller_that_breaks_off_takes_its_job_back(twin: IppTwin, printer: IppPrinter) -> None:
    def on_progress(progress: JobProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        printer.print_pdf(make_pdf(200), job_name="test", on_progress=on_progress)
    assert printer.status().state is DeviceState.READY
    assert twin.printed == []


def test_copies_are_printed(twin: IppTwin, printer: IppPrinter, pdf: bytes) -> None:
    assert printer.print_pdf(pdf, job_name="test", copies=3).sheets == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"pdf": b"\x89PNG"},
        {"pdf": b"%PDF-1.7 torn"},
        {"job_name": "张示例"},
        {"job_name": ""},
        {"copies": 0},
        {"copies": 1000},
    ],
)
def test_what_is_no_job_is_refused(
    printer: IppPrinter, pdf: bytes, wrong: dict[str, object]
) -> None:
    asked: dict[str, object] = {"pdf": pdf, "job_name": "test", **wrong}
    document = asked.pop("pdf")
    with pytest.raises(ValueError, match=r"PDF|name|copies"):
        printer.print_pdf(document, **asked)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "address",
    ["", "ipp:", "ipp://", "http://host/", "cups:", "cups:a b", "cups:a/b", "ipp://h:99999/", "ipp://u@h/",
     "ipps://h/ipp/print", "ipp://h/a b"],
)  # fmt: skip
def test_address_that_cannot_be_one_is_told_with_how_to_write_it(address: str) -> None:
    with pytest.raises(ValueError, match=r"cups:"):
        connect(address)


def test_printer_that_was_never_there_holds_nobody(tmp_path: Path) -> None:
    twin = IppTwin(tmp_path / "paper")
    twin.close()
    started_s = time.monotonic()
    printer = connect(twin.address, deadlines=QUICK)
    assert printer.status().state is DeviceState.DISCONNECTED
    assert printer.self_test()[0].outcome == "failed"
    assert time.monotonic() - started_s < 20
    socketless = connect("cups:A4", deadlines=QUICK, cups_socket=tmp_path / "nothing")
    assert socketless.status().state is DeviceState.DISCONNECTED


def facts(state: int, *reasons: str, message: str = "") -> PrinterFacts:
    none: frozenset[str] = frozenset()
    return PrinterFacts(
        state=state,
        reasons=reasons,
        message=message,
        accepts_jobs=True,
        model="",
        firmware="",
        formats=none,
        media=none,
        sides=none,
        job_sheets=none,
        scalings=none,
        most_copies=1,
        is_cups=True,
    )


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (facts(3), DeviceState.READY),
        (facts(3, "media-empty"), DeviceState.PAPER_OUT),
        (facts(3, "media-empty-error"), DeviceState.PAPER_OUT),
        (facts(3, "media-empty-report"), DeviceState.READY),  # a second tray
        (facts(3, "media-empty-warning"), DeviceState.PAPER_NEAR_END),
        (facts(4, "media-empty-warning"), DeviceState.PAPER_OUT),  # what CUPS makes of it
        (facts(5, "media-needed-error", "media-jam-error"), DeviceState.PAPER_JAMMED),
        (facts(3, "toner-low-report"), DeviceState.READY),
        (facts(3, "marker-supply-low-warning"), DeviceState.SUPPLY_LOW),
        (facts(3, "media-low-warning", "cover-open-error"), DeviceState.COVER_OPEN),
        (facts(3, "cups-waiting-for-job-completed"), DeviceState.READY),
        (facts(5), DeviceState.OFFLINE),
        (facts(5, "paused"), DeviceState.OFFLINE),
        (
            facts(4, "media-empty-warning", message="The printer may not exist or is unavailable"),
            DeviceState.DISCONNECTED,
        ),
        (facts(3, message="The printer is not responding."), DeviceState.READY),  # long over
        (facts(99), DeviceState.WRONG_SETTING),
    ],
)
def test_printers_own_words_amount_to_one_state(told: PrinterFacts, state: DeviceState) -> None:
    assert printer_status(told).state is state


def test_refusals_are_told_apart() -> None:
    assert refusal_status(IppStatus.BUSY).state is DeviceState.BUSY
    assert refusal_status(IppStatus.NOT_AUTHORIZED).code == "ipp.not_allowed"
    assert refusal_status(0x04FF).code == "ipp.refused_04ff"
