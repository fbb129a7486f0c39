"""A process that prints as a session does, in children that may be killed at any moment.

Arguments are DATABASE ADDRESS; each line on stdin is `SUBJECT WISH`. For each it forks a child,
says `pid N`, awaits the line `reap` (until then the number can't become another process's), and
says `ended WORD`: what the child said last, or `killed`. Forking saves the imports; the child opens
database and printer by itself.
"""

import os
import sys
from pathlib import Path
from uuid import UUID, uuid4

from PIL import Image

from yici.contract.printing import JournalEntry
from yici.drivers.receipt_printer import Receipt
from yici.drivers.receipt_printer.escpos.conversation import Timing
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.kiosk.receipts.print_job import NextStep, Wish, hand_over, next_step, print_once
from yici.offline_cache.print_journal import SqlitePrintJournal
from yici.offline_cache.store import Store

WIDTH_PX, HEIGHT_PX = 128, 240
KIND = "slip"
# An interrupted printer is given up sooner than at a terminal. It may then know less, never lie.
TIMING = Timing(answer_timeout_s=0.2, stall_timeout_s=2.0, job_margin_s=5.0, poll_interval_s=0.02)


def row(subject: int, copy_number: int) -> bytes:
    """What marks each row of one job on paper."""
    return b"\xa5" + subject.to_bytes(2, "big") + bytes([copy_number]) + b"\xa5" * 12


def picture(entry: JournalEntry) -> Receipt:
    dots = row(entry.subject_id.int, entry.copy_number) * HEIGHT_PX
    return Receipt.of_picture(Image.frombytes("1", (WIDTH_PX, HEIGHT_PX), dots))


def press(database: Path, address: str, subject_id: UUID, wish: str) -> str:
    """What the session does when a slip is wanted, and `has_it` for the person's yes."""
    with Store.open(database) as store:
        journal = SqlitePrintJournal(store)
        latest = journal.latest_for(subject_id, KIND)
        if wish == "has_it":
            assert latest is not None
            hand_over(journal, latest.job_id)
            return NextStep.NOTHING
        step = next_step(latest, Wish(wish))
        if step in (NextStep.ASK, NextStep.NOTHING):
            return step
        if step is NextStep.PRINT_COPY or latest is None:
            latest = journal.begin(uuid4(), subject_id, KIND)
        printer = connect(address, width_px=WIDTH_PX, timing=TIMING)
        result = print_once(journal, printer, latest.job_id, picture(latest))
        printer.close()
        return result.state


def main() -> None:
    database, address = Path(sys.argv[1]), sys.argv[2]
    for line in sys.stdin:
        subject, wish = line.split()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            os.write(writer, press(database, address, UUID(int=int(subject)), wish).encode())
            os._exit(0)
        os.close(writer)
        print("pid", child, flush=True)  # noqa: T201 - the answer
        assert sys.stdin.readline() == "reap\n"
        os.waitpid(child, 0)
        print("ended", os.read(reader, 100).decode() or "killed", flush=True)  # noqa: T201 - the answer
        os.close(reader)


if __name__ == "__main__":
    main()
