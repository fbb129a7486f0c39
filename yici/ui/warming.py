"""What a session does while nobody waits, in steps between which a touch may come.

None of it is needed, it is only quicker afterwards: a step that fails is told and left out.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import extract_tb

Step = Callable[[], object]


def in_turn(*parts: Callable[[], Iterator[Step]]) -> Iterator[Step]:
    """The steps of one part after the other; a part that can't go on ends alone."""
    for part in parts:
        try:
            yield from part()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts go on
            _tell(error)


def do(step: Step) -> None:
    """Take one step, whatever becomes of it."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - whatever it is, the next step goes on
        _tell(error)


def keeping_all(step: Step) -> None:
    """A step whose many objects live as long as the process: the collector never sees them."""
    gc.disable()
    try:
        step()
        gc.freeze()
    finally:
        gc.enable()


def _tell(error: Exception) -> None:
    """Where and what kind: never its message, which may hold what was said here."""
    frames = extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    sys.stderr.write(f"warming up: {type(error).__name__} at {where}\n")
