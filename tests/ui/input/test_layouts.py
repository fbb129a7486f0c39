"""The tables of keys."""

import itertools

import pytest

from yici.ui.input.entry_rules import InputKind
from yici.ui.input.layouts import Action, LetterMode, get_layout
from yici.ui.strings import Language, table

ALL = list(itertools.product(InputKind, LetterMode))


@pytest.mark.parametrize(("kind", "mode"), ALL)
def test_rows_are_no_wider_than_the_keyboard(kind: InputKind, mode: LetterMode) -> None:
    layout = get_layout(kind, mode)
    assert all(sum(key.width for key in row) <= layout.width for row in layout.rows)


@pytest.mark.parametrize(("kind", "mode"), ALL)
def test_nobody_is_stuck(kind: InputKind, mode: LetterMode) -> None:
    keys = [key for row in get_layout(kind, mode).rows for key in row]
    actions = {key.action for key in keys}
    if kind is not InputKind.NONE:
        assert {Action.BACKSPACE, Action.ENTER, Action.DISMISS} <= actions
    typed = [key.text for key in keys if key.action is Action.TYPE]
    assert len(set(typed)) == len(typed)


@pytest.mark.parametrize("language", Language)
def test_every_key_and_kind_has_its_words(language: Language) -> None:
    texts = table(language)
    for kind, mode in ALL:
        for key in itertools.chain(*get_layout(kind, mode).rows):
            assert key.text or texts[key.string_id]
        if kind is not InputKind.NONE:
            assert texts[f"keyboard.hint_{kind.value}"]


def test_code_pad_has_the_32_characters_of_crockford() -> None:
    keys = itertools.chain(*get_layout(InputKind.CODE, LetterMode.CHINESE).rows)
    assert "".join(sorted(key.text for key in keys)) == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
