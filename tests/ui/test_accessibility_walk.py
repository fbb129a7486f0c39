"""The walk that judges screens finds what it is meant to find."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickWindow

from yici.ui.accessibility import faults, nodes, targets
from yici.ui.app import Appearance, prepare_engine
from yici.ui.theme import PORTRAIT_21

PX_PER_MM = PORTRAIT_21.px_per_mm

GOOD = """
KButton { x: 10; y: 10; text: "交" }
KText { x: 10; y: 200; width: 300; text: "一句话" }
"""
UNNAMED = 'KButton { x: 10; y: 10; Accessible.name: "" }'
SMALL = 'KButton { x: 10; y: 10; width: 30; height: 60; text: "交" }'
CLOSE = 'Row { spacing: 4; KButton { text: "交" } KButton { text: "退" } }'
CUT_OFF = 'KText { x: 10; width: 40; height: 20; text: "一句放不下的话" }'
ELIDED = 'KText { width: 80; elide: Text.ElideRight; wrapMode: Text.NoWrap; text: "一句放不下" }'
OVER_THE_EDGE = 'KButton { x: 700; width: 200; text: "交" }'
SCROLLED_AWAY = """
Flickable {
    width: 300; height: 100; clip: true; contentHeight: 600
    KButton { y: 20; text: "看得见" }
    KButton { y: 300; text: "看不见" }
}
"""


@pytest.fixture
def window(terminal_font: str, request: pytest.FixtureRequest) -> Iterator[QQuickWindow]:
    engine = QQmlEngine()
    prepare_engine(engine, Appearance())
    component = QQmlComponent(engine)
    source = "import QtQuick\nimport controls\nWindow { width: 800; height: 600; visible: true\n"
    component.setData(f"{source}{request.param}}}".encode(), QUrl())
    made = component.create()
    assert isinstance(made, QQuickWindow), component.errorString()
    yield made
    made.close()
    made.deleteLater()


@pytest.mark.parametrize("window", [GOOD], indirect=True)
def test_good_screen_has_no_fault(window: QQuickWindow) -> None:
    assert faults(window, PX_PER_MM) == []
    assert [node.role for node in nodes(window)][-2:] == [
        QAccessible.Role.Button,
        QAccessible.Role.StaticText,
    ]


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        (UNNAMED, "has no name"),
        (SMALL, "is only 30 × 60 px"),
        (CLOSE, "'交' and '退' are too close"),
        (CUT_OFF, "'一句放不下的话' is cut off"),
        (OVER_THE_EDGE, "'交' reaches over the edge"),
        (ELIDED, "'一句放不下' is cut off"),
    ],
    indirect=["window"],
    ids=["unnamed", "small", "close", "cut_off", "edge", "elided"],
)
def test_fault_is_found(window: QQuickWindow, sentence: str) -> None:
    assert any(sentence in found for found in faults(window, PX_PER_MM))


@pytest.mark.parametrize("window", [SCROLLED_AWAY], indirect=True)
def test_what_is_scrolled_away_is_no_target(window: QQuickWindow) -> None:
    assert [target.name for target in targets(window)] == ["看得见"]
