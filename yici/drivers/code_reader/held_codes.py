"""The same code held before the reader counts once."""

import hashlib
import secrets

from yici.drivers.code_reader import SeenCode

_MOST_REMEMBERED = 64


class HeldCodes:
    """Which codes are still there; kept as keyed digests, because a code is a resident's."""

    def __init__(self, gone_after_s: float) -> None:
        """A code that wasn't seen for `gone_after_s` is new when it is seen again."""
        self._gone_after_s = gone_after_s
        self._key = secrets.token_bytes(32)
        self._seen_at_s: dict[bytes, float] = {}

    def is_new(self, code: SeenCode, now_s: float) -> bool:
        """Whether it has just come; remembers that it is there. `now_s` is monotonic."""
        digest = self._digest(code)
        last_s = self._seen_at_s.pop(digest, None)  # the one seen last stands last
        self._seen_at_s[digest] = now_s
        if len(self._seen_at_s) > _MOST_REMEMBERED:
            del self._seen_at_s[next(iter(self._seen_at_s))]
        return last_s is None or now_s - last_s >= self._gone_after_s

    def is_still_there(self, code: SeenCode, now_s: float) -> None:
        """It was seen where new codes don't count: one that is known stays known."""
        last_s = self._seen_at_s.get(self._digest(code))
        if last_s is not None and now_s - last_s < self._gone_after_s:
            self.is_new(code, now_s)

    def _digest(self, code: SeenCode) -> bytes:
        return hashlib.blake2b(code.content, key=self._key, digest_size=16).digest()
