"""What the keyboard on the screen knows: the field, the letters, the candidates, the keys."""

from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import SIGNAL, Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement
from PySide6.QtQuick import QQuickItem

from yici.ui.input.candidate_lines import LineMeasures, button_width, fill_lines
from yici.ui.input.composer import Composer
from yici.ui.input.entry_rules import InputKind, Progress, find_progress
from yici.ui.input.field import FREE_TEXT_KINDS, Field
from yici.ui.input.lattice import SEPARATOR
from yici.ui.input.layouts import Action, Layout, LetterMode, get_layout
from yici.ui.input.pinyin import PinyinEngine, Purpose

QML_IMPORT_NAME = "input_method"
QML_IMPORT_MAJOR_VERSION = 1
# plain names, because the tool that describes this file to qmllint reads names only
QVariantList: Any = "QVariantList"
QStringList: Any = "QStringList"

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
PADDING_EM = 0.45  # left and right of a candidate
_NO_PROGRESS = Progress(0, 0)


def _first_mode(kind: InputKind) -> LetterMode:
    return LetterMode.LATIN if kind is InputKind.LATIN else LetterMode.CHINESE


def _name_of(layout: Layout) -> str:
    """The same for equal layouts: what is built for one serves the other."""
    return str(hash(layout))


def _plain_rows(layout: Layout) -> list[list[dict[str, object]]]:
    """The keys: rows of {action, text, stringId, width in letter keys}."""
    return [
        [
            {
                "action": key.action.value,
                "text": key.text,
                "stringId": key.string_id,
                "units": key.width,
            }
            for key in row
        ]
        for row in layout.rows
    ]


