"""The word lists of the pinyin engine, read from the package one initial letter at a time.

lexicon.tsv: word, toneless reading (syllables separated by a space), frequency; sorted by reading.
names.tsv: family name or character, reading, weight as family name, weight in given names.
How they are made and their licences: packaging/lexicon in the source repository, LICENCES.txt here.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from itertools import groupby, pairwise
from math import log
from typing import NamedTuple

from yici.ui.input.syllables import FOLDED, FOLDED_LETTERS

TOTAL_FREQUENCY_LOG = log(60_000_000)  # occurrences that the word list was counted on
NAME_TOTAL_LOG = log(100_000)
FIRST_LETTERS = "abcdefghjklmnopqrstwxyz"  # of readings; none begins with i, u or v


class Entry(NamedTuple):
    """A word with one reading; `weight` is the natural logarithm of its probability."""

    word: str
    reading: str
    weight: float


class Section:
    """All words whose reading begins with one letter."""

    def __init__(self, rows: str) -> None:
        by_sound: defaultdict[str, list[Entry]] = defaultdict(list)
        by_initials: defaultdict[str, list[Entry]] = defaultdict(list)
        readings: list[str] = []
        split = (row.split("\t") for row in rows.splitlines())
        for reading, group in groupby(split, key=lambda row: row[1]):
            entries = [
                Entry(word, reading, log(int(frequency)) - TOTAL_FREQUENCY_LOG)
                for word, _, frequency in group
            ]
            syllables = reading.split(" ")
            by_sound[" ".join([FOLDED[syllable] for syllable in syllables])] += entries
            by_initials["".join([syllable[0] for syllable in syllables])] += entries
            readings.append(reading)
        for bucket in by_initials.values():
            bucket.sort(key=_by_weight)
        self.by_sound = dict(by_sound)
        self.by_initials = dict(by_initials)
        self.readings = readings  # sorted, as the file is


def _by_weight(entry: Entry) -> float:
    return -entry.weight


class Lexicon:
    """Words by sound and by initials. Nothing is read before it is asked for."""

    def __init__(self) -> None:
        self._sections: dict[str, Section] = {}

    @cached_property
    def _rows(self) -> dict[str, str]:
        text = _read("lexicon.tsv")
        rows: dict[str, str] = {}
        start = 0
        for letter, following in pairwise(FIRST_LETTERS):
            # letters follow a tab only where a reading begins
            end = text.rindex("\n", start, text.index(f"\t{following}", start)) + 1
            rows[letter] = text[start:end]
            start = end
        return rows | {FIRST_LETTERS[-1]: text[start:]}

    @property
    def loaded_letters(self) -> str:
        """The letters whose words are in memory."""
        return "".join(sorted(self._sections))

    def find_section(self, letter: str) -> Section | None:
        """Words that begin with a letter; None where no Chinese word does (i, u, v)."""
        if letter not in self._sections:
            rows = self._rows.pop(letter, None)
            if rows is None:
                return None
            self._sections[letter] = Section(rows)
        return self._sections[letter]

    def sounding_like(self, syllables: tuple[str, ...]) -> Iterator[Entry]:
        """Words of these syllables, and those that sound alike (`FOLDED`)."""
        key = " ".join([FOLDED[syllable] for syllable in syllables])
        for letter in FOLDED_LETTERS.get(syllables[0][0], syllables[0][0]):
            section = self.find_section(letter)
            if section is not None:
                yield from section.by_sound.get(key, ())

    def abbreviated(self, tokens: tuple[str, ...]) -> list[Entry]:
        """Words whose syllables begin with these letters (one letter each), most frequent first."""
        section = self.find_section(tokens[0][0])
        if section is None:
            return []
        return section.by_initials.get("".join([token[0] for token in tokens]), [])


class Names:
    """How likely a name or a character is as family name, and in a given name."""

    @cached_property
    def _lists(self) -> tuple[list[Entry], list[Entry]]:
        family: list[Entry] = []
        given: list[Entry] = []
        for row in _read("names.tsv").splitlines():
            word, reading, as_family, in_given = row.split("\t")
            for entries, weight in ((family, int(as_family)), (given, int(in_given))):
                if weight:
                    entries.append(Entry(word, reading, log(weight) - NAME_TOTAL_LOG))
        family.sort(key=_by_weight)
        given.sort(key=_by_weight)
        return family, given

    def family(self) -> list[Entry]:
        """Family names, most frequent first."""
        return self._lists[0]

    def given(self) -> list[Entry]:
        """Characters of given names, most frequent first."""
        return self._lists[1]


def _read(name: str) -> str:
    return files("yici.ui.input").joinpath(name).read_text(encoding="utf-8")
