"""A window with one rectangle, and nothing of ours: what Qt Quick itself needs on this machine.

first    show one window; prints when its first frame was painted, then waits for its end
repeat   show 20 windows one after the other; prints the milliseconds of each
"""

import json
import sys
import time

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickView

QML = "data:text/plain,import QtQuick; Rectangle { width: 1080; height: 1920; color: 'white' }"
WINDOWS = 20


def _window() -> QQuickView:
    view = QQuickView()
    view.setSource(QUrl(QML))
    view.create()
    return view


def _first(application: QGuiApplication) -> int:
    view = _window()
    view.frameSwapped.connect(lambda: print(json.dumps(time.monotonic()), flush=True))
    view.show()
    return application.exec()


def _repeat(application: QGuiApplication) -> int:
    times_ms: list[float] = []
    shown: list[QQuickView] = []
    started_s = 0.0

    def show_next() -> None:
        nonlocal started_s
        if len(times_ms) == WINDOWS:
            application.quit()
            return
        view = _window()
        view.frameSwapped.connect(painted)
        shown.append(view)
        started_s = time.perf_counter()
        view.show()

    def painted() -> None:
        view = shown[-1]
        if not view.property("counted"):
            view.setProperty("counted", True)  # noqa: FBT003 - Qt's own signature
            times_ms.append((time.perf_counter() - started_s) * 1000)
            view.close()
            QTimer.singleShot(50, show_next)

    QTimer.singleShot(0, show_next)
    code = application.exec()
    print(json.dumps(times_ms))
    return code


if __name__ == "__main__":
    made = QGuiApplication(["bare-window"])
    sys.exit(_first(made) if sys.argv[1] == "first" else _repeat(made))
