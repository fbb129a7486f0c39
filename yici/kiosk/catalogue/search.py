"""Finding an item by its name, an everyday word, pinyin or initials; local, no network.

A plain ranked scan of the replica: right for the hundreds of items of a township.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from yici.contract.items import ServiceItem


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one item is found by, lower case and without blanks."""

    names: tuple[str, ...]
    aliases: tuple[str, ...]
    pinyin: tuple[str, ...]
    initials: tuple[str, ...]
    other: tuple[str, ...]


# rank of a match: whole name, beginning, inside; aliases and pinyin follow names
_WHOLE, _BEGINNING, _INSIDE, _SCATTERED = 0, 1, 2, 6


class Catalogue:
    """The items of one catalogue version."""

    def __init__(self, items: Iterable[ServiceItem]) -> None:
        self._items = tuple(sorted(items, key=lambda item: -item.popularity))
        self._by_code = {item.code: item for item in self._items}
        self._terms = [_terms(item) for item in self._items]

    def __len__(self) -> int:
        return len(self._items)

    def find(self, code: str) -> ServiceItem | None:
        """The item of a code, or None."""
        return self._by_code.get(code)

    def popular(self, count: int) -> tuple[ServiceItem, ...]:
        """The items most used here."""
        return self._items[:count]

    def categories(self) -> tuple[tuple[str, str, int], ...]:
        """Key, label and number of items of each category, the largest first."""
        counts: dict[tuple[str, str], int] = {}
        for item in self._items:
            key = (item.category, item.category_zh)
            counts[key] = counts.get(key, 0) + 1
        ordered = sorted(counts.items(), key=lambda entry: -entry[1])
        return tuple((key, label, count) for (key, label), count in ordered)

    def of_category(self, category: str) -> tuple[ServiceItem, ...]:
        """The items of a category, the most used first."""
        return tuple(item for item in self._items if item.category == category)

    def search(self, query: str, limit: int = 30) -> tuple[ServiceItem, ...]:
        """Items that fit the query, best first; among equals the most used first."""
        wanted = _fold(query)
        if not wanted:
            return ()
        ranked = [
            (rank, index)
            for index, terms in enumerate(self._terms)
            if (rank := _rank(terms, wanted)) is not None
        ]
        return tuple(self._items[index] for _, index in sorted(ranked)[:limit])


def _fold(text: str) -> str:
    return "".join(text.lower().split())


def _terms(item: ServiceItem) -> _Terms:
    search = item.search
    return _Terms(
        names=(_fold(item.name), _fold(item.short_name)),
        aliases=tuple(_fold(alias) for alias in search.aliases),
        pinyin=(search.pinyin.full, search.name_pinyin.full),
        initials=(search.pinyin.initials, search.name_pinyin.initials),
        other=(_fold(item.responsible_unit.name), *(_fold(topic) for topic in item.topics)),
    )


def _rank(terms: _Terms, wanted: str) -> int | None:
    ladders = (
        (0, (*terms.names, *terms.initials, *terms.pinyin)),
        (1, terms.aliases),
        (3, terms.other),
    )
    ranks = [
        penalty + best for penalty, texts in ladders if (best := _best(texts, wanted)) is not None
    ]
    if ranks:
        return min(ranks)
    # a question in everyday words: an alias or name inside it, or most of its characters
    if any(len(text) >= 2 and text in wanted for text in (*terms.aliases, *terms.names)):
        return _SCATTERED - 1
    return _SCATTERED if _shares_most(terms, wanted) else None


def _best(texts: Iterable[str], wanted: str) -> int | None:
    best: int | None = None
    for text in texts:
        place = _place(text, wanted)
        if place is not None and (best is None or place < best):
            best = place
    return best


def _place(text: str, wanted: str) -> int | None:
    if text == wanted:
        return _WHOLE
    if text.startswith(wanted):
        return _BEGINNING
    return _INSIDE if wanted in text else None


def _shares_most(terms: _Terms, wanted: str) -> bool:
    if len(wanted) < 3 or wanted.isascii():
        return False
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
    return any(
        sum(pair in text for pair in pairs) * 2 >= len(pairs)
        for text in (*terms.names, *terms.aliases)
    )
