"""`make test-hardware`: boot a guest with real kernel drivers and run the tests in it.

The guest is a software-emulated machine with Debian's stock kernel, which sees this machine's
files read-only, so that the same checkout and virtual environment run inside.
"""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from host.kernel import CanNotPrepare, Kernel, get_kernel, make_initrd
from host.machine import Machine
from host.orders import Conversation, Report, Result

from yici.drivers.id_card_reader.sam.twin import SamTwin

CHECKOUT: Final = Path(__file__).resolve().parents[2]
OUT: Final = CHECKOUT / "out" / "hardware"
WHOLE_RUN_S: Final = 300


def main() -> int:
    """0 when every test passed, 1 when one did not, 2 when the guest can't be had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="the table as docs have it")
    parser.add_argument("--only", default="", help="some of the tests, as pytest's -k")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the machine is ended, too
    started_s = time.monotonic()
    try:
        kernel = get_kernel(OUT / "kernel")
        initrd = make_initrd(kernel, OUT)
        _say(f"booting Linux {kernel.release}; its console goes to {OUT / 'console.log'}")
        report = _run(kernel, initrd, arguments.only, started_s + WHOLE_RUN_S)
    except CanNotPrepare as reason:
        _say(f"The hardware tests can't run: {reason}")
        return 2
    seconds = time.monotonic() - started_s
    if arguments.markdown:
        _say(_as_markdown(report, kernel.release, seconds))
    return _judge(report, seconds)


def _run(kernel: Kernel, initrd: Path, only: str, deadline_s: float) -> Report:
    with tempfile.TemporaryDirectory(prefix="yici-hardware-") as name:
        directory = Path(name)
        with (
            SamTwin(directory / "reader") as twin,
            Machine(
                kernel, initrd, reader_port=twin.path, checkout=CHECKOUT, directory=directory,
                only=only, console_log=OUT / "console.log",
            ) as machine,
        ):  # fmt: skip
            return Conversation(machine, twin, _show).hold(deadline_s=deadline_s)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _show(result: Result) -> None:
    _say(f"{result.outcome:8} {result.seconds:6.1f} s  {result.test}  {result.measured}")
    if result.why:
        _say(f"{'':19}{result.why}")


def _judge(report: Report, seconds: float) -> int:
    for what, at_s in report.milestones.items():
        _say(f"{what}: after {at_s:.1f} s")
    bad = [result for result in report.results if result.outcome != "passed"]
    _say(f"{len(report.results) - len(bad)} passed, {len(bad)} not, in {seconds:.0f} s")
    if not report.has_ended:
        _say("The guest did not come to its end: the last lines of console.log say how far.")
    elif report.exit_code and not bad:
        _say("pytest failed in the guest: console.log says why.")
    return 0 if report.results and report.has_ended and not report.exit_code and not bad else 1


def _as_markdown(report: Report, release: str, seconds: float) -> str:
    """A row for each file of tests."""
    rows = ["| tests | passed | seconds | measured |", "|---|---|---|---|"]
    for name in dict.fromkeys(one.test.partition("::")[0] for one in report.results):
        ours = [one for one in report.results if one.test.startswith(f"{name}::")]
        passed = sum(one.outcome == "passed" for one in ours)
        taken_s = sum(one.seconds for one in ours)
        measured = "; ".join(one.measured for one in ours if one.measured)
        rows.append(f"| `{name}` | {passed} of {len(ours)} | {taken_s:.0f} | {measured} |")
    return "\n".join([f"Linux {release}, {seconds:.0f} s in all.", "", *rows])


if __name__ == "__main__":
    sys.exit(main())
