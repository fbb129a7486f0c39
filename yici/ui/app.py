"""The application, its QML engine, and how it is dressed: appearance and language at run time."""

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtQml import QQmlEngine

from yici.ui import theme
from yici.ui.drawings import DrawingProvider
from yici.ui.input.input_method import InputMethod
from yici.ui.strings import Language, table
from yici.ui.view_models.session import SessionViewModel

# importing a type is what makes QML know it
QML_TYPES: tuple[type[QObject], ...] = (InputMethod, SessionViewModel)
QML_ROOT = Path(__file__).parent / "qml"


@dataclass(frozen=True, slots=True)
class Appearance:
    """Everything a resident may choose about how the terminal speaks and looks, and the panel."""

    panel: theme.Panel = theme.PORTRAIT_21
    text_size: theme.TextSize = theme.TextSize.STANDARD
    contrast: theme.Contrast = theme.Contrast.CALM
    view: theme.View = theme.View.STANDARD
    reach: theme.Reach = theme.Reach.WHOLE
    language: Language = Language.CHINESE


def open_application() -> QGuiApplication:
    """The process's one application, with the terminal's font; arguments of the process are not
    handed to Qt, which would take orders such as -qmljsdebugger from them."""
    # a frame follows a touch at once; Qt would wait 5 ms for more to change
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")
    running = QGuiApplication.instance()
    application = running if isinstance(running, QGuiApplication) else QGuiApplication(["yici"])
    application.setFont(QFont(theme.FAMILY))
    return application


def _singleton(engine: QQmlEngine, module: str, name: str) -> QObject:
    found: object = engine.singletonInstance(module, name)
    if not isinstance(found, QObject):
        raise TypeError(f"QML module {module} has no singleton {name}")
    return found


def dress(engine: QQmlEngine, appearance: Appearance) -> None:
    """Give the engine's `Theme` and `Strings` their values; open screens follow at once."""
    tokens = theme.tokens(
        appearance.panel,
        appearance.text_size,
        appearance.contrast,
        appearance.view,
        appearance.reach,
    )
    theme_singleton = _singleton(engine, "theme", "Theme")
    for name, value in tokens.items():
        if not theme_singleton.setProperty(name, value):
            raise AttributeError(f"Theme.qml has no property {name}")
    strings = _singleton(engine, "strings", "Strings")
    strings.setProperty("table", table(appearance.language))
    strings.setProperty("language", appearance.language.value)


def prepare_engine(engine: QQmlEngine, appearance: Appearance) -> None:
    """Make an engine find the project's QML modules, then dress it; call before loading."""
    engine.addImportPath(str(QML_ROOT))
    engine.addImageProvider("drawing", DrawingProvider())
    dress(engine, appearance)