@QmlElement
class InputMethod(QObject):
    """One keyboard's state. `target` is the item with the focus, whatever it is.

    Nothing that was typed outlives `clear()`, and nothing is ever written to disk.
    """

    changed = Signal()  # letters and candidates
    layoutChanged = Signal()  # noqa: N815 - Qt's way of naming; kind of field or mode
    keysChanged = Signal()  # noqa: N815 - apart, so that keys aren't rebuilt under a finger
    expandedChanged = Signal()  # noqa: N815 - Qt's way of naming
    textChanged = Signal()  # noqa: N815 - what stands in the field

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = PinyinEngine()
        self._composer = Composer(self._engine)
        self._field: Field | None = None
        self._mode = LetterMode.CHINESE
        self._shown_layout = self._layout()
        self._strip = self._panel = LineMeasures(1000.0, 40.0, 20.0, 10.0, 56.0)
        self._lines: list[list[int]] = []
        self._first_line = 0
        self._visible_lines = 1
        self._was_expanded = False

    # the field

    def _find_field(self) -> Field | None:
        if self._field is not None and not self._field.is_alive:
            self._field = None
        return self._field

    def _get_target(self) -> QObject | None:
        field = self._find_field()
        return field.item if field else None

    def _set_target(self, target: QObject | None) -> None:
        old = self._find_field()
        if old is not None:
            if old.item is target:
                return
            QObject.disconnect(old.item, SIGNAL("textChanged()"), self._edited)
        self._composer.clear()
        new = Field(target) if isinstance(target, QQuickItem) else None
        self._field = new if new and new.kind is not InputKind.NONE else None
        if self._field is not None:
            QObject.connect(self._field.item, SIGNAL("textChanged()"), self._edited)
        self._set_mode(self._letters_mode())
        self.textChanged.emit()
        self._refresh()

    @Slot()
    def _edited(self) -> None:
        self.textChanged.emit()

    def _kind(self) -> InputKind:
        field = self._find_field()
        return field.kind if field else InputKind.NONE

    def _letters_mode(self) -> LetterMode:
        return _first_mode(self._kind())

    # what the screen shows

    def _get_kind(self) -> str:
        return self._kind().value

    def _get_mode(self) -> str:
        return self._mode.value

    def _get_preedit(self) -> str:
        return self._composer.spelled

    def _get_candidates(self) -> list[str]:
        return [candidate.text for candidate in self._composer.candidates]

    def _get_lines(self) -> list[list[dict[str, object]]]:
        """The candidates in view: lines of {index, text, width in pixels}."""
        candidates, measures = self._composer.candidates, self._measures()
        shown = self._lines[self._first_line : self._first_line + self._visible_lines]
        return [
            [
                {
                    "index": index,
                    "text": candidates[index].text,
                    "width": button_width(candidates[index].text, measures),
                }
                for index in line
            ]
            for line in shown
        ]

    def _get_page(self) -> int:
        return self._first_line // self._visible_lines

    def _get_pages(self) -> int:
        return -(-len(self._lines) // self._visible_lines)

    def _get_expanded(self) -> bool:
        return self._visible_lines > 1

    def _get_rows(self) -> list[list[dict[str, object]]]:
        return _plain_rows(self._layout())

    def _get_layout(self) -> str:
        return _name_of(self._layout())

    def _get_columns(self) -> float:
        return self._layout().width

    def _layout(self) -> Layout:
        return get_layout(self._kind(), self._mode)

    def _progress(self) -> Progress:
        field = self._find_field()
        return (field and find_progress(field.kind, field.text)) or _NO_PROGRESS

    def _get_typed(self) -> int:
        return self._progress().typed

    def _get_total(self) -> int:
        return self._progress().total

    target = Property(QObject, _get_target, _set_target, notify=layoutChanged)
    kind = Property(str, _get_kind, notify=layoutChanged)
    mode = Property(str, _get_mode, notify=layoutChanged)
    preedit = Property(str, _get_preedit, notify=changed)
    candidates = Property(QStringList, _get_candidates, notify=changed)
    lines = Property(QVariantList, _get_lines, notify=changed)
    page = Property(int, _get_page, notify=changed)
    pages = Property(int, _get_pages, notify=changed)
    expanded = Property(bool, _get_expanded, notify=expandedChanged)
    rows = Property(QVariantList, _get_rows, notify=keysChanged)
    layout = Property(str, _get_layout, notify=keysChanged)
    columns = Property(float, _get_columns, notify=keysChanged)
    typed = Property(int, _get_typed, notify=textChanged)
    total = Property(int, _get_total, notify=textChanged)

    @Slot(float, float, float, float, float)
    def measure(
        self,
        strip: float,
        panel: float,
        character: float,
        gap: float,
        least: float,
    ) -> None:
        """How much room the screen has, in pixels: width of the strip and of the panel for
        candidates, and the rest of `LineMeasures`."""
        padding = PADDING_EM * character
        self._strip = LineMeasures(strip, character, padding, gap, least)
        self._panel = LineMeasures(panel, character, padding, gap, least)
        self._refresh()

    # what a finger does

    @Slot(str, str)
    def press(self, action: str, text: str) -> None:
        """A key of the layout was touched."""
        doing: dict[Action, Callable[[], None]] = {
            Action.TYPE: lambda: self.key(text),
            Action.BACKSPACE: self.backspace,
            Action.SPACE: self.space,
            Action.ENTER: self.enter,
            Action.SHIFT: lambda: self._toggle(LetterMode.LATIN_UPPER, LetterMode.LATIN),
            Action.LANGUAGE: lambda: self._toggle(LetterMode.LATIN, LetterMode.CHINESE),
            Action.SYMBOLS: lambda: self._toggle(LetterMode.SYMBOLS, self._letters_mode()),
            Action.DISMISS: self.dismiss,
            Action.WIPE: self.wipe,
        }
        doing[Action(action)]()

    @Slot(str)
    def key(self, text: str) -> None:
        """A character: a letter of pinyin while Chinese is typed, otherwise text for the field."""
        if self._composes(text):
            self._composer.add(text, self._purpose())
        else:
            self._commit_first()
            is_upper = self._mode is LetterMode.LATIN_UPPER
            self._insert(text.upper() if is_upper else text)
            if is_upper:
                self._set_mode(LetterMode.LATIN)
        self._refresh()

    def _composes(self, text: str) -> bool:
        """Letters begin or continue pinyin; the apostrophe only continues it."""
        if self._mode is not LetterMode.CHINESE or self._kind() not in FREE_TEXT_KINDS:
            return False
        return text in _LETTERS or (text == SEPARATOR and self._composer.letters != "")

    @Slot()
    def backspace(self) -> None:
        """Take back the last letter, or else the character before the cursor."""
        field = self._find_field()
        if self._composer.letters:
            self._composer.remove_last(self._purpose())
            self._refresh()
        elif field is not None:
            field.remove_before_cursor()

    @Slot()
    def space(self) -> None:
        """The likeliest candidate, or a space where nothing is being composed."""
        if not self._composer.letters:
            self._insert(" ")
        self._commit_first()
        self._refresh()

    @Slot()
    def enter(self) -> None:
        """The letters as they are; or else what the field does on Return, and no more keys."""
        if self._composer.letters:
            self.commit()
            return
        field = self._find_field()
        if field is not None:
            field.send_return()
            if not field.has_lines:
                self.dismiss()

    @Slot(int)
    def choose(self, index: int) -> None:
        """A candidate was touched."""
        self._insert(self._composer.choose(index, self._purpose_of_rest()))
        self._refresh()

    @Slot()
    def commit(self) -> None:
        """Put the letters into the field as they are."""
        self._insert(self._composer.take_letters())
        self._refresh()

    @Slot()
    def wipe(self) -> None:
        """Empty the whole field."""
        self._composer.clear()
        field = self._find_field()
        if field is not None:
            field.wipe()
        self._refresh()

    @Slot()
    def dismiss(self) -> None:
        """Put the keyboard away: the field gives up the focus."""
        field = self._find_field()
        self.clear()
        if field is not None:
            field.leave()

    @Slot()
    def clear(self) -> None:
        """Forget what is being composed."""
        self._composer.clear()
        self._refresh()

    def parts_to_read(self) -> Iterator[Callable[[], object]]:
        """The word lists, to be read part by part rather than under the first finger."""
        return self._engine.parts_to_read()

    @Slot(result=QVariantList)
    def layouts(self) -> list[dict[str, object]]:
        """Every layout that a field begins with, as {name, rows, columns}: to build the keys of
        before somebody waits for them."""
        firsts = dict.fromkeys(get_layout(kind, _first_mode(kind)) for kind in InputKind)
        return [
            {"name": _name_of(layout), "rows": _plain_rows(layout), "columns": layout.width}
            for layout in firsts
        ]

    # paging

    @Slot()
    def next(self) -> None:
        """The next page of candidates."""
        self._first_line += self._visible_lines
        self._show_page()

    @Slot()
    def previous(self) -> None:
        """The page of candidates before."""
        self._first_line -= self._visible_lines
        self._show_page()

    @Slot(int)
    def expand(self, lines: int) -> None:
        """Show so many lines of candidates at once; 1 is the strip above the keys."""
        self._visible_lines = max(1, lines)
        self._refresh()

    def _measures(self) -> LineMeasures:
        return self._strip if self._visible_lines == 1 else self._panel

    def _show_page(self) -> None:
        last = max(0, self._get_pages() - 1) * self._visible_lines
        self._first_line = min(max(0, self._first_line), last)
        self.changed.emit()

    # inside

    def _toggle(self, mode: LetterMode, otherwise: LetterMode) -> None:
        self._commit_first()
        self._set_mode(otherwise if self._mode is mode else mode)
        self._refresh()

    def _set_mode(self, mode: LetterMode) -> None:
        self._mode = mode
        self.layoutChanged.emit()
        layout = self._layout()
        if layout != self._shown_layout:
            self._shown_layout = layout
            self.keysChanged.emit()

    def _purpose(self) -> Purpose:
        """What the letters are for, by what stands before them."""
        field = self._find_field()
        before = field.text_before_cursor.strip() if field else ""
        if self._kind() is InputKind.NAME:
            return Purpose.GIVEN_NAME if before else Purpose.FAMILY_NAME
        return Purpose.AFTER_DIGIT if before[-1:].isdecimal() else Purpose.TEXT

    def _purpose_of_rest(self) -> Purpose:
        return Purpose.GIVEN_NAME if self._kind() is InputKind.NAME else Purpose.TEXT

    def _commit_first(self) -> None:
        """Convert all letters by the likeliest candidates; what means nothing stays letters."""
        while self._composer.letters:
            if self._composer.candidates:
                self._insert(self._composer.choose(0, self._purpose_of_rest()))
            else:
                self._insert(self._composer.take_letters())

    def _refresh(self) -> None:
        texts = self._get_candidates()
        if not texts:
            self._visible_lines = 1
        self._lines = fill_lines(texts, self._measures())
        self._first_line = 0
        # told last, because what listens to it reads the lines at once
        self.changed.emit()
        if self._get_expanded() != self._was_expanded:
            self._was_expanded = self._get_expanded()
            self.expandedChanged.emit()

    def _insert(self, text: str) -> None:
        field = self._find_field()
        if field is not None:
            field.insert(text)
