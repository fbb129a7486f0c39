"""Opens the form, and takes it away again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from form_desk import TIMEOUT_MS, Desk
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QPointingDevice
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from yici.ui.app import Appearance, prepare_engine
from yici.ui.input.entry_rules import InputKind

FORM = Path(__file__).with_name("Form.qml")


@pytest.fixture(scope="session")
def touch_screen(qapp: QGuiApplication) -> QPointingDevice:
    return QTest.createTouchDevice()


@pytest.fixture
def open_desk(
    qtbot: QtBot, qapp: QGuiApplication, touch_screen: QPointingDevice
) -> Iterator[Callable[..., Desk]]:
    """Opens the form with an appearance; everything is gone afterwards."""
    engines: list[QQmlApplicationEngine] = []

    def open_with(appearance: Appearance | None = None) -> Desk:
        chosen = appearance or Appearance()
        engine = QQmlApplicationEngine()
        engines.append(engine)
        prepare_engine(engine, chosen)
        engine.setInitialProperties(
            {
                "width": chosen.panel.width_px,
                "height": chosen.panel.height_px,
                "kinds": [kind.value for kind in InputKind],
            }
        )
        engine.load(QUrl.fromLocalFile(str(FORM)))
        window = engine.rootObjects()[0]
        assert isinstance(window, QQuickWindow)
        window.requestActivate()
        qtbot.waitUntil(window.isActive, timeout=TIMEOUT_MS)
        return Desk(window, qtbot, touch_screen)

    yield open_with
    for engine in engines:
        engine.rootObjects()[0].close()
        engine.deleteLater()
    qapp.sendPostedEvents(None, 0)
    qapp.processEvents()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()
