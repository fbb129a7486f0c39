"""The twin as the panel, the fault matrix and practice mode see it: a `Twin`."""

import contextlib
from pathlib import Path

import pytest

from tests.drivers.receipt_printer.conftest import HASTY, Bench
from tests.drivers.receipt_printer.test_any_receipt_printer import receipt
from yici.drivers.device import DeviceKind, DeviceState
from yici.drivers.receipt_printer import PrintEffect
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition, start_twin
from yici.drivers.twin import NO_FAULT, Twin

EXPECTED = {
    "near_end": DeviceState.PAPER_NEAR_END,
    "paper_out": DeviceState.PAPER_OUT,
    "cover_open": DeviceState.COVER_OPEN,
    "offline": DeviceState.OFFLINE,
    "cutter_jam": DeviceState.READY,  # shows when it has to cut
    "unrecoverable": DeviceState.FAULT,
    "head_hot": DeviceState.FAULT,
    "silent": DeviceState.UNKNOWN,
    "stalled": DeviceState.UNKNOWN,
    "garbage": DeviceState.WRONG_SETTING,
    "slow": DeviceState.UNKNOWN,
}


def test_every_fault_is_one_the_driver_names(tmp_path: Path) -> None:
    twin: Twin = start_twin(tmp_path)
    with contextlib.closing(twin):
        assert twin.kind is DeviceKind.RECEIPT_PRINTER
        assert set(twin.fault_names) == set(EXPECTED)
        for name, state in EXPECTED.items():
            twin.set_fault(name)
            assert twin.fault == name
            printer = connect(twin.address, timing=HASTY)
            assert printer.status().state is state, name
            printer.close()
        twin.set_fault(NO_FAULT)
        assert twin.fault == NO_FAULT
        printer = connect(twin.address, timing=HASTY)
        assert printer.status().state is DeviceState.READY
        printer.close()
    twin.close()


def test_a_fault_or_an_act_that_it_has_not_is_refused(tmp_path: Path) -> None:
    with EscPosTwin.on_tcp(tmp_path) as twin:
        for call in (
            lambda: twin.set_fault("sulky"),
            lambda: twin.act("sing"),
            lambda: twin.act("tear_off", "slowly"),
        ):
            with pytest.raises(ValueError, match="not"):
                call()
        assert twin.fault == NO_FAULT


def test_a_new_roll_goes_on_and_what_hangs_out_can_be_torn_off(bench: Bench) -> None:
    bench.twin.set_condition(TwinCondition.PAPER_OUT, after_rows=100)
    assert bench.printer.print_image(receipt()).effect is PrintEffect.UNKNOWN
    assert bench.twin.fault == "paper_out"
    bench.twin.act("tear_off")
    assert [slip.height_px for slip in bench.twin.slips] == [100]
    bench.twin.act("put_in_roll")
    assert bench.printer.status().state is DeviceState.READY
