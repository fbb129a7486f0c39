"""Pinyin to Chinese characters, without memory: the same letters always give the same candidates.

A lattice of syllables, the most probable row of words over it (unigram Viterbi), then whole
words, words that go on, and words for the first syllables. Knows nothing of Qt. Nothing that was
typed is kept: no learning, no cache by what was typed.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice, pairwise

from yici.ui.input.lattice import SEPARATOR, Lattice, Token, read_letters
from yici.ui.input.lexicon import FIRST_LETTERS, Entry, Lexicon, Names

MAX_LETTERS = 48  # longer rows are read up to here
MAX_WORD_SYLLABLES = 8
MAX_CANDIDATES = 200  # the syllable with most characters (yi) has about 130
MAX_ABBREVIATED = 60
MAX_COMPLETIONS = 3
MAX_ROWS = 3  # rows of words offered
MAX_WHOLE_IN_NAMES = 5
SCANNED_COMPLETIONS = 400

# costs are natural logarithms, like the weights; found with the word list in the tests
SOUND_ALIKE_COST = 3.0
SOUND_ALIKE_CHARACTER_COST = 25.0  # behind every character that is spelled as typed
ABBREVIATION_COST = 2.0
ABBREVIATED_ROW_COST = 8.0  # letters that abbreviate one word seldom abbreviate several
AFTER_DIGIT_GAIN = 6.0
UNUSUAL_IN_NAMES_COST = 12.0  # in a name a character is rarely part of a word

# what follows a number in addresses, dates and amounts
AFTER_DIGIT_WORDS = frozenset("号组栋幢楼层室座排巷弄路队村年月日岁元万亩米斤人户个次") | {
    "号楼",
    "单元",
    "平方米",
}


class Purpose(StrEnum):
    """What is being typed; decides which characters come first."""

    TEXT = "text"
    FAMILY_NAME = "family_name"  # the beginning of a person's name
    GIVEN_NAME = "given_name"  # the rest of it
    AFTER_DIGIT = "after_digit"  # 3 组, 12 号, 2026 年

    @property
    def is_name(self) -> bool:
        """Whether a person's name is being typed."""
        return self in (Purpose.FAMILY_NAME, Purpose.GIVEN_NAME)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be meant by the first `consumed` letters."""

    text: str
    reading: str  # toneless syllables, separated by a space
    consumed: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """`spelled`: the letters cut into syllables, for display; candidates: the likeliest first."""

    spelled: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """A word on a path of the lattice, with its weight there."""

    entry: Entry
    path: tuple[Token, ...]
    weight: float

    @property
    def end(self) -> int:
        return self.path[-1].end


@dataclass(frozen=True, slots=True)
class _Row:
    """The most probable row of words up to a letter."""

    weight: float
    matches: tuple[_Match, ...]


class PinyinEngine:
    """Converts letters; holds the word lists, which are read when first needed, and no state."""

    def __init__(self) -> None:
        self._lexicon = Lexicon()
        self._names = Names()

    def convert(self, letters: str, purpose: Purpose = Purpose.TEXT) -> Conversion:
        """Candidates for any text; what isn't pinyin gives none, and stays as it is."""
        cleaned = normalise(letters)
        if not cleaned:
            return Conversion(letters, ())
        lattice = read_letters(cleaned)
        if not lattice.length:
            return Conversion(cleaned, ())
        first = list(self._matches(lattice, 0, purpose))
        rows = self._best_rows(lattice, first, purpose)
        distinct: dict[str, Candidate] = {}
        for candidate in self._in_order(lattice, first, rows, purpose):
            distinct.setdefault(candidate.text, candidate)
        return Conversion(_spelled(cleaned, rows[0]), tuple(distinct.values())[:MAX_CANDIDATES])

    def parts_to_read(self) -> Iterator[Callable[[], object]]:
        """The word lists in parts, as a session reads them while nobody waits.

        Each takes no longer than two frames, so that a touch may come between them.
        """
        for letter in FIRST_LETTERS:
            yield partial(self._lexicon.find_section, letter)
        yield self._names.family

    # words on the lattice

    def _matches(self, lattice: Lattice, start: int, purpose: Purpose) -> Iterator[_Match]:
        after_digit = start == 0 and purpose is Purpose.AFTER_DIGIT
        for path in lattice.paths(start, MAX_WORD_SYLLABLES):
            words = self._words_on(path, UNUSUAL_IN_NAMES_COST if purpose.is_name else 0.0)
            yield from map(_favour_after_digit, words) if after_digit else words
            if purpose.is_name:
                yield from self._names_on(path, start, purpose)

    def _words_on(self, path: tuple[Token, ...], cost: float) -> Iterator[_Match]:
        letters = tuple(token.letters for token in path)
        if all(token.is_whole for token in path):
            reading = " ".join(letters)
            for entry in self._lexicon.sounding_like(letters):
                unlike = _sound_alike_cost(reading, entry.reading)
                yield _Match(entry, path, entry.weight - cost - unlike)
            return
        cost += ABBREVIATION_COST * sum(not token.is_whole for token in path)
        fitting = (e for e in self._lexicon.abbreviated(letters) if _fits(e.reading, path))
        for entry in islice(fitting, MAX_ABBREVIATED):
            yield _Match(entry, path, entry.weight - cost)

    def _names_on(self, path: tuple[Token, ...], start: int, purpose: Purpose) -> Iterator[_Match]:
        is_family = start == 0 and purpose is Purpose.FAMILY_NAME
        if len(path) > (2 if is_family else 1):
            return
        for entry in self._names.family() if is_family else self._names.given():
            if entry.reading[0] == path[0].letters[0] and _fits(entry.reading, path):
                yield _Match(entry, path, entry.weight)

    def _best_rows(self, lattice: Lattice, first: list[_Match], purpose: Purpose) -> list[_Row]:
        """The most probable rows over all letters (list Viterbi), the best first.

        There is always one, because every syllable is a character.
        """
        best: list[list[_Row]] = [[_Row(0.0, ())], *([] for _ in range(lattice.length))]
        for start in range(lattice.length):
            if not best[start]:
                continue
            matches = first if start == 0 else self._matches(lattice, start, purpose)
            for match in matches:
                for row in best[start]:
                    _keep_best(best[match.end], row, match)
        return best[lattice.length]

    # order of the candidates

    def _in_order(
        self, lattice: Lattice, first: list[_Match], rows: list[_Row], purpose: Purpose
    ) -> Iterator[Candidate]:
        first.sort(key=lambda match: (-match.end, -match.weight))
        whole = [match for match in first if match.end == lattice.length]
        # beside a word that fits, rows put together from others are noise: 寨基地 beside 宅基地
        needs_row = len(rows[0].matches) > 1
        joined = [row for row in rows if len(row.matches) > 1] if needs_row else []
        if joined:
            margin = ABBREVIATED_ROW_COST if _abbreviates_text(joined[0], purpose) else 0.0
            least = joined[0].weight - margin
            yield from (_candidate(match) for match in whole if match.weight >= least)
            yield _joined(joined[0])
        if not purpose.is_name:
            yield from map(_candidate, whole)
            yield from map(_joined, joined)
            yield from self._completions(lattice)
        else:  # names are put together character by character
            yield from map(_joined, joined)
            yield from map(_candidate, whole[:MAX_WHOLE_IN_NAMES])
            yield from (_candidate(match) for match in first if len(match.path) == 1)
        yield from map(_candidate, first)

    def _completions(self, lattice: Lattice) -> list[Candidate]:
        """Longer words that begin with at least two syllables, all typed out."""
        found: list[Entry] = []
        for path in lattice.paths(0, MAX_WORD_SYLLABLES):
            if path[-1].end < lattice.length or len(path) == 1:
                continue
            if all(token.is_whole for token in path):
                found += self._beginning_with(tuple(token.letters for token in path))
        found.sort(key=lambda entry: -entry.weight)
        return [
            Candidate(entry.word, entry.reading, lattice.length)
            for entry in found[:MAX_COMPLETIONS]
        ]

    def _beginning_with(self, syllables: tuple[str, ...]) -> Iterator[Entry]:
        section = self._lexicon.find_section(syllables[0][0])
        if section is None:
            return
        beginning = " ".join(syllables) + " "
        start = bisect_left(section.readings, beginning)
        for reading in islice(section.readings, start, start + SCANNED_COMPLETIONS):
            if not reading.startswith(beginning):
                return
            entries = self._lexicon.sounding_like(tuple(reading.split(" ")))
            yield from (entry for entry in entries if entry.reading == reading)


