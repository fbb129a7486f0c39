"""The keys of each keyboard as tables; the screen draws whatever stands here.

Widths are in units of one letter key; rows narrower than the layout are centred.
"""

from dataclasses import dataclass
from enum import StrEnum

from yici.ui.input.entry_rules import InputKind


class Action(StrEnum):
    """What a key does."""

    TYPE = "type"
    BACKSPACE = "backspace"
    SPACE = "space"
    ENTER = "enter"
    SHIFT = "shift"
    LANGUAGE = "language"  # Chinese or Latin letters
    SYMBOLS = "symbols"  # to the punctuation and back
    DISMISS = "dismiss"
    WIPE = "wipe"  # empty the whole field


@dataclass(frozen=True, slots=True)
class Key:
    """`text` is what is typed; `string_id` names the label where that isn't the text itself."""

    action: Action
    text: str = ""
    string_id: str = ""
    width: float = 1.0


Rows = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of keys, and how many letter keys wide they are."""

    rows: Rows
    width: float


class LetterMode(StrEnum):
    """What the letter keyboard types at the moment."""

    CHINESE = "chinese"
    LATIN = "latin"
    LATIN_UPPER = "latin_upper"  # for one letter
    SYMBOLS = "symbols"


def _typed(texts: str) -> tuple[Key, ...]:
    return tuple(Key(Action.TYPE, text) for text in texts)


_DIGITS = _typed("1234567890")
_BACKSPACE = Key(Action.BACKSPACE, string_id="keyboard.backspace", width=1.5)
_DISMISS = Key(Action.DISMISS, string_id="keyboard.hide", width=1.5)
_SYMBOLS = Key(Action.SYMBOLS, string_id="keyboard.symbols", width=1.5)


def _enter(width: float) -> Key:
    return Key(Action.ENTER, string_id="keyboard.done", width=width)


def _letters(mode: LetterMode, kind: InputKind) -> Layout:
    is_chinese = mode is LetterMode.CHINESE
    rows = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # in upper case they stay the same keys
    first_key = (
        Key(Action.TYPE, "'", "keyboard.separator", 1.5)
        if is_chinese
        else Key(Action.SHIFT, string_id="keyboard.shift", width=1.5)
    )
    # a name such as 阿依古丽·买买提江 needs its dot more often than a comma
    comma, stop = ("·", "，") if kind is InputKind.NAME else ("，", "。")
    marks = _typed(comma + stop) if is_chinese else _typed(".@")
    language = _language(kind, mode)
    space = Key(Action.SPACE, string_id="keyboard.space", width=2.0 if language else 3.5)
    return Layout(
        (
            _DIGITS,
            _typed(rows[0]),
            _typed(rows[1]),
            (first_key, *_typed(rows[2]), _BACKSPACE),
            (_DISMISS, _SYMBOLS, *language, marks[0], space, marks[1], _enter(1.5)),
        ),
        width=10.0,
    )


def _language(kind: InputKind, mode: LetterMode) -> tuple[Key, ...]:
    """The key between Chinese and Latin letters; a field for Latin letters has none."""
    if kind is InputKind.LATIN:
        return ()
    to_latin = mode is LetterMode.CHINESE
    string_id = "keyboard.to_latin" if to_latin else "keyboard.to_chinese"
    return (Key(Action.LANGUAGE, string_id=string_id, width=1.5),)


def _symbols() -> Layout:
    wipe = Key(Action.WIPE, string_id="keyboard.wipe", width=1.5)
    back = Key(Action.SYMBOLS, string_id="keyboard.letters", width=1.5)
    space = Key(Action.SPACE, string_id="keyboard.space", width=4.0)
    return Layout(
        (
            _DIGITS,
            _typed("，。、：；？！·—…"),
            _typed("（）《》“”#@%&"),
            (wipe, *_typed("-_/.,:+"), _BACKSPACE),
            (_DISMISS, back, space, _enter(3.0)),
        ),
        width=10.0,
    )


def _digit_pad(corner: str = "") -> Layout:
    """Three rows of digits, the zero beside the corner key or, without one, twice as wide."""
    last = (*_typed(corner), *_typed("0")) if corner else (Key(Action.TYPE, "0", width=2.0),)
    return Layout(
        (
            (*_typed("123"), Key(Action.BACKSPACE, string_id="keyboard.backspace")),
            (*_typed("456"), Key(Action.WIPE, string_id="keyboard.wipe")),
            (*_typed("789"), Key(Action.DISMISS, string_id="keyboard.hide")),
            (*last, _enter(2.0)),
        ),
        width=4.0,
    )


def _code_pad() -> Layout:
    return Layout(
        (
            _DIGITS,
            _typed("ABCDEFGHJK"),
            _typed("MNPQRSTVWX"),
            (
                *_typed("YZ"),
                Key(Action.DISMISS, string_id="keyboard.hide", width=1.75),
                Key(Action.WIPE, string_id="keyboard.wipe", width=1.75),
                Key(Action.BACKSPACE, string_id="keyboard.backspace", width=2.0),
                _enter(2.5),
            ),
        ),
        width=10.0,
    )


_PADS: dict[InputKind, Layout] = {
    InputKind.NUMBER: _digit_pad("."),
    InputKind.ID_NUMBER: _digit_pad("X"),
    InputKind.MOBILE: _digit_pad(),
    InputKind.DATE: _digit_pad(),
    InputKind.CODE: _code_pad(),
    InputKind.NONE: Layout((), 1.0),
}


def get_layout(kind: InputKind, mode: LetterMode) -> Layout:
    """The keys for a field; `mode` matters only where there are letters."""
    if kind in _PADS:
        return _PADS[kind]
    if mode is LetterMode.SYMBOLS:
        return _symbols()
    return _letters(mode, kind)
