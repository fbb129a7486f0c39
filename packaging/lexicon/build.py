"""Builds the lexicon of the on-screen keyboard from two pinned packages and our own word lists.

    python3 -m venv /tmp/lexicon
    /tmp/lexicon/bin/pip install --require-hashes -r requirements.lock
    /tmp/lexicon/bin/python build.py                  # writes lexicon.tsv, names.tsv, SHA256SUMS
    /tmp/lexicon/bin/python build.py --catalogue DIR  # first renews catalogue_words.txt

The same inputs give the same bytes; SHA256SUMS beside the outputs holds their digests.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import jieba
from pypinyin import Style, lazy_pinyin, pinyin

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent.parent / "yici" / "ui" / "input"

MAX_BYTES = 1_500_000
MAX_WORD_LENGTH = 8
OWN_WORD_FREQUENCY = 1500  # a resident of a hall means these before a general word of equal rank
CATALOGUE_FREQUENCY = 400
IN_WORD_SHARE = 0.05  # how much a character's life inside words says about it alone
ALONE_SHARE = 0.95
COMMON_LIMIT = 4  # readings of a character, by use; dictionaries list archaic ones after them
GIVEN_NAME_FLOOR = 1
CURATED_NAME_COUNT = 12  # jieba knows the names of books, ours are those of people under forty
OWN_READINGS = {"嗯": ["en"]}

Rows = dict[tuple[str, str], int]


def gb2312() -> set[str]:
    """All 6763 characters of GB/T 2312."""
    found = set()
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                continue  # the last five cells of row 0xD7 are empty
    return found


def lines(name: str) -> Iterator[str]:
    """The lines of one of our lists, without comments."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def general_words() -> list[tuple[str, int, str]]:
    """jieba's words with frequency and part of speech, the most frequent first."""
    path = Path(jieba.__file__).parent / "dict.txt"
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    words = [(word, int(frequency), tag) for word, frequency, tag in rows]
    return sorted(words, key=lambda row: (-row[1], row[0]))


def typed(syllable: str) -> str:
    """A syllable as it is typed: ü is v."""
    return syllable.replace("ü", "v").replace("ê", "e")


def syllables(word: str) -> list[str]:
    """Toneless reading in context."""
    return [typed(one) for one in lazy_pinyin(word, style=Style.NORMAL)]


def character_readings(character: str) -> list[str]:
    """Toneless readings of one character, the usual first, without repeats."""
    listed = pinyin(character, style=Style.NORMAL, heteronym=True)[0]
    plain = [typed(one) for one in listed]
    return [one for one in dict.fromkeys(plain) if re.fullmatch(r"[a-z]{1,6}", one)]


def is_pinyin(reading: str) -> bool:
    """False for what pypinyin passes through and for interjections without a vowel (hm, ng)."""
    return bool(re.fullmatch(r"[a-z]*[aeiouv][a-z]*", reading))


def collect_catalogue(directory: Path) -> None:
    """Rewrite catalogue_words.txt: words of item names, materials, fields, units; villages."""
    words: Counter[str] = Counter()
    for file, keys in (
        ("items.jsonl", ("name", "sub_name", "short_name")),
        ("packages.jsonl", ("name", "kiosk_title")),
        ("material_library.jsonl", ("name",)),
        ("field_library.jsonl", ("label",)),
        ("licence_types.jsonl", ("name",)),
        ("units.jsonl", ("name", "short_name")),
    ):
        for line in (directory / file).read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            for text in filter(None, (record.get(key) for key in keys)):
                runs = re.findall(r"[\u4e00-\u9fff]+", text)
                words.update(piece for run in runs for piece in jieba.cut(run, HMM=False))
                words.update(run for run in runs if len(run) <= MAX_WORD_LENGTH)
    for line in (directory / "divisions.jsonl").read_text(encoding="utf-8").splitlines():
        name = json.loads(line)["name"]
        stem = re.sub(r"(街道|社区|村|镇|乡|市|省)$", "", name)
        words.update(word for word in (name, stem) if len(word) <= MAX_WORD_LENGTH)
    chosen = sorted(word for word in words if len(word) > 1)
    head = (
        "# Words of the service catalogue and names of townships and villages; made by build.py.\n"
    )
    (HERE / "catalogue_words.txt").write_text(head + "\n".join(chosen) + "\n", encoding="utf-8")


