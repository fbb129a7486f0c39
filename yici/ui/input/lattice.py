"""Ways to cut a row of letters into syllables: xian is xian or xi'an, zzf is z'z'f."""

from collections.abc import Iterator
from dataclasses import dataclass

from yici.ui.input.syllables import (
    INITIALS,
    MAX_SYLLABLE_LETTERS,
    SPELLING_VARIANTS,
    SYLLABLE_PREFIXES,
    SYLLABLES,
)

SEPARATOR = "'"


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of letters read as one syllable, or as the beginning of one."""

    end: int  # position after it
    letters: str
    is_whole: bool  # False: stands for every syllable that begins so


@dataclass(frozen=True, slots=True)
class Lattice:
    """`tokens_from[i]`: the tokens that begin at letter i and lie on a way to `length`."""

    length: int  # letters that could be read; the rest can't be pinyin
    tokens_from: tuple[tuple[Token, ...], ...]

    def paths(self, start: int, max_tokens: int) -> Iterator[tuple[Token, ...]]:
        """Every row of 1 to `max_tokens` adjoining tokens from a letter on."""
        waiting: list[tuple[int, tuple[Token, ...]]] = [(start, ())]
        while waiting:
            position, before = waiting.pop()
            for token in self.tokens_from[position]:
                path = (*before, token)
                yield path
                if len(path) < max_tokens and token.end < self.length:
                    waiting.append((token.end, path))


def _tokens_at(letters: str, start: int, *, abbreviated: bool) -> Iterator[Token]:
    begin = start + 1 if letters[start] == SEPARATOR else start
    for end in range(begin + 1, min(begin + MAX_SYLLABLE_LETTERS, len(letters)) + 1):
        piece = letters[begin:end]
        if SEPARATOR in piece:
            return
        syllable = SPELLING_VARIANTS.get(piece, piece)
        if syllable in SYLLABLES:
            yield Token(end, syllable, is_whole=True)
        elif (end == len(letters) and piece in SYLLABLE_PREFIXES) or (
            abbreviated and piece in INITIALS
        ):
            yield Token(end, piece, is_whole=False)


def _read(letters: str, *, abbreviated: bool) -> Lattice:
    """Longest readable beginning of the letters, without dead ends."""
    length = len(letters)
    tokens = [tuple(_tokens_at(letters, i, abbreviated=abbreviated)) for i in range(length)]
    reached = {0}
    for start in range(length):
        if start in reached:
            reached.update(token.end for token in tokens[start])
    last = max(reached)
    leads_on = {last}
    for start in range(last - 1, -1, -1):
        tokens[start] = tuple(token for token in tokens[start] if token.end in leads_on)
        if tokens[start]:
            leads_on.add(start)
    return Lattice(last, tuple(tokens[:last]))


def read_letters(letters: str) -> Lattice:
    """Cut letters (a–z and apostrophes) into syllables; abbreviations only where nothing else fits.

    No abbreviation is looked for in `zhong`, although z'hong would be one: people who spell a
    syllable out mean it.
    """
    spelled_out = _read(letters, abbreviated=False)
    if spelled_out.length == len(letters):
        return spelled_out
    return _read(letters, abbreviated=True)
