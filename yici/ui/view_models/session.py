"""What QML sees of one resident's session: snapshots go in, events come out."""

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

QML_IMPORT_NAME = "view_models"
QML_IMPORT_MAJOR_VERSION = 1
# a plain name, because the tool that describes this file to qmllint reads names only
QVariantMap: Any = "QVariantMap"


@QmlElement
class SessionViewModel(QObject):
    """Holds the newest snapshot, plain values only; `post` hands an event to the session."""

    changed = Signal()
    posted = Signal(str, QVariantMap)
    prepareAsked = Signal(str, QVariantMap)  # noqa: N815 - Qt's way of naming
    keysAsked = Signal(int)  # noqa: N815 - Qt's way of naming

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._snapshot: dict[str, object] = {}

    def _get_snapshot(self) -> dict[str, object]:
        return self._snapshot

    snapshot = Property(QVariantMap, _get_snapshot, notify=changed)

    def show(self, snapshot: dict[str, object]) -> None:
        """Replace what is on the screen; the same again changes nothing."""
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            self.changed.emit()

    def prepare(self, snapshot: dict[str, object]) -> None:
        """Build the screen of this snapshot out of sight, unless it is there."""
        self.prepareAsked.emit(snapshot["screen"], snapshot["view"])

    def prepare_keys(self, index: int) -> None:
        """Build the keys of one of `InputMethod.layouts`."""
        self.keysAsked.emit(index)

    @Slot(str, QVariantMap)
    def post(self, event: str, payload: dict[str, object]) -> None:
        """An event of the resident with its plain values."""
        self.posted.emit(event, payload)
