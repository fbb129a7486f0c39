"""The letters being typed: whatever happens, they are neither lost nor kept too long."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from yici.ui.input.composer import Composer
from yici.ui.input.pinyin import MAX_LETTERS, PinyinEngine, Purpose

ENGINE = PinyinEngine()


class Composing(RuleBasedStateMachine):
    """Compares the composer with the plain row of letters it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer(ENGINE)
        self.letters = ""
        self.purpose = Purpose.TEXT

    @rule(
        typed=st.text("abehgilnosuvxz'", min_size=1, max_size=4), purpose=st.sampled_from(Purpose)
    )
    def add(self, typed: str, purpose: Purpose) -> None:
        for letter in typed:
            self.composer.add(letter, purpose)
            if len(self.letters) < MAX_LETTERS:
                self.letters = (self.letters + letter).lstrip("'")
                self.purpose = purpose

    @rule()
    def remove_last(self) -> None:
        self.composer.remove_last(self.purpose)
        self.letters = self.letters[:-1]

    @rule(index=st.integers(-1, 250))
    def choose(self, index: int) -> None:
        candidates = self.composer.candidates
        text = self.composer.choose(index, self.purpose)
        if 0 <= index < len(candidates):
            assert text == candidates[index].text
            self.letters = self.letters[candidates[index].consumed :].lstrip("'")
        else:
            assert text == ""

    @rule()
    def take_letters(self) -> None:
        assert self.composer.take_letters() == self.letters
        self.letters = ""

    @rule()
    def clear(self) -> None:
        self.composer.clear()
        self.letters = ""

    @invariant()
    def shows_what_the_letters_mean_and_nothing_else(self) -> None:
        assert self.composer.letters == self.letters
        expected = ENGINE.convert(self.letters, self.purpose) if self.letters else None
        assert self.composer.candidates == (expected.candidates if expected else ())
        assert self.composer.spelled == (expected.spelled if expected else "")


TestComposing = Composing.TestCase
TestComposing.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
