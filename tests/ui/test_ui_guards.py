"""What must stay so: Qt's reference counts, one Qt only, no way out of the screens."""

import re
import sys
from importlib.metadata import distributions

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from yici.ui.app import QML_ROOT
from yici.ui.bridge import EVENTS
from yici.ui.drawings import DRAWINGS
from yici.ui.theme import PALETTES, Contrast

SOURCES = {
    str(path.relative_to(QML_ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(QML_ROOT.rglob("*.qml"))
}
BANNED = {
    "a raw colour": re.compile(
        r'#[0-9a-fA-F]{3,8}"|Qt\.(rgba|hsla|darker|lighter)\(|"(black|white|red|green|blue|gray|grey)"'
    ),
    "a dialog": re.compile(r"import (QtQuick\.Dialogs|Qt\.labs)"),
    "a way out": re.compile(
        r"Qt\.openUrlExternally|Qt\.quit|Qt\.exit|linkActivated|XMLHttpRequest|WebSocket"
    ),
    "a canvas": re.compile(r"\bCanvas\s*\{"),
    "rich text": re.compile(r"Text\.(RichText|AutoText|StyledText|MarkdownText)"),
    "code from text": re.compile(r"\beval\(|createQmlObject|Qt\.include"),
    "the clipboard": re.compile(r"\.(copy|paste|cut)\(\)"),
    "a context property's habit": re.compile(r"setContextProperty"),
    "shader effects": re.compile(r"ShaderEffect|MultiEffect|import QtQuick\.Particles"),
}
ALLOWED_IMPORTS = {
    "QtQml",
    "QtQuick",
    "QtQuick.Controls.Basic",
    "QtQuick.Shapes",
    "controls",
    "input",
    "input_method",
    "strings",
    "theme",
    "view_models",
}


def test_void_qt_calls_leave_none_alone(qapp: QGuiApplication) -> None:
    timer, calls = QTimer(), 1000
    timer.setInterval(5)
    before = sys.getrefcount(None)
    for _ in range(calls):
        timer.setInterval(5)
    assert abs(sys.getrefcount(None) - before) < calls // 10


def test_opencv_brings_no_second_qt() -> None:
    installed = {str(found.metadata["Name"]).lower() for found in distributions()}
    assert "opencv-python-headless" in installed
    assert not installed & {"opencv-python", "opencv-contrib-python", "pyqt5", "pyqt6", "pyside2"}


@pytest.mark.parametrize("what", BANNED)
def test_no_screen_contains(what: str) -> None:
    assert [name for name, text in SOURCES.items() if BANNED[what].search(text)] == []


def test_guard_against_raw_colours_can_fail() -> None:
    assert BANNED["a raw colour"].search('color: "#FF0000"')
    assert BANNED["a raw colour"].search('color: "red"')


def test_screens_import_only_what_is_allowed() -> None:
    imported = {
        found
        for text in SOURCES.values()
        for found in re.findall(r"^import ([\w.]+)", text, re.MULTILINE)
    }
    assert imported <= ALLOWED_IMPORTS


def test_text_stands_on_screens_only_through_ktext() -> None:
    bare = re.compile(r"^\s*(Text|Label|TextEdit|TextArea)\s*\{", re.MULTILINE)
    found = [name for name, text in SOURCES.items() if bare.search(text)]
    assert found == ["controls/KText.qml"]


def test_every_field_is_without_a_menu() -> None:
    with_fields = [
        name for name, text in SOURCES.items() if re.search(r"\bText(Field|Input)\s*\{", text)
    ]
    assert with_fields == ["controls/KField.qml"]
    assert "ContextMenu.menu: null" in SOURCES["controls/KField.qml"]


def test_every_module_lists_its_files() -> None:
    for qmldir in QML_ROOT.rglob("qmldir"):
        listed = set(re.findall(r"(\w+\.qml)$", qmldir.read_text(encoding="utf-8"), re.MULTILINE))
        assert listed == {path.name for path in qmldir.parent.glob("*.qml")}, qmldir


def test_every_event_of_the_screens_is_understood_and_none_is_left_over() -> None:
    posted = set()
    for name, text in SOURCES.items():
        if name.startswith("screens/") or name == "controls/KScreen.qml":
            for first_argument in re.findall(r"\bpost\(([^,]+),", text):
                posted |= set(re.findall(r'"([a-z_]+)"', first_argument))
            for way_back in re.findall(r"backEvent: (.+)", text):
                posted |= set(re.findall(r'"([a-z_]+)"', way_back))
    assert posted - EVENTS == set()
    assert EVENTS - posted - {"back"} == set()


def test_every_drawing_is_used_and_drawn_in_the_exchangeable_colours() -> None:
    screens = "\n".join(SOURCES.values())
    calm = PALETTES[Contrast.CALM]
    exchangeable = {calm.text, calm.accent, calm.surface}
    for path in DRAWINGS.glob("*.svg"):
        svg = path.read_text(encoding="utf-8")
        assert f'"{path.stem}"' in screens, path.name
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", svg)) <= exchangeable, path.name
        assert "<text" not in svg
        assert "href" not in svg
