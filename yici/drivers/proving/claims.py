"""Whether the tests and benchmarks exist that a descriptor names."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.quality import find_false_proofs

COLLECTING_MAY_TAKE_S: Final = 110

# a process of its own: collecting imports every test file, under pytest's own import rules
_COLLECT: Final = """
import json, sys
import pytest

class Listing:
    def pytest_collection_finish(self, session):
        # a test that is switched off or expected to fail shows nothing
        shows = [item.nodeid for item in session.items
                 if not any(item.get_closest_marker(name) for name in ("skip", "xfail"))]
        with open(sys.argv[1], "w") as file:
            json.dump(shows, file)

sys.exit(pytest.main(["--collect-only", "-q", *sys.argv[2:]], plugins=[Listing()]))
"""


def false_claims(
    drivers: Collection[DriverDescriptor], *, project: Path, scratch: Path
) -> tuple[str, ...]:
    """What these drivers claim and can't show, one sentence each.

    `project` is the directory that the proofs' paths start from; a list goes into `scratch`.
    Raises AssertionError with pytest's words when the tests can't be collected.
    """
    proofs = {proof for driver in drivers for proof in driver.proofs.values()}
    collected = _collect(_files(project, proofs), project, scratch / "collected.json")
    benchmarks = _benchmarks(project)
    return tuple(
        fault
        for driver in drivers
        for fault in find_false_proofs(
            driver,
            collected_tests=collected,
            benchmarks=benchmarks,
            sibling_drivers={
                other.name
                for other in drivers
                if other.kind is driver.kind and other.name != driver.name
            },
        )
    )


def _benchmarks(project: Path) -> dict[str, str]:
    """Name → source; where `benchmarks/__main__.py` lists what it runs, only those count."""
    texts = {path.stem: path.read_text("utf-8") for path in project.glob("benchmarks/*.py")}
    listed = texts.pop("__main__", None)
    return {name: text for name, text in texts.items() if listed is None or f'"{name}"' in listed}


def _files(project: Path, proofs: Iterable[str]) -> list[str]:
    paths = {proof.partition("::")[0] for proof in proofs if "::" in proof}
    return sorted(path for path in paths if (project / path).is_file())


def _collect(paths: list[str], project: Path, listing: Path) -> frozenset[str]:
    """Node ids without a run; a path that isn't there collects nothing."""
    if not paths:
        return frozenset()
    answer = subprocess.run(
        [sys.executable, "-c", _COLLECT, str(listing), *paths],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=COLLECTING_MAY_TAKE_S,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return frozenset(json.loads(listing.read_text("utf-8")))
