"""A resident in front of a form with the keyboard below it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QPointingDevice
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from yici.ui import theme
from yici.ui.app import Appearance
from yici.ui.input.input_method import InputMethod

TIMEOUT_MS = 20_000

APPEARANCES = {
    "portrait": Appearance(),
    "landscape": Appearance(panel=theme.LANDSCAPE_21),
    "elder": Appearance(view=theme.View.ELDER, text_size=theme.TextSize.ELDER),
    "elder landscape": Appearance(
        panel=theme.LANDSCAPE_21, view=theme.View.ELDER, text_size=theme.TextSize.ELDER
    ),
}


class Desk:
    """A resident in front of the form: touches fields and keys, reads what stands there."""

    def __init__(self, window: QQuickWindow, qtbot: QtBot, touch: QPointingDevice) -> None:
        self.window = window
        self._qtbot = qtbot
        self._touch = touch

    @property
    def method(self) -> InputMethod:
        found = self.window.findChild(QObject, "input_method")
        assert isinstance(found, InputMethod)
        return found

    @property
    def keyboard_height(self) -> float:
        return self.item("keyboard").height()

    def find_item(self, name: str) -> QQuickItem | None:
        waiting = [self.window.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.objectName() == name and item.isVisible():
                return item
            waiting += item.childItems()
        return None

    def items(self, prefix: str) -> list[QQuickItem]:
        found, waiting = [], [self.window.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.objectName().startswith(prefix) and item.isVisible():
                found.append(item)
            waiting += item.childItems()
        return found

    def item(self, name: str) -> QQuickItem:
        self._qtbot.waitUntil(lambda: self.find_item(name) is not None, timeout=TIMEOUT_MS)
        found = self.find_item(name)
        assert found is not None
        return found

    def settle(self) -> None:
        """Lay out and paint, as happens before anybody can touch anything."""
        self.window.grabWindow()

    def centre(self, name: str) -> QPoint:
        item = self.item(name)
        self.settle()
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def tap(self, name: str) -> None:
        """One finger down and up on an item."""
        self.press(name)
        self.release(name)

    def press(self, name: str) -> None:
        self._send(lambda event, at: event.press(0, at, self.window), name)

    def release(self, name: str) -> None:
        self._send(lambda event, at: event.release(0, at, self.window), name)

    def overlap(self, first: str, second: str) -> None:
        """A second finger comes down before the first is lifted."""
        one, two = self.centre(first), self.centre(second)
        touch = QTest.touchEvent(self.window, self._touch)
        touch.press(0, one, self.window).commit()
        touch.stationary(0).press(1, two, self.window).commit()
        touch.release(0, one, self.window).stationary(1).commit()
        touch.release(1, two, self.window).commit()

    def _send(self, what: Callable[[QTest.QTouchEventSequence, QPoint], object], name: str) -> None:
        at = self.centre(name)
        event = QTest.touchEvent(self.window, self._touch)
        what(event, at)
        event.commit()

    def enter(self, kind: str) -> None:
        """Touch a field; its keys come up."""
        self.tap(f"field_{kind}")
        field = self.item(f"field_{kind}")
        self._qtbot.waitUntil(lambda: self.method.property("target") is field, timeout=TIMEOUT_MS)

    def focus(self, kind: str) -> None:
        """Come to a field by the keys, as one does where it can't be touched."""
        self.item(f"field_{kind}").forceActiveFocus()
        self.settle()

    def type(self, keys: str) -> None:
        for key in keys:
            self.tap(f"key_type_{key}")

    def choose(self, text: str) -> None:
        """Touch a candidate, on a later page if need be."""
        candidates = self.method.property("candidates")
        name = f"candidate_{candidates.index(text)}"
        if self.find_item(name) is None:
            self.tap("key_more")
        while self.find_item(name) is None:
            self.tap("key_next")
        self.tap(name)

    def text(self, kind: str) -> str:
        return str(self.item(f"field_{kind}").property("text"))
