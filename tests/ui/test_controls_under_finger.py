"""Controls under a finger, a mouse and keys."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMetaObject, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QPointingDevice
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

from yici.ui.accessibility import items
from yici.ui.app import Appearance, dress, prepare_engine
from yici.ui.pictures import settle
from yici.ui.theme import Contrast, colours

IMPORTS = "import QtQuick\nimport controls\nimport theme\n"


class Bench:
    """A window with some controls on it."""

    def __init__(self, source: str, finger: QPointingDevice) -> None:
        self.engine = QQmlEngine()
        prepare_engine(self.engine, Appearance())
        self.component = component = QQmlComponent(self.engine)  # what it made goes with it
        head = f"{IMPORTS}Window {{ width: 800; height: 700; visible: true; color: Theme.surface\n"
        head += "property string told\n"
        component.setData(f"{head}{source}}}".encode(), QUrl())
        made = component.create()
        assert isinstance(made, QQuickWindow), component.errorString()
        self.window = made
        self.finger = finger
        made.requestActivate()
        settle()

    @property
    def told(self) -> str:
        return str(self.window.property("told"))

    def item(self, name: str) -> QQuickItem:
        found = [i for i in items(self.window.contentItem()) if i.objectName() == name]
        assert len(found) == 1
        return found[0]

    def middle(self, item: QQuickItem) -> QPoint:
        return item.mapToScene(item.boundingRect().center()).toPoint()

    def down(self, at: QPoint) -> None:
        QTest.touchEvent(self.window, self.finger).press(0, at, self.window).commit()
        settle()

    def move(self, at: QPoint) -> None:
        QTest.touchEvent(self.window, self.finger).move(0, at, self.window).commit()
        settle(20)  # moves of one frame become one

    def up(self, at: QPoint) -> None:
        QTest.touchEvent(self.window, self.finger).release(0, at, self.window).commit()
        settle()

    def tap(self, item: QQuickItem) -> None:
        self.down(self.middle(item))
        self.up(self.middle(item))

    def colour(self, at: QPoint) -> QColor:
        return self.window.grabWindow().pixelColor(at)


@pytest.fixture
def bench(terminal_font: str, finger: QPointingDevice) -> Iterator[Callable[[str], Bench]]:
    benches: list[Bench] = []

    def make(source: str) -> Bench:
        benches.append(Bench(source, finger))
        return benches[-1]

    yield make
    for made in benches:
        made.window.close()
        made.window.deleteLater()
    settle()


def test_tap_on_a_button_acts_and_leaves_the_focus_in_the_field(
    bench: Callable[[str], Bench],
) -> None:
    made = bench(
        'KField { objectName: "field"; width: 400; focus: true }\n'
        'KButton { objectName: "button"; y: 300; text: "下一步"; onClicked: told = "on" }'
    )
    field = made.window.activeFocusItem()
    assert field is not None
    made.tap(made.item("button"))
    assert made.told == "on"
    assert made.window.activeFocusItem() is field


def test_covered_number_shows_only_while_it_is_held(bench: Callable[[str], Bench]) -> None:
    made = bench(
        'KRow { objectName: "row"; width: 700; leads: false; text: "号码"\n'
        'value: "4301**********0012"; secret: "430199198506120012" }'
    )
    row = made.item("row")

    def shown() -> list[str]:
        return [str(i.property("text")) for i in items(row) if i.inherits("QQuickText")]

    assert "430199198506120012" not in shown()
    made.down(made.middle(row))
    assert "430199198506120012" in shown()
    made.up(made.middle(row))
    assert "430199198506120012" not in shown()


def test_covered_number_shows_while_a_key_is_held(bench: Callable[[str], Bench]) -> None:
    made = bench(
        'KRow { objectName: "row"; width: 700; leads: false; text: "号码"\n'
        'value: "4301**********0012"; secret: "430199198506120012" }'
    )

    def shown() -> list[str]:
        row = made.item("row")
        return [str(i.property("text")) for i in items(row) if i.inherits("QQuickText")]

    QTest.keyClick(made.window, Qt.Key.Key_Tab)
    QTest.keyPress(made.window, Qt.Key.Key_Space)
    assert "430199198506120012" in shown()
    QTest.keyRelease(made.window, Qt.Key.Key_Space)
    assert "430199198506120012" not in shown()


def test_choice_of_one_replaces_and_choice_of_many_toggles(bench: Callable[[str], Bench]) -> None:
    source = """
    KChoice {{ width: 700; many: {many}; chosen: ["a"]
        options: [{{ value: "a", label: "甲" }}, {{ value: "b", label: "乙" }}]
        onPicked: values => told = values.join("+") }}
    """
    for many, expected in (("false", "b"), ("true", "a+b")):
        made = bench(source.format(many=many))
        options = [i for i in items(made.window.contentItem()) if i.property("text") == "乙"]
        made.tap(options[0])
        assert made.told == expected


def test_finger_writes_on_the_pad_and_the_stroke_is_told(bench: Callable[[str], Bench]) -> None:
    made = bench(
        'KInkPad { objectName: "pad"; x: 50; y: 50; width: 600; height: 400; hint: "签名"\n'
        'onWritten: stroke => told = stroke.length + ":" + stroke[0].join(",") }'
    )
    made.down(QPoint(150, 250))
    for x in range(150, 451, 10):
        made.move(QPoint(x, 250))
    made.up(QPoint(450, 250))
    points, first = made.told.split(":")
    assert int(points) > 20
    assert first == "100,200"
    ink = QColor(colours(Contrast.CALM)["text"])
    assert made.colour(QPoint(300, 250)) == ink
    QMetaObject.invokeMethod(made.item("pad"), "clear")
    settle()
    assert made.colour(QPoint(200, 251)) != ink


def test_mouse_writes_as_well(bench: Callable[[str], Bench]) -> None:
    made = bench(
        'KInkPad { width: 600; height: 400; hint: "签名"\n'
        "onWritten: stroke => told = stroke.length }"
    )
    QTest.mousePress(made.window, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(made.window, QPoint(200, 150))
    QTest.mouseRelease(made.window, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    settle()
    assert int(float(made.told)) >= 3


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_V], ids=["copy", "cut", "paste"]
)
def test_clipboard_is_out_of_reach_in_a_field(bench: Callable[[str], Bench], key: Qt.Key) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("somebody else's number")
    made = bench('KField { objectName: "field"; width: 400; focus: true; text: "430199" }')
    field = made.window.activeFocusItem()
    assert field is not None
    QMetaObject.invokeMethod(field, "selectAll")
    QTest.keyClick(made.window, key, Qt.KeyboardModifier.ControlModifier)
    assert field.property("text") == "430199"
    assert clipboard.text() == "somebody else's number"
    clipboard.clear()


def test_right_click_in_a_field_opens_no_menu(bench: Callable[[str], Bench]) -> None:
    made = bench('KField { objectName: "field"; width: 400; focus: true; text: "430199" }')
    before = len(list(items(made.window.contentItem())))
    QTest.mouseClick(made.window, Qt.MouseButton.RightButton, pos=QPoint(100, 20))
    settle()
    assert len(list(items(made.window.contentItem()))) == before
    assert len(QGuiApplication.topLevelWindows()) >= 1


def test_markup_in_a_text_is_shown_as_it_is(bench: Callable[[str], Bench]) -> None:
    made = bench(
        'KText { objectName: "text"; text: "<b>粗</b><img src=\'file:///etc/hostname\'>" }'
    )
    plain = bench('KText { objectName: "text"; text: "粗" }')
    assert made.item("text").width() > 5 * plain.item("text").width()


def test_drawing_follows_the_palette(bench: Callable[[str], Bench]) -> None:
    made = bench('KDrawing { name: "tick"; width: 200; height: 200 }')

    def painted() -> set[str]:
        image = made.window.grabWindow()
        return {image.pixelColor(x, 100).name().upper() for x in range(200)}

    assert colours(Contrast.CALM)["text"] in painted()
    dress(made.engine, Appearance(contrast=Contrast.SOFT))
    settle()
    assert colours(Contrast.SOFT)["text"] in painted()
    assert colours(Contrast.CALM)["text"] not in painted()


def test_held_key_shows_a_ring_of_a_millimetre(bench: Callable[[str], Bench]) -> None:
    made = bench('KButton { objectName: "button"; x: 50; y: 50; text: "下一步" }')
    ring = QPoint(50 + 40, 50 - 4)
    assert made.colour(ring) != QColor(colours(Contrast.CALM)["text"])
    QTest.keyClick(made.window, Qt.Key.Key_Tab)
    settle()
    assert made.colour(ring) == QColor(colours(Contrast.CALM)["text"])
