"""Walks through every fault and writes docs/fault-matrix.md; `make fault-matrix`."""

import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[2]
_TESTS = ("fault_matrix", "kiosk", "kiosk/session")
sys.path[:0] = [str(PROJECT), *(str(PROJECT / "tests" / name) for name in _TESTS)]


def main() -> None:
    """Raises AssertionError for a cell that isn't as it has to be."""
    from fault_table import Fault, State
    from matrix_page import render
    from walking import Bench, Cell, Walk, get_persona

    from benchmarks.fault_stalls import stalls
    from yici.drivers.device import DeviceKind

    results: dict[tuple[DeviceKind, Fault], dict[State, Cell]] = {}
    for kind in DeviceKind:
        for fault in Fault:  # one by one: here the times count
            with tempfile.TemporaryDirectory() as directory, Bench(Path(directory), kind) as bench:
                results[kind, fault] = Walk(bench, get_persona(), fault).go()
            sys.stdout.write(f"{kind.value} {fault.value}\n")
    page = render(results, stalls())
    (PROJECT / "docs" / "fault-matrix.md").write_text(page, "utf-8")


if __name__ == "__main__":
    main()
