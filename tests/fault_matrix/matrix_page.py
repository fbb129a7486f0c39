"""docs/fault-matrix.md: what came of every fault in every state, with the measured times."""

import re
from collections.abc import Iterator, Mapping

from fault_table import STATES, STATUS_ONLY, Fault, Outcome, is_used, outcome_of
from walking import Cell

from yici.drivers.device import DeviceKind
from yici.kiosk.session.table import State

Results = Mapping[tuple[DeviceKind, Fault], Mapping[State, Cell]]
Stalls = Mapping[str, Mapping[str, float]]  # device → fault → ms; "none" is no fault

_STALLS_HEAD = """## The screen meanwhile

The longest time in milliseconds between two turns of the event loop of a real session's window
(offscreen, software rendering), while the device fails for 1.6 s and is back for 1.4 s, under the
screen that uses it; `benchmarks/fault_stalls.py` measures it. The aim is 50 ms. The first column is
the same screen without a fault; on a shared machine a single gap may be somebody else's work.
"""

_HEAD = """# Fault matrix

Every kind of device, in every state of a resident's session: unplugged, silent, speaking garbage,
slow, and back again. Written by `make fault-matrix`. `tests/fault_matrix` walks the same way in
every test run, with the drivers' own twins on real ptys and sockets, and checks this page's rows.
The table is of each kind's usual driver; the other ones are walked through by the tests alone.

In **every** cell the session goes on: the same process, the same session, the same screen, every
answer kept, and the screen can be shown in each language.

- **told** A, **back** B: the status shows after A, and the resident reads the sentence below the
  table; after B the device is back, and the step is completed.
- **read** C: when the resident reads it, where that is later than the status.
- **status** A, **back** B: the same for the status alone; this screen doesn't need the device.
- **works, late**: nothing to tell, the step is completed while the fault lasts.
- **unseen**: not to be told from a device with nothing to say; afterwards the step is completed.
- **goes on**: this screen doesn't need the device; the fault comes and goes under it.

Times are seconds from the change, by the monotonic clock, on a shared machine with two cores; the
aim is 2 s. A device is looked at once a second while its screen is open. At home it is looked at
every ten seconds, and at once when the system announces a plug: there the time counts from the
look. What takes longer than 2 s is a device that is silent until its driver's deadline has passed.
"""


def render(results: Results, stalls: Stalls) -> str:
    """The whole page; raises KeyError for a cell that nobody walked through."""
    lines = [_HEAD]
    for kind in DeviceKind:
        lines += _chapter(kind, results)
    lines += _stalls(stalls)
    return "\n".join(lines).rstrip() + "\n"


def _chapter(kind: DeviceKind, results: Results) -> Iterator[str]:
    yield f"## {kind.value}\n"
    if kind in STATUS_ONLY:
        yield "Not used in a session; its status only.\n"
    yield f"| state | {' | '.join(Fault)} |"
    yield f"|---|{'---|' * len(Fault)}"
    for state in STATES:
        mark = "**" if is_used(kind, state) else ""
        cells = (_cell(results[kind, fault][state]) for fault in Fault)
        yield f"| {mark}{state.value}{mark} | {' | '.join(cells)} |"
    yield ""
    sentences = list(_sentences(kind, results))
    if sentences:
        yield from (*sentences, "")


def _stalls(stalls: Stalls) -> Iterator[str]:
    columns = ("none", *Fault)
    yield _STALLS_HEAD
    yield f"| device | {' | '.join(columns)} |"
    yield f"|---|{'---:|' * len(columns)}"
    for kind in DeviceKind:
        cells = (f"{stalls[kind][fault]:.0f} ms" for fault in columns)
        yield f"| {kind.value} | {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    match cell.outcome:
        case Outcome.TOLD:
            read = "" if cell.read_s is None else f", read {_s(cell.read_s)}"
            return f"told {_s(cell.told_s)}{read}, back {_s(cell.back_s)}"
        case Outcome.STATUS:
            return f"status {_s(cell.told_s)}, back {_s(cell.back_s)}"
        case Outcome.LATE:
            return "works, late"
        case Outcome.HIDDEN:
            return "unseen"
        case Outcome.GOES_ON:
            return "goes on"


def _s(seconds: float | None) -> str:
    assert seconds is not None, "a cell that tells has its times"
    return f"{seconds:.1f} s"


def _sentences(kind: DeviceKind, results: Results) -> Iterator[str]:
    for state in STATES:
        told = dict.fromkeys(results[kind, fault][state].sentence for fault in Fault)
        texts = " / ".join(f"“{text}”" for text in told if text)
        if texts:
            yield f"- {state.value}: {texts}"


def skeleton(page: str) -> str:
    """The page without what differs from run to run: times and sentences."""
    return re.sub(r"“.*”", "“”", re.sub(r"\d+(\.\d)? (m?s)", r"# \2", page))


def expected_results() -> Results:
    """What has to come of each fault, without times."""
    return {
        (kind, fault): {state: _expected(kind, state, fault) for state in STATES}
        for kind in DeviceKind
        for fault in Fault
    }


def expected_stalls() -> Stalls:
    """A number for each device and fault."""
    return {kind: dict.fromkeys(("none", *Fault), 0.0) for kind in DeviceKind}


def _expected(kind: DeviceKind, state: State, fault: Fault) -> Cell:
    outcome = outcome_of(kind, state, fault)
    is_printing = kind is DeviceKind.RECEIPT_PRINTER and is_used(kind, state)
    sentence = "。" if outcome is Outcome.TOLD else ""
    return Cell(outcome, 0.0, 0.0, sentence, 0.0 if is_printing else None)
