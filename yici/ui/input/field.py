"""The text field on the screen that the keyboard writes into.

Text reaches it as an input method's text does (QInputMethodEvent), so that the field's own rules
hold: maximum length, validator, read-only.
"""

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtQuick import QQuickItem

from yici.ui.input.entry_rules import (
    DATE_SEPARATOR,
    InputKind,
    can_begin,
    find_kind,
    inserted_text,
)

FREE_TEXT_KINDS = frozenset({InputKind.PINYIN, InputKind.NAME, InputKind.LATIN})


class Field:
    """A TextInput, TextField or TextArea with a `property string inputKind`."""

    def __init__(self, item: QQuickItem) -> None:
        self.item = item
        # false for read-only fields, and for a frame around a field that has the same property
        accepts = bool(item.flags() & QQuickItem.Flag.ItemAcceptsInputMethod)
        self.kind = find_kind(item.property("inputKind")) if accepts else InputKind.NONE

    @property
    def is_alive(self) -> bool:
        """False once its screen is gone."""
        return shiboken6.isValid(self.item)

    @property
    def has_lines(self) -> bool:
        """Whether Return begins a new line in it."""
        return self.is_alive and self.item.inherits("QQuickTextEdit")

    @property
    def text(self) -> str:
        """What stands in it."""
        return str(self.item.property("text") or "") if self.is_alive else ""

    @property
    def text_before_cursor(self) -> str:
        """What stands in it before the place where text goes in."""
        if not self.is_alive:
            return ""
        return self.text[: int(self.item.property("selectionStart") or 0)]

    def insert(self, text: str) -> None:
        """Type text over the selection or at the cursor, if the field's kind can take it."""
        if not text or not self.is_alive:
            return
        if self.kind not in FREE_TEXT_KINDS:
            before, after = self._around()
            text = inserted_text(self.kind, before, text)
            if not can_begin(self.kind, before + text + after):
                return
        event = QInputMethodEvent("", [])
        event.setCommitString(text)
        QCoreApplication.sendEvent(self.item, event)

    def _around(self) -> tuple[str, str]:
        """The text before and after what an insertion replaces."""
        start, end = (int(self.item.property(f"selection{side}")) for side in ("Start", "End"))
        if self.kind is InputKind.DATE and start == end:
            # its separators come by themselves, so digits are only added at the end
            start = end = len(self.text)
            self.item.setProperty("cursorPosition", start)
        return self.text[:start], self.text[end:]

    def remove_before_cursor(self) -> None:
        """What the backspace key does; a date loses its separator with the digit."""
        self._send_key(Qt.Key.Key_Backspace)
        if self.kind is InputKind.DATE and self.text.endswith(DATE_SEPARATOR):
            self._send_key(Qt.Key.Key_Backspace)

    def wipe(self) -> None:
        """Remove everything."""
        self._send_key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._send_key(Qt.Key.Key_Backspace)

    def send_return(self) -> None:
        """What the Return key does: accept, or begin a new line."""
        self._send_key(Qt.Key.Key_Return)

    def leave(self) -> None:
        """Give up the focus."""
        if self.is_alive:
            self.item.setFocus(False)

    def _send_key(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            if self.is_alive:  # the press may have ended it
                QCoreApplication.sendEvent(self.item, QKeyEvent(kind, key, modifiers))