def character_rows(alphabet: set[str], words: list[tuple[str, int, str]]) -> Rows:
    """Every character with each of its readings that is in use, and a frequency for each."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    alone: dict[str, int] = {}
    for word, frequency, _ in words:
        if len(word) == 1:
            alone[word] = frequency
        elif all(character in alphabet for character in word):
            reading = syllables(word)
            if len(reading) == len(word):
                for character, syllable in zip(word, reading, strict=True):
                    used[character][syllable] += frequency
    rows: Rows = {}
    for character in sorted(alphabet):
        listed = [one for one in character_readings(character) if is_pinyin(one)]
        listed = listed or OWN_READINGS.get(character, [])
        counts = used[character]
        kept = sorted(listed, key=lambda one: -counts[one])[:COMMON_LIMIT]
        total = sum(counts[one] for one in kept)
        for reading in kept:
            share = counts[reading] / total if total else 0.0
            # alone a character is read in its usual way: 了 is le, although 了解 is far more common
            standing = ALONE_SHARE if reading == listed[0] else (1 - ALONE_SHARE) * share
            weight = alone.get(character, 0) * standing + IN_WORD_SHARE * counts[reading]
            rows[character, reading] = max(1, round(weight))
    return rows


def word_rows(
    alphabet: set[str], words: list[tuple[str, int, str]]
) -> Iterator[tuple[str, str, int]]:
    """Words of two and more characters: ours, the catalogue's, then jieba's by frequency."""
    general = {word: frequency for word, frequency, _ in words}
    for name, floor in (
        ("township_terms.txt", OWN_WORD_FREQUENCY),
        ("catalogue_words.txt", CATALOGUE_FREQUENCY),
    ):
        for line in lines(name):
            word, _, given = line.partition("\t")
            yield word, given or " ".join(syllables(word)), max(general.get(word, 0), floor)
    for word, frequency, _ in words:
        if 1 < len(word) <= MAX_WORD_LENGTH and all(one in alphabet for one in word):
            yield word, " ".join(syllables(word)), frequency


def surname_rows() -> dict[tuple[str, str], int]:
    """Family names by rank: (name, reading) → weight."""
    rows: dict[tuple[str, str], int] = {}
    single, double = lines("surnames.txt")
    for place, (character, given) in enumerate(re.findall(r"(.)(?::([a-z]+))?", single)):
        weight = round(200_000 / (place + 21))
        rows.setdefault((character, given or syllables(character)[0]), weight)
    for place, item in enumerate(re.findall(r"(\S+?)(?::([a-z]+ [a-z]+))?(?:\s|$)", double)):
        rows[item[0], item[1] or " ".join(syllables(item[0]))] = round(2000 / (place + 1) ** 2) + 4
    return rows


def given_name_rows(
    alphabet: set[str], words: list[tuple[str, int, str]], surnames: set[str]
) -> Counter[tuple[str, str]]:
    """How often a character stands in the given part of a word that jieba tags as a person."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, _, tag in words:
        if tag == "nr" and word[0] in surnames and len(word) in (2, 3):
            for character, syllable in zip(word[1:], syllables(word)[1:], strict=True):
                if character in alphabet:
                    counts[character, syllable] += 1
    for line in lines("name_characters.txt"):
        for character in line:
            reading = character_readings(character)
            if reading and is_pinyin(reading[0]):
                counts[character, reading[0]] += CURATED_NAME_COUNT
    return counts


def format_rows(rows: Rows) -> list[str]:
    """Lines sorted by reading, so that the loader can take one initial letter at a time."""
    order = sorted(rows, key=lambda key: (key[1], -rows[key], key[0]))
    return [f"{word}\t{reading}\t{rows[word, reading]}\n" for word, reading in order]


def build() -> None:
    """Write lexicon.tsv, names.tsv and their digests."""
    words = general_words()
    extra = {character for line in lines("name_characters.txt") for character in line}
    alphabet = gb2312() | extra
    rows = character_rows(alphabet, words)
    for name, reading in surname_rows():
        rows.setdefault((name, reading), 1)
    # a character that pypinyin can't read is left out here and reported, never guessed
    unread = sorted(alphabet - {word for word, _ in rows})
    size = sum(len(line.encode()) for line in format_rows(rows))
    candidates = word_rows(alphabet, words)
    for word, reading, frequency in islice(candidates, 400_000):
        fits = len(reading.split()) == len(word) and all(map(is_pinyin, reading.split()))
        if not fits or (word, reading) in rows:
            continue
        line = f"{word}\t{reading}\t{frequency}\n"
        size += len(line.encode())
        if size > MAX_BYTES:
            break
        rows[word, reading] = frequency
    outputs = {"lexicon.tsv": "".join(format_rows(rows))}

    surnames = surname_rows()
    given = given_name_rows(alphabet, words, {name for name, _ in surnames if len(name) == 1})
    keys = sorted(
        set(surnames) | {key for key, count in given.items() if count > GIVEN_NAME_FLOOR},
        key=lambda key: (key[1], key[0]),
    )
    outputs["names.tsv"] = "".join(
        f"{word}\t{reading}\t{surnames.get((word, reading), 0)}\t{given[word, reading]}\n"
        for word, reading in keys
    )
    digests = []
    for name, text in outputs.items():
        (OUTPUT / name).write_text(text, encoding="utf-8")
        digests.append(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n")
    (OUTPUT / "SHA256SUMS").write_text("".join(digests), encoding="utf-8")
    sys.stdout.write(
        f"{len(rows)} words, {size} bytes, {len(keys)} name rows, "
        f"unread: {''.join(unread) or 'none'}\n"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--catalogue", type=Path, help="directory with items.jsonl and the rest")
    options = parser.parse_args()
    if options.catalogue:
        collect_catalogue(options.catalogue)
    build()


if __name__ == "__main__":
    main()
