"""The letters being typed and what they may mean. Forgets everything when told to."""

from yici.ui.input.lattice import SEPARATOR
from yici.ui.input.pinyin import (
    MAX_LETTERS,
    Candidate,
    Conversion,
    PinyinEngine,
    Purpose,
)

_NOTHING = Conversion("", ())


class Composer:
    """Letters in, Chinese text out. Its only state is the letters not yet converted."""

    def __init__(self, engine: PinyinEngine) -> None:
        self._engine = engine
        self._letters = ""
        self._conversion = _NOTHING

    @property
    def letters(self) -> str:
        """What is typed and not yet converted."""
        return self._letters

    @property
    def spelled(self) -> str:
        """The letters cut into syllables, for display."""
        return self._conversion.spelled

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What the letters may mean, the likeliest first."""
        return self._conversion.candidates

    def add(self, letter: str, purpose: Purpose) -> None:
        """One more letter; ignored where more could not be read anyway."""
        if len(self._letters) < MAX_LETTERS:
            self._set(self._letters + letter, purpose)

    def remove_last(self, purpose: Purpose) -> None:
        """Take back the last letter."""
        self._set(self._letters[:-1], purpose)

    def choose(self, index: int, purpose_of_rest: Purpose) -> str:
        """The text of a candidate; its letters are used up. Empty if there is no such candidate."""
        if not 0 <= index < len(self.candidates):
            return ""
        chosen = self.candidates[index]
        self._set(self._letters[chosen.consumed :], purpose_of_rest)
        return chosen.text

    def take_letters(self) -> str:
        """The letters as they are."""
        letters = self._letters
        self.clear()
        return letters

    def clear(self) -> None:
        """Forget the letters and what they might have meant."""
        self._letters = ""
        self._conversion = _NOTHING

    def _set(self, letters: str, purpose: Purpose) -> None:
        self._letters = letters.lstrip(SEPARATOR)
        self._conversion = (
            self._engine.convert(self._letters, purpose) if self._letters else _NOTHING
        )
