"""Every printer that the contract suite runs against: a driver and the twin it talks to.

A new driver joins with one line in PAIRS. `bench` is a driver with its twin, `desk` any printer
there is: the twins, and emupos where it is installed.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image

from tests.drivers.receipt_printer.emupos_peer import (
    ABSENT,
    EmuposPeer,
    find_program,
    running_emupos,
)
from yici.drivers.receipt_printer.escpos.conversation import Timing
from yici.drivers.receipt_printer.escpos.driver import EscPosPrinter, connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition

WIDTH_PX = 384
# Faster than the usual line and paper; the pacing stays.
FAST_BAUD_RATE = 921600
FAST_PAPER_MM_PER_S = 500
PATIENT = Timing(answer_timeout_s=1.5, stall_timeout_s=20, job_margin_s=30, poll_interval_s=0.05)
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


def _on_usb(directory: Path) -> EscPosTwin:
    return EscPosTwin.on_usb(
        directory / "slips",
        directory / "lp0",
        width_px=WIDTH_PX,
        paper_mm_per_s=FAST_PAPER_MM_PER_S,
    )


PAIRS: dict[str, tuple[Callable[[Path], EscPosTwin], Callable[[str, Timing], EscPosPrinter]]] = {
    "tcp": (_on_tcp, lambda at, timing: connect(at, width_px=WIDTH_PX, timing=timing)),
    "serial": (_on_serial, lambda at, timing: connect(at, width_px=WIDTH_PX, timing=timing)),
    "usb": (_on_usb, lambda at, timing: connect(at, width_px=WIDTH_PX, timing=timing)),
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


class AnyPeer(Protocol):
    """What any printer's other side offers to a test."""

    width_px: int

    def break_with(self, condition: TwinCondition) -> None: ...
    def mend(self) -> None: ...
    def pictures(self) -> list[Image.Image]: ...


class TwinPeer:
    """Our own twin."""

    width_px = WIDTH_PX

    def __init__(self, twin: EscPosTwin) -> None:
        self._twin = twin

    def break_with(self, condition: TwinCondition) -> None:
        self._twin.set_condition(condition)

    def mend(self) -> None:
        self._twin.mend()

    def pictures(self) -> list[Image.Image]:
        return [Image.open(io.BytesIO(slip.path.read_bytes())) for slip in self._twin.slips]


@dataclass(frozen=True)
class Desk:
    """Any printer and the driver that talks to it."""

    peer: AnyPeer
    address: str
    printer: EscPosPrinter


@pytest.fixture(scope="session")
def emupos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmuposPeer]:
    program = find_program()
    if program is None:
        pytest.skip(ABSENT)
    with running_emupos(program, tmp_path_factory.mktemp("emupos")) as peer:
        yield peer


@pytest.fixture(params=[*PAIRS, "emupos_tcp", "emupos_serial"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param in PAIRS:
        make_twin, make_printer = PAIRS[request.param]
        with make_twin(tmp_path) as twin:
            printer = make_printer(twin.address, PATIENT)
            yield Desk(TwinPeer(twin), twin.address, printer)
            printer.close()
        return
    peer: EmuposPeer = request.getfixturevalue("emupos")
    address = peer.tcp_address if request.param == "emupos_tcp" else peer.serial_address
    peer.forget_pictures()
    printer = connect(address, width_px=peer.width_px, timing=PATIENT)
    try:
        yield Desk(peer, address, printer)
    finally:
        peer.mend()
        printer.close()
