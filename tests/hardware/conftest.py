"""Runs inside the guest that `make test-hardware` boots; elsewhere there is no such hardware."""

import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

import pytest

# not part of `make test`; naming a file collects it all the same
collect_ignore_glob = ["test_*.py"]

_THREADS_END_WITHIN_S = 5.0


@pytest.fixture(scope="session")
def host() -> Iterator[Any]:
    """The control line to the side where the twin of the serial card reader runs."""
    from guest.control import Host

    try:
        host = Host()
    except OSError as error:
        pytest.fail(f"this runs in a guest with drivers of its own: make test-hardware ({error})")
    yield host
    host.close()


@pytest.fixture(autouse=True)
def told(host: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test needs the control line: its result goes over it."""
    request.config.stash[_HOST] = host
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + _THREADS_END_WITHIN_S
    while (left := _threads_left(before)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not left, f"threads outlive the test: {left}"


def _threads_left(before: set[threading.Thread]) -> list[str]:
    # pytest's own watchdog comes and goes with the test
    now = set(threading.enumerate()) - before
    return [one.name for one in now if not one.name.startswith("pytest_timeout")]


_HOST: pytest.StashKey[Any] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if (
        report.when == "call"
        or (report.when == "setup" and not report.passed)
        or (report.when == "teardown" and report.failed)
    ):
        _tell(item, report)
    return report


def _tell(item: pytest.Item, report: pytest.TestReport) -> None:
    host = item.config.stash.get(_HOST, None)
    if host is None:
        return
    outcome = report.outcome if report.when != "teardown" else "failed after its end"
    measured = ", ".join(str(value) for name, value in item.user_properties if name == "measured")
    why = ""
    if report.failed or report.skipped:
        lines = str(report.longreprtext).strip().splitlines()
        why = next((one for one in reversed(lines) if one.startswith("E ")), lines[-1])[:300]
    host.do(
        "result", test=item.nodeid.rpartition("/")[2], outcome=outcome,
        seconds=round(report.duration, 1), measured=measured, why=why,
    )  # fmt: skip
