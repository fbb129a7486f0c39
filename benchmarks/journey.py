"""Every touch of whole matters → the next screen painted, by transition, in a real session.

One resident goes through two matters, one as far as the camera and one as far as the signature,
and back again, several times, and hands one in at the end. A touch is a press and a release, as the
window system would deliver them; it ends with the first frame that shows what the touch asked for.
What is typed goes in at once: the keyboard is no change of the screen. Run as a module it prints
the transitions as a table, and JSON on its last line.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest

from benchmarks.measure import Measure, in_a_process, median, worst
from benchmarks.terminal import come_when_warm, make_terminal, screen_environment
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.kiosk.session.table import State
from yici.kiosk.supervising.control import line_from_descriptor, new_line
from yici.ui.session_process import DEAF_S, SessionProcess
from yici.ui.strings import Language, table

ROUNDS = 4
PAUSE_MS = 30
PATIENCE_MS = 10_000
NAME, NUMBER = "张示例", "430199198506120012"
TYPED, BY_CARD = "RS-003", "RS-009"  # two items; the card makes the second need no copy of it
WORDS = table(Language.CHINESE)
Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """Touch the button with this text (or post the event), until `reached` holds of a snapshot.

    With neither text nor event the screen is waited for.
    """

    to: str
    text: str = ""
    event: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    reached: Callable[[Shown], bool] | None = None
    measured: bool = True  # otherwise it is only done
    pause_ms: int = PAUSE_MS  # afterwards, where it isn't measured


def _shows(screen: str) -> Callable[[Shown], bool]:
    return lambda shown: bool(shown["screen"] == screen)


def _is_not(before: Shown) -> Callable[[Shown], bool]:
    return lambda shown: shown != before


class Resident:
    """Walks by steps and times the frames that follow the touches."""

    def __init__(self, process: SessionProcess, reader: SamTwin) -> None:
        self.process = process
        self.reader = reader
        self.card = _persona()
        self.took_ms: dict[str, list[float]] = {}
        self.processor_ms: dict[str, list[float]] = {}
        self._processor_s = 0.0
        self._steps = self._matters()
        self._step: Step | None = None
        self._started_s = 0.0
        self._from = ""
        self._deadline = QTimer(singleShot=True, interval=PATIENCE_MS)
        self._deadline.timeout.connect(self._give_up)

    def begin(self) -> None:
        """Once the window listens."""
        (window,) = QGuiApplication.topLevelWindows()
        self.view = cast("QQuickView", window)
        self.view.frameSwapped.connect(self._painted)
        QTimer.singleShot(round(DEAF_S * 1000) + 1000, self._next)

    # --- what is done

    def _matters(self) -> Iterator[Step]:
        yield Step("", event="leave_now", measured=False)
        for _ in range(ROUNDS):
            yield from self._look_around()
            yield from self._matter(TYPED)
            yield from self._back_home()
            yield from self._matter(BY_CARD)
            yield from self._back_home()
        yield from self._matter(BY_CARD)
        yield Step("", event="stroke", payload=_stroke(), measured=False)
        yield Step("sealing", WORDS["sign.submit"], reached=lambda shown: shown["screen"] != "sign")

    def _look_around(self) -> Iterator[Step]:
        yield Step("progress", WORDS["home.progress"])
        yield Step("home", WORDS["action.back"])
        yield Step("find", event="start_search")
        yield Step("find", "@category", reached=lambda shown: shown["view"]["category"] != "")
        yield Step("guide", "@result")
        yield Step("find", WORDS["action.back"])
        yield Step(
            "find", WORDS["action.back"], reached=lambda shown: not shown["view"]["category"]
        )
        yield Step("home", WORDS["action.back"])

    def _matter(self, code: str) -> Iterator[Step]:
        yield Step("guide", event="choose_item", payload={"id": code})
        yield Step("identify", WORDS["guide.begin"])
        yield from self._say_who(code)
        yield Step("form", WORDS["confirm.me"])
        while self.session.state is State.FILL:
            yield from self._answers()
            yield self._next_page()
        if self.shown()["screen"] == "materials":
            yield from self._papers()
        if self.shown()["screen"] == "review":
            yield Step("sign", WORDS["review.next"])

    def _say_who(self, code: str) -> Iterator[Step]:
        if code == BY_CARD:
            # the reader has to see that the card before has gone
            yield Step("", event="stay", measured=False, pause_ms=800)
            self.reader.put_card(self.card)
            yield Step("identity_confirm")
            self.reader.take_card()
            return
        yield Step("identify_typed", WORDS["identify.type"])
        yield Step("", event="typed_name", payload={"text": NAME}, measured=False)
        yield Step("", event="typed_number", payload={"text": NUMBER}, measured=False)
        yield Step("identity_confirm", WORDS["action.next"])

    def _answers(self) -> Iterator[Step]:
        session = self.session
        application = session.application
        for asked in application.asked_fields(application.pages[session.page_index]):
            if asked.required and not application.answers.get(asked.key):
                value = _answer_to(self.shown(), asked.key)
                payload = {"key": asked.key, "value": value}
                yield Step("", event="answer", payload=payload, measured=False)

    def _next_page(self) -> Step:
        session = self.session
        before = session.page_index
        return Step(
            "form",
            WORDS["action.next"],
            reached=lambda shown: shown["screen"] != "form" or session.page_index != before,
        )

    def _papers(self) -> Iterator[Step]:
        rows = self.shown()["view"]["materials"]
        first = next((row for row in rows if row["state"] in ("open", "deferred")), None)
        if first is not None:
            yield Step("capture", first["name"])
            yield Step("materials", WORDS["action.back"])
        for row in rows:
            if row["state"] == "open" and row["deferrable"]:
                yield Step("", event="defer_material", payload={"key": row["key"]}, measured=False)
        if self.shown()["view"]["all_met"]:
            yield Step("review", WORDS["materials.next"])

    def _back_home(self) -> Iterator[Step]:
        for _ in range(30):
            screen = self.shown()["screen"]
            if screen == "home":
                return
            if screen == "identity_confirm":
                yield Step("identify", WORDS["confirm.not_me"])
            before = self.shown()
            yield Step("(back)", WORDS["action.back"], reached=_is_not(before))
        raise RuntimeError("no way home")

    # --- the walk

    def _next(self) -> None:
        try:
            self._step = next(self._steps)
        except StopIteration:
            QGuiApplication.exit(0)
            return
        step = self._step
        if not step.measured:
            self.process._model.post(step.event, step.payload)
            QTimer.singleShot(step.pause_ms, self._next)
            return
        self._from = self.shown()["screen"]
        at = self._find(self._resolve(step.text)).toPoint() if step.text else None
        self._deadline.start()
        self._started_s, self._processor_s = time.perf_counter(), time.process_time()
        if step.event:
            self.process._model.post(step.event, step.payload)
        elif at is not None:
            button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            QTest.mouseClick(self.view, button, none, at)

    def _painted(self) -> None:
        step = self._step
        if not self._started_s or step is None:
            return
        shown = self.shown()
        if not (step.reached or _shows(step.to))(shown):
            return
        took_ms = (time.perf_counter() - self._started_s) * 1000
        processor_ms = (time.process_time() - self._processor_s) * 1000
        self._started_s = 0.0
        self._deadline.stop()
        if step.event or step.text:
            name = f"{self._from} → {shown['screen']}"
            self.took_ms.setdefault(name, []).append(took_ms)
            self.processor_ms.setdefault(name, []).append(processor_ms)
        QTimer.singleShot(PAUSE_MS, self._next)

    def _give_up(self) -> None:
        print(f"nothing followed {self._step} on {self.shown()['screen']}", file=sys.stderr)
        QGuiApplication.exit(1)

    @property
    def session(self) -> Any:
        """Looked at, to know what is asked and answered."""
        assert self.process._bridge is not None
        return self.process._bridge.session

    def shown(self) -> Shown:
        """The snapshot on the screen."""
        return self.process._model._snapshot

    def _resolve(self, text: str) -> str:
        view = self.shown()["view"]
        if text == "@category":
            return str(max(view["categories"], key=lambda entry: entry["count"])["name"])
        return str(view["results"][0]["name"]) if text == "@result" else text

    def _find(self, text: str) -> QPointF:
        queue: list[QQuickItem] = [self.view.contentItem()]
        while queue:
            item = queue.pop()
            if not item.isVisible():
                continue
            if _is_button(item) and item.property("text") == text:
                return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
            queue += item.childItems()
        raise LookupError(text)


def _persona() -> Persona:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)["P02"]


def _is_button(item: QObject) -> bool:
    return item.inherits("QQuickAbstractButton")


def _answer_to(shown: Shown, key: str) -> str | list[str]:
    asked = next(entry for entry in shown["view"]["fields"] if entry["key"] == key)
    if asked["options"]:
        first: str = asked["options"][0]["value"]
        return [first] if asked["kind"] == "many" else first
    return _TYPED.get(asked["input_kind"], "示例")


_TYPED = {"mobile": "13800001234", "number": "1", "id_number": NUMBER, "date": "2020-01-01"}


def _stroke() -> Shown:
    points = [[100 + 10 * step, 100 + (step % 7) * 9] for step in range(40)]
    return {"points": points, "width": 900, "height": 400}


def measure() -> list[Measure]:
    """Two measurements of the same touches, in a process of its own."""
    environment = screen_environment(QT_QPA_PLATFORM="offscreen")
    found = in_a_process("journey", environment=environment)
    return [
        _row("any touch of a matter → next screen painted", found["took_ms"]),
        _row("the same touches, processor time alone", found["processor_ms"]),
    ]


def _together(by_transition: dict[str, list[float]]) -> list[float]:
    return [took for times in by_transition.values() for took in times]


def _row(name: str, by_transition: dict[str, list[float]]) -> Measure:
    every = _together(by_transition)
    fastest = min(by_transition, key=lambda name: median(by_transition[name]))
    return Measure(
        name,
        "ms",
        median(every),
        worst(every),
        len(every),
        f"its fastest, {fastest}",
        median(by_transition[fastest]),
        "p99 ≤ 16.7 ms",
        worst(every) <= 16.7,
    )


def main() -> int:
    """Prints a table, then one JSON object: transition → milliseconds of each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        reader = stack.enter_context(SamTwin(folder / "reader", pace=Pace.AT_ONCE))
        ours, theirs = new_line()
        stack.callback(ours.close)
        settings = make_terminal(folder, reader_port=str(reader.path))
        process = SessionProcess(settings, line_from_descriptor(theirs.detach()))
        resident = Resident(process, reader)
        coming = come_when_warm(process, ours, resident.begin)
        stack.callback(coming.stop)
        code = process.run()
    for name, times in sorted(resident.took_ms.items()):
        spent = resident.processor_ms[name]
        print(
            f"{name:36} n {len(times):3}  first {times[0]:6.1f}"
            f"  p50 {median(times):6.2f}  most {max(times):6.2f}"
            f"  processor p50 {median(spent):6.2f}  most {max(spent):6.2f}"
        )
    for what, found in (("wall", resident.took_ms), ("processor", resident.processor_ms)):
        every = _together(found)
        print(f"all, {what}: n {len(every)} p50 {median(every)} p99 {worst(every)}")
    print(json.dumps({"took_ms": resident.took_ms, "processor_ms": resident.processor_ms}))
    return code


if __name__ == "__main__":
    sys.exit(main())
