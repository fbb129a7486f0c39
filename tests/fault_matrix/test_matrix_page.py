"""Nothing is left out: every kind and state has its row, and the page says what is tested."""

from pathlib import Path

from fault_table import STATES, STATUS_ONLY, is_used
from matrix_page import expected_results, expected_stalls, render, skeleton
from walking import USES

from yici.drivers.device import DeviceKind
from yici.kiosk.session.table import State

HERE = Path(__file__).parent


def test_every_state_of_the_session_is_walked_through() -> None:
    assert set(STATES) == set(State)


def test_every_kind_of_device_is_made_to_fail() -> None:
    files = {path.name for path in HERE.glob("test_*_fails.py")}
    assert files == {f"test_{kind.value}_fails.py" for kind in DeviceKind}


def test_every_screen_that_uses_a_device_has_a_step_to_complete() -> None:
    used = {(kind, state) for kind in DeviceKind for state in State if is_used(kind, state)}
    assert used == set(USES)
    assert set(DeviceKind) - {kind for kind, _ in used} == STATUS_ONLY


def test_page_has_the_rows_and_outcomes_that_are_tested() -> None:
    page = HERE.parents[1] / "docs" / "fault-matrix.md"
    found, wanted = (
        skeleton(page.read_text("utf-8")),
        skeleton(render(expected_results(), expected_stalls())),
    )
    assert found == wanted, "run `make fault-matrix`"
