"""The syllables of Hanyu Pinyin without tones, and which of them people mix up.

Spelling as typed on a keyboard: ü is v after l and n (lv, nve), u elsewhere (GB/T 16159).
"""

# initial ('' for none): finals that occur in the lexicon
FINALS_BY_INITIAL: dict[str, str] = {
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
    "": "a ai an ang ao e ei en er o ou",
}

SYLLABLES: frozenset[str] = frozenset(
    initial + final for initial, finals in FINALS_BY_INITIAL.items() for final in finals.split()
)
MAX_SYLLABLE_LETTERS = max(map(len, SYLLABLES))

# what may stand for a syllable that is still being typed, or is abbreviated at the end
SYLLABLE_PREFIXES: frozenset[str] = frozenset(
    syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable) + 1)
)
# what may stand for a whole syllable in the middle of an abbreviation: zzf, zhzhf
INITIALS: frozenset[str] = frozenset(initial for initial in FINALS_BY_INITIAL if initial)

# people type lue and nue as they say them, and ü as their passport spells it
SPELLING_VARIANTS: dict[str, str] = {"lue": "lve", "nue": "nve", "lyu": "lv", "nyu": "nv"}

_FOLDED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
# 湖南 is fulan to many of its people
_FOLDED_WHOLE = {"hu": "fu", "hua": "fa", "huan": "fan", "huang": "fan", "hui": "fei", "hun": "fen"}


def _fold(syllable: str) -> str:
    if syllable in _FOLDED_WHOLE:
        return _FOLDED_WHOLE[syllable]
    for initial, folded in _FOLDED_INITIALS:
        if syllable.startswith(initial):
            syllable = folded + syllable[len(initial) :]
            break
    if syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    return syllable.replace("v", "u")


# Southern speakers, Hunan among them, often don't hear zh/z, ch/c, sh/s, n/l, f/hu, ang/an, eng/en
# and ing/in apart, and not everybody knows that ü is on the key v: syllables with the same value
# here may stand for one another, at a cost.
FOLDED: dict[str, str] = {syllable: _fold(syllable) for syllable in sorted(SYLLABLES)}

# first letters of syllables that may stand for one another
FOLDED_LETTERS: dict[str, str] = {"l": "ln", "n": "ln", "f": "fh", "h": "fh"}