def _keep_best(rows: list[_Row], before: _Row, match: _Match) -> None:
    """Put a longer row among the best few that end here."""
    weight = before.weight + match.weight
    if len(rows) == MAX_ROWS and weight <= rows[-1].weight:
        return
    rows.append(_Row(weight, (*before.matches, match)))
    rows.sort(key=lambda row: -row.weight)
    del rows[MAX_ROWS:]


def normalise(letters: str) -> str:
    """What of a text can be pinyin: a–z and single apostrophes between letters."""
    lowered = letters.lower()
    kept = "".join(one for one in lowered if one == SEPARATOR or "a" <= one <= "z")
    pieces = [piece for piece in kept.split(SEPARATOR) if piece]
    return SEPARATOR.join(pieces)[:MAX_LETTERS].rstrip(SEPARATOR)


def _favour_after_digit(match: _Match) -> _Match:
    if match.entry.word not in AFTER_DIGIT_WORDS:
        return match
    return _Match(match.entry, match.path, match.weight + AFTER_DIGIT_GAIN)


def _sound_alike_cost(typed: str, reading: str) -> float:
    if typed == reading:
        return 0.0
    pairs = list(zip(typed.split(" "), reading.split(" "), strict=True))
    if len(pairs) == 1:
        return SOUND_ALIKE_CHARACTER_COST
    return SOUND_ALIKE_COST * sum(one != other for one, other in pairs)


def _fits(reading: str, path: tuple[Token, ...]) -> bool:
    syllables = reading.split(" ")
    return len(syllables) == len(path) and all(
        syllable == token.letters or (not token.is_whole and syllable.startswith(token.letters))
        for syllable, token in zip(syllables, path, strict=True)
    )


def _candidate(match: _Match) -> Candidate:
    return Candidate(match.entry.word, match.entry.reading, match.end)


def _abbreviates_text(row: _Row, purpose: Purpose) -> bool:
    return not purpose.is_name and not all(token.is_whole for token in _tokens(row))


def _tokens(row: _Row) -> list[Token]:
    return [token for match in row.matches for token in match.path]


def _joined(row: _Row) -> Candidate:
    return Candidate(
        "".join(match.entry.word for match in row.matches),
        " ".join(match.entry.reading for match in row.matches),
        row.matches[-1].end,
    )


def _spelled(letters: str, row: _Row) -> str:
    """The letters with a gap where a new syllable begins, and what couldn't be read after them."""
    ends = [token.end for token in _tokens(row)]
    cuts = [0, *ends, len(letters)]
    pieces = (letters[a:b].strip(SEPARATOR) for a, b in pairwise(cuts))
    return " ".join(piece for piece in pieces if piece)
