"""One stage for each appearance: a window without a display that shows sample views."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPointingDevice
from PySide6.QtTest import QTest

from yici.ui.app import Appearance, open_application
from yici.ui.pictures import Stage, settle
from yici.ui.theme import FAMILY


@pytest.fixture(scope="session")
def terminal_font(qapp: QGuiApplication) -> str:
    open_application()
    return FAMILY


@pytest.fixture(scope="session")
def finger(qapp: QGuiApplication) -> QPointingDevice:
    return QTest.createTouchDevice()


@pytest.fixture
def open_stage(terminal_font: str) -> Iterator[Callable[[Appearance], Stage]]:
    stages: list[Stage] = []

    def open_with(appearance: Appearance) -> Stage:
        stages.append(Stage(appearance))
        return stages[-1]

    yield open_with
    for stage in stages:
        stage.close()


@pytest.fixture
def press_key() -> Callable[[Stage, Qt.Key], None]:
    def press(stage: Stage, key: Qt.Key) -> None:
        stage.view.requestActivate()
        QTest.keyClick(stage.view, key)
        settle()

    return press
