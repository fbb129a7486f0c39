"""A resident at the terminal: looks for words, touches them, types, signs."""

import re
import time
from collections.abc import Callable, Mapping

from yici.rehearsal.demo.eyes import Eyes, NotSeen, Region
from yici.rehearsal.demo.finger import Finger, signature_around
from yici.rehearsal.demo.reading import Place

_PATIENCE_S = 40.0
_SCROLL_TURNS = 6
_LINE_CHARACTERS = 14  # longer sentences may go on in the next line
_LETTER_SIZES_PX = (35, 46)  # key caps: headings, and 1.3 times that on number pads
_CANDIDATE_SIZES_PX = tuple(range(24, 47))  # candidates shrink to fit their line


class Resident:
    """Finds everything by what is written on it; `strings` are the screens' own sentences."""

    def __init__(
        self, eyes: Eyes, finger: Finger, strings: Mapping[str, str], keyboard: Region
    ) -> None:
        self.eyes = eyes
        self._finger = finger
        self._strings = strings
        self._keyboard = keyboard

    def words(self, string_id: str) -> str:
        """The longest run of the sentence with this id that holds no placeholder and no break."""
        literals = re.split(r"\{\w+\}", self._strings[string_id])
        return max((literal.strip(" ，。") for literal in literals), key=len)[:_LINE_CHARACTERS]

    def last_words(self, string_id: str) -> str:
        """What the sentence says after its last placeholder: what tells it from its siblings."""
        return re.split(r"\{\w+\}", self._strings[string_id])[-1].strip(" ，。")

    def sees(self, string_id: str, *, within_s: float = _PATIENCE_S) -> Place:
        """Waits for a sentence. Raises NotSeen."""
        return self.eyes.wait_for(self.words(string_id), within_s)

    def touches(self, string_id: str, *, within_s: float = _PATIENCE_S) -> None:
        """Touches a button by its sentence once it stands still. Raises NotSeen."""
        self.touches_words(self.words(string_id), within_s=within_s)

    def touches_words(self, words: str, *, within_s: float = _PATIENCE_S) -> None:
        """The same for words that are not the screens' own, such as an item's name."""
        self.eyes.wait_for(words, within_s)
        self.eyes.settle()
        self._finger.tap(self.eyes.wait_for(words, within_s).centre)

    def touches_until(self, string_id: str, appears: str) -> None:
        """Touches a button again until another sentence appears: for a screen that is moving."""
        for _ in range(4):
            self.touches(string_id)
            try:
                self.sees(appears, within_s=_PATIENCE_S / 4)
            except NotSeen:
                continue
            return
        self.sees(appears)

    def reaches(self, words: str) -> Place:
        """Pages down until the words are on the screen. Raises NotSeen."""
        for _ in range(_SCROLL_TURNS):
            self.eyes.settle()
            place = self.eyes.find(words)
            if place is not None:
                return place
            if self.eyes.find(self.words("action.more")) is not None:
                self.touches("action.more")
        return self.eyes.wait_for(words, _PATIENCE_S / 4)

    def chooses(self, option: str) -> None:
        """Touches one of a question's fixed answers."""
        self._finger.tap(self.reaches(option).centre)

    def types_into(self, label: str, characters: str, *, candidate: str = "") -> None:
        """Touches the box under a label and types on the screen's keyboard.

        For Chinese, `characters` are pinyin letters and `candidate` is touched afterwards.
        """
        place = self.reaches(label)
        box = self.eyes.find_box_under(place)
        if box is None:
            raise NotSeen(f"no box under “{label}”: {self.eyes.keep('no-box')}")
        self._finger.tap(box)
        self.eyes.settle()
        keys = self._find_keys(characters)
        for character in characters:
            self._finger.tap(keys[character])
        if candidate:
            self._touches_candidate(candidate)
        self.touches("keyboard.done")

    def signs(self) -> None:
        """Writes three strokes into the frame."""
        hint = self.sees("sign.hint")
        self.eyes.settle()
        for points in signature_around(hint.centre, 360):
            self._finger.stroke(points)

    def _touches_candidate(self, candidate: str) -> None:
        deadline_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline_s:
            self.eyes.settle()
            place = self.eyes.find_in(candidate, self._keyboard, _CANDIDATE_SIZES_PX)
            if place is not None:
                self._finger.tap(place.centre)
                return
        raise NotSeen(f"“{candidate}” is not offered: {self.eyes.keep('not-offered')}")

    def _find_keys(self, characters: str) -> dict[str, tuple[int, int]]:
        """Where each key is; the keyboard does not move while it is up."""
        deadline_s = time.monotonic() + _PATIENCE_S
        wanted = sorted(set(characters))
        keys: dict[str, tuple[int, int]] = {}
        while len(keys) < len(wanted):
            for character in wanted:
                place = self.eyes.find_in(character.upper(), self._keyboard, _LETTER_SIZES_PX)
                if place is not None:
                    keys[character] = place.centre
            if time.monotonic() > deadline_s:
                missing = "".join(each for each in wanted if each not in keys)
                raise NotSeen(f"no keys for “{missing}”: {self.eyes.keep('no-keys')}")
        return keys


Act = Callable[[Resident], None]
