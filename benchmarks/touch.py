"""A touch → the next screen painted, in the real session process with the real screens.

Every touch is a press and a release on a button, as the window system would deliver them; it ends
with the first frame that shows the screen behind the button. Processor time tells what it costs
where nothing else runs. The limit is one repaint of the whole
window. The session has waited as a spare first, as all do but the first one of a day. Run as a
module it prints both, in milliseconds.
"""

import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest

from benchmarks.measure import Measure, in_a_process, median, worst
from benchmarks.terminal import come_when_warm, make_terminal, screen_environment
from yici.kiosk.supervising.control import line_from_descriptor, new_line
from yici.ui.session_process import DEAF_S, SessionProcess
from yici.ui.strings import Language, table

ROUNDS = 56
PAUSE_MS = 40
WORDS = table(Language.CHINESE)
# what is touched, and the screen that follows
ROUND = (
    (WORDS["home.progress"], "progress"),
    (WORDS["action.back"], "home"),
    ("", "guide"),  # the first of the items on the first screen
    (WORDS["action.back"], "find"),
    (WORDS["action.back"], "home"),
)


@dataclass
class Finger:
    """Touches one button after the other and times the frames."""

    touches_ms: list[float] = field(default_factory=list)
    repaints_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)  # of the touches, all threads
    repaint_processor_ms: list[float] = field(default_factory=list)
    started_s: float = 0.0
    processor_started_s: float = 0.0
    expected: str = ""

    def begin(self) -> None:
        """Once the window listens."""
        self.view: QQuickView = QGuiApplication.topLevelWindows()[0]
        self.view.frameSwapped.connect(self.painted)
        QTimer.singleShot(round(DEAF_S * 1000) + 700, self.next)

    def next(self) -> None:
        """The next touch, or the next repaint after the last one."""
        done = len(self.touches_ms)
        if done < ROUNDS * len(ROUND):
            text, self.expected = ROUND[done % len(ROUND)]
            where = self.find(text or self.first_item()).toPoint()
            self.start()
            QTest.mouseClick(
                self.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where
            )
        elif len(self.repaints_ms) < 100:
            self.expected = self.screen()
            self.start()
            # another ground under everything: the whole window is painted anew
            self.view.setColor("#ffffff" if len(self.repaints_ms) % 2 else "#fefefe")
        else:
            QGuiApplication.exit(0)

    def start(self) -> None:
        """The moment of a touch."""
        self.started_s, self.processor_started_s = time.perf_counter(), time.process_time()

    def painted(self) -> None:
        """A frame is on the screen."""
        now_s, processor_now_s = time.perf_counter(), time.process_time()
        if not self.started_s or self.screen() != self.expected:
            return
        took_ms = (now_s - self.started_s) * 1000
        processor_ms = (processor_now_s - self.processor_started_s) * 1000
        self.started_s = 0.0
        touching = len(self.touches_ms) < ROUNDS * len(ROUND)
        (self.touches_ms if touching else self.repaints_ms).append(took_ms)
        (self.processor_ms if touching else self.repaint_processor_ms).append(processor_ms)
        QTimer.singleShot(PAUSE_MS, self.next)

    def screen(self) -> str:
        """The one that is loaded."""
        return str(self.snapshot()["screen"])

    def snapshot(self) -> dict[str, object]:
        """What is shown."""
        made = self.view.rootObject().property("snapshot")
        return dict(made.toVariant() if hasattr(made, "toVariant") else made)

    def first_item(self) -> str:
        """The name of the first item that is offered."""
        (first, *_) = self.snapshot()["view"]["popular"]  # type: ignore[index]  # plain data
        return str(first["name"])

    def find(self, text: str) -> QPointF:
        """The middle of the button with this text. Raises LookupError."""
        queue: list[QQuickItem] = [self.view.contentItem()]
        while queue:
            item = queue.pop()
            if item.isVisible() and _is_button(item) and item.property("text") == text:
                return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
            queue += item.childItems()
        raise LookupError(text)


def _is_button(item: QObject) -> bool:
    return item.inherits("QQuickAbstractButton")


def measure() -> list[Measure]:
    """Two measurements of the same touches, in a process of its own."""
    times = in_a_process("touch", environment=screen_environment(QT_QPA_PLATFORM="offscreen"))
    return [
        _row("touch → next screen painted", times["touches_ms"], times["repaints_ms"]),
        _row(
            "the same, processor time alone", times["processor_ms"], times["repaint_processor_ms"]
        ),
    ]


def _row(name: str, touches_ms: list[float], repaints_ms: list[float]) -> Measure:
    return Measure(
        name,
        "ms",
        median(touches_ms),
        worst(touches_ms),
        len(touches_ms),
        "one repaint of the whole window",
        median(repaints_ms),
        "p99 ≤ 16.7 ms",
        worst(touches_ms) <= 16.7,
    )


def main() -> int:
    """Prints one JSON object."""
    with tempfile.TemporaryDirectory() as made:
        ours, theirs = new_line()
        process = SessionProcess(make_terminal(Path(made)), line_from_descriptor(theirs.detach()))
        finger = Finger()
        coming = come_when_warm(process, ours, finger.begin)
        code = process.run()
        coming.stop()
        ours.close()
    print(
        json.dumps(
            {
                "touches_ms": finger.touches_ms,
                "repaints_ms": finger.repaints_ms,
                "processor_ms": finger.processor_ms,
                "repaint_processor_ms": finger.repaint_processor_ms,
            }
        )
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
