"""A card on the reader → who it is. The limit: the same bytes over the same line, by hand.

The twin sends at the pace of a real line of 115,200 baud. A look for a card has to be 300 ms
apart from the last, which a card laid down at any moment may or may not meet: the first
measurement begins when a look is allowed. The second measurement goes through a
resident's session, from laying the card down to the name in what the screen shows; the reader may
be asked only every 300 ms, so up to that is waiting for the next question. The third is what
looking for a card costs while nobody comes: processor time of the asking thread alone.
"""

import os
import queue
import tempfile
import termios
import time
import tty
from collections.abc import Callable, Sequence
from importlib.resources import as_file, files
from pathlib import Path

from benchmarks.measure import Measure, median, worst
from benchmarks.terminal import make_terminal
from yici.config.load import load_settings
from yici.contract.people import Identity
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.id_card_reader.sam.driver import connect
from yici.drivers.id_card_reader.sam.frames import Command, FrameParser, encode_request
from yici.drivers.id_card_reader.sam.twin import SamTwin
from yici.kiosk.assembly import assemble
from yici.kiosk.session.screens import view_of

READINGS = 30
DEADLINE_S = 20.0
QUESTIONS = (
    Command.FIND_CARD,
    Command.SELECT_CARD,
    Command.READ_BASE,
    Command.READ_NEWEST_ADDRESS,
)
LIMIT = "the same four questions and answers over the line"
IDLE_LOOKS = 60
IDLE_LIMIT = "the same question over the line, asked by hand"
BETWEEN_LOOKS_S = 0.3


def _persona() -> Persona:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)["P02"]


def _lay_anew(twin: SamTwin, persona: Persona) -> None:
    twin.take_card()
    twin.put_card(persona)


def _bare_line(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[4] = attributes[5] = termios.B115200
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    return descriptor


def _ask_by_hand(descriptor: int, questions: Sequence[Command] = QUESTIONS) -> None:
    for question in questions:
        parser = FrameParser(longest=4096)
        os.write(descriptor, encode_request(question))
        while not parser.feed(os.read(descriptor, 4096)):
            pass


def _milliseconds(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return (time.perf_counter() - started_s) * 1000


def _limit(twin: SamTwin, persona: Persona) -> float:
    descriptor = _bare_line(twin.path)
    times_ms = []
    for _ in range(READINGS):
        _lay_anew(twin, persona)
        times_ms.append(_milliseconds(lambda: _ask_by_hand(descriptor)))
    os.close(descriptor)
    return median(times_ms)


def _by_the_driver(twin: SamTwin, persona: Persona) -> list[float]:
    reader = connect(str(twin.path))
    assert reader.status().works
    times_ms = []
    for _ in range(READINGS):
        time.sleep(BETWEEN_LOOKS_S)
        _lay_anew(twin, persona)

        def read() -> None:
            assert isinstance(reader.read_card(), Identity)

        times_ms.append(_milliseconds(read))
    reader.close()
    return times_ms


def _idle_ms_per_minute(look: Callable[[], object]) -> float:
    """User and system time of this thread while it looks as often as it may, per minute."""
    started_s, cpu_started_s = time.perf_counter(), time.thread_time()
    for _ in range(IDLE_LOOKS):
        look()
    minutes = (time.perf_counter() - started_s) / 60
    return round((time.thread_time() - cpu_started_s) * 1000 / minutes, 2)


def _idle(twin: SamTwin) -> Measure:
    twin.take_card()
    reader = connect(str(twin.path))
    assert reader.read_card() is CardPresence.ABSENT
    ours_ms = _idle_ms_per_minute(reader.read_card)
    reader.close()
    descriptor = _bare_line(twin.path)

    def by_hand() -> None:
        time.sleep(BETWEEN_LOOKS_S)
        _ask_by_hand(descriptor, (Command.FIND_CARD,))

    limit_ms = _idle_ms_per_minute(by_hand)
    os.close(descriptor)
    return Measure(
        "looking for a card, processor time a minute",
        "ms",
        ours_ms,
        None,
        IDLE_LOOKS,
        IDLE_LIMIT,
        limit_ms,
        "≤ 600 ms a minute (1% of a core)",
        ours_ms <= 600,
    )


def _by_a_session(twin: SamTwin, persona: Persona, settings_path: Path) -> list[float]:
    posts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    assembled = assemble(load_settings(settings_path), posts.put, lambda: None)
    session = assembled.session
    session.choose_item("RS-003")
    session.apply()
    times_ms = []
    for number in range(READINGS):
        twin.take_card()
        until_s = time.monotonic() + 0.35 + 0.01 * number  # at another moment between two questions
        while time.monotonic() < until_s:
            _run_one(posts)
        twin.put_card(persona)
        started_s = time.perf_counter()
        while view_of(session).identify.phase != "known":  # type: ignore[union-attr]  # at identify
            assert time.perf_counter() - started_s < DEADLINE_S
            _run_one(posts)
        times_ms.append((time.perf_counter() - started_s) * 1000)
        session.not_me()
    assembled.close()
    return times_ms


def _run_one(posts: queue.SimpleQueue[Callable[[], None]]) -> None:
    try:
        posts.get(timeout=0.01)()
    except queue.Empty:
        return


def measure() -> list[Measure]:
    """Three measurements."""
    persona = _persona()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with SamTwin(folder / "reader") as twin:
            settings = make_terminal(folder, reader_port=str(twin.path))
            limit_ms = _limit(twin, persona)
            driver_ms = _by_the_driver(twin, persona)
            session_ms = _by_a_session(twin, persona, settings)
            idle = _idle(twin)
    return [
        Measure(
            "card on the reader → identity",
            "ms",
            median(driver_ms),
            worst(driver_ms),
            len(driver_ms),
            LIMIT,
            limit_ms,
            "≤ 1.25 × limit",
            median(driver_ms) <= 1.25 * limit_ms,
        ),
        Measure(
            "card on the reader → name in the view",
            "ms",
            median(session_ms),
            worst(session_ms),
            len(session_ms),
            LIMIT,
            limit_ms,
            "p99 ≤ 1000 ms",
            worst(session_ms) <= 1000,
        ),
        idle,
    ]
