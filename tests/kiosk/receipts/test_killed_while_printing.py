"""Processes are killed at random moments while they print; then paper and journal are counted."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self
from uuid import UUID

import pytest
from PIL import Image

from tests.kiosk.receipts.printing_office import HEIGHT_PX, KIND, WIDTH_PX, row
from yici.contract.printing import PrintState
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.kiosk.receipts.print_job import NextStep, Wish, next_step
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

KILLS = 40  # in each of the three tests
KILLS_IN_A_ROW = 2
LONGEST_LIFE_S = 0.15  # a little more than a job takes when nobody disturbs it
PATIENCE_S = 60.0


def on_tcp(directory: Path) -> EscPosTwin:
    return EscPosTwin.on_tcp(directory / "slips", width_px=WIDTH_PX, paper_mm_per_s=1500)


def on_usb(directory: Path) -> EscPosTwin:
    return EscPosTwin.on_usb(
        directory / "slips", directory / "lp0", width_px=WIDTH_PX, paper_mm_per_s=1500
    )


def leave_alone(twin: EscPosTwin, moments: random.Random) -> None:
    """The printer stays well."""


def disturb(twin: EscPosTwin, moments: random.Random) -> None:
    """Paper, cover or plug go somewhere in the next slip, or just before it."""
    row_number = moments.randrange(0, HEIGHT_PX + 170)
    trouble = moments.choice(["plug", TwinCondition.PAPER_OUT, TwinCondition.COVER_OPEN])
    if isinstance(trouble, TwinCondition):
        twin.set_condition(trouble, after_rows=row_number)
    else:
        twin.unplug(after_rows=row_number)


class Office:
    """The printing process as its mother sees it."""

    def __init__(self, database: Path, address: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kiosk.receipts.printing_office", database, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for end in (self._process.stdin, self._process.stdout):
            assert end is not None
            end.close()
        try:
            assert self._process.wait(timeout=PATIENCE_S) == 0
        finally:
            self._process.kill()
            self._process.wait(timeout=PATIENCE_S)

    def press(self, subject: int, wish: str, *, kill_after_s: float | None = None) -> str:
        """What came of it; "killed" when it didn't get so far."""
        self._order(f"{subject} {wish}")
        child = int(self._answer("pid"))
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(child, signal.SIGKILL)
        self._order("reap")
        return self._answer("ended")

    def _order(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self, word: str) -> str:
        assert self._process.stdout is not None
        found, said = self._process.stdout.readline().split()
        assert found == word
        return said


def when_it_has_come_to_rest(twin: EscPosTwin) -> dict[bytes, int]:
    """How many rows of each job are on paper, in all pieces, once nothing moves any more."""
    deadline_s = time.monotonic() + PATIENCE_S
    before = None
    while (now := (len(twin.slips), twin.uncut_height_px)) != before:
        assert time.monotonic() < deadline_s
        before = now
        time.sleep(0.06)
    return rows_on(twin)


def rows_on(twin: EscPosTwin) -> Counter[bytes]:
    rows: Counter[bytes] = Counter()
    for slip in twin.slips:
        with Image.open(slip.path) as paper:
            dots = paper.tobytes()
        rows.update(dots[start : start + 16] for start in range(0, len(dots), 16))
    return rows


def has_the_slip(twin: EscPosTwin, subject: int, copy_number: int) -> bool:
    return when_it_has_come_to_rest(twin)[row(subject, copy_number)] == HEIGHT_PX


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make_twin", "blip"), [(on_tcp, leave_alone), (on_usb, leave_alone), (on_tcp, disturb)]
)
def test_no_kill_makes_a_second_original_or_a_lie(
    tmp_path: Path,
    make_twin: Callable[[Path], EscPosTwin],
    blip: Callable[[EscPosTwin, random.Random], None],
) -> None:
    moments = random.Random(7)
    database = tmp_path / "cache.sqlite3"
    kills = subjects = 0
    with make_twin(tmp_path) as twin:
        with Office(database, twin.address) as desk:
            while kills < KILLS:
                subjects += 1
                for _ in range(KILLS_IN_A_ROW):
                    wish = ask(database, twin, subjects)
                    blip(twin, moments)
                    life_s = moments.uniform(0, LONGEST_LIFE_S)
                    if desk.press(subjects, wish, kill_after_s=life_s) != "killed":
                        break
                    kills += 1
                twin.mend()
                settle(desk, database, twin, subjects)
        when_it_has_come_to_rest(twin)
        twin.act("tear_off")
        rows = rows_on(twin)
    check(database, rows, subjects)


def ask(database: Path, twin: EscPosTwin, subject: int) -> str:
    """What is asked for next: of a doubtful job, the person says what is true."""
    with Store.open(database) as store:
        latest = SqlitePrintJournal(store).latest_for(UUID(int=subject), KIND)
    if next_step(latest, Wish.HAVE_ONE) is not NextStep.ASK:
        return Wish.HAVE_ONE
    assert latest is not None
    return "has_it" if has_the_slip(twin, subject, latest.copy_number) else Wish.MISSING


def settle(desk: Office, database: Path, twin: EscPosTwin, subject: int) -> None:
    """Undisturbed, until the person has a slip."""
    for _ in range(10):
        if desk.press(subject, ask(database, twin, subject)) == NextStep.NOTHING:
            return
    raise AssertionError(f"subject {subject} never got a slip")


def check(database: Path, rows: Counter[bytes], subjects: int) -> None:
    """The paper against the journal, job by job."""
    counted = 0
    with Store.open(database) as store:
        journal = SqlitePrintJournal(store)
        with store.reading() as connection:
            jobs = connection.execute("SELECT job_id FROM print_job").fetchall()
        for (job_id,) in jobs:
            entry = journal.find(UUID(job_id))
            assert entry is not None
            found = rows[row(entry.subject_id.int, entry.copy_number)]
            counted += found
            assert found <= HEIGHT_PX  # never two of one number, not even one and a half
            if entry.state in (PrintState.CONFIRMED, PrintState.HANDED_OVER):
                assert found == HEIGHT_PX
            if entry.state in (PrintState.INTENT, PrintState.FAILED):
                assert found == 0
        for subject in range(1, subjects + 1):
            latest = journal.latest_for(UUID(int=subject), KIND)
            assert latest is not None
            assert latest.state in (PrintState.CONFIRMED, PrintState.HANDED_OVER)
    marked = sum(number for dots, number in rows.items() if dots.startswith(b"\xa5"))
    assert marked == counted  # no paper that the journal doesn't know
