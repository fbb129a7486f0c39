"""Readers that send characters: what a serial line and a keyboard have in common.

Neither can be asked anything. READY means that the source is open and ours; whether a reader
stands behind it shows with the first code, and until then the status's code says
`reader.not_heard_yet`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from yici.drivers.code_reader import SeenCode
from yici.drivers.code_reader.code_lines import CodeLines, Flaw, Prefix
from yici.drivers.code_reader.held_codes import HeldCodes
from yici.drivers.device import (
    DeviceKind,
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    answers,
    failure,
)

# a reader left on "read continuously" repeats a code several times a second
HELD_FOR_S = 1.5
# one flaw may be a torn code; several in a row are a setting
GARBLED_AFTER_FLAWS = 3
_DRAIN_BYTES = 65536  # more than any kernel buffer holds; a source that never stops ends here
_DRAIN_S = 0.5


class SourceLost(Exception):
    """The source can't be opened, or has gone; says in which state and with which code."""

    def __init__(self, state: DeviceState, code: str) -> None:
        super().__init__(code)
        self.state = state
        self.code = code


class CharacterSource(Protocol):
    """An open source of characters. Not for several threads at once."""

    def read(self, *, timeout_s: float) -> bytes:
        """What has arrived, as soon as anything has; b"" after `timeout_s`. Raises SourceLost."""
        ...

    def close(self) -> None:
        """May be called twice; never raises."""
        ...


class CharacterCodeReader:
    """A CodeReader over a source that is opened on the first call and again after each loss."""

    def __init__(
        self,
        driver: str,
        open_source: Callable[[], CharacterSource],
        *,
        pause_s: float,
        prefix: Prefix = Prefix.NONE,
    ) -> None:
        """`open_source` raises SourceLost while there is none."""
        self._driver = driver
        self._open_source = open_source
        self._source: CharacterSource | None = None
        self._lines = CodeLines(pause_s, prefix)
        self._pause_s = pause_s
        self._held = HeldCodes(HELD_FOR_S)
        self._codes_heard = 0
        self._flaws_in_a_row = 0
        self._flaws: dict[Flaw, int] = dict.fromkeys(Flaw, 0)
        self._last_failure = ""
        self._is_closed = False

    def find_code(self, timeout_ms: int) -> SeenCode | None:
        """See CodeReader."""
        deadline_s = time.monotonic() + timeout_ms / 1000
        try:
            source = self._get_source()
            self._drop_earlier(source)
            while (left_s := deadline_s - time.monotonic()) > 0:
                # wakes up for the pause that may end a line
                data = source.read(timeout_s=min(left_s, self._pause_s))
                if (code := self._find_new(data)) is not None:
                    return code
        except SourceLost as lost:
            raise failure(self._lost(lost)) from None
        return None

    def status(self) -> DeviceStatus:
        """See Device. Drops what was shown meanwhile, as the next `find_code` would."""
        if self._is_closed:
            return self._status(DeviceState.DISCONNECTED, "reader.closed")
        try:
            self._drop_earlier(self._get_source())
        except SourceLost as lost:
            return self._lost(lost)
        if self._flaws_in_a_row >= GARBLED_AFTER_FLAWS:
            return self._garbled()
        return self._status(DeviceState.READY, "" if self._codes_heard else "reader.not_heard_yet")

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Whether the source can be had; that a reader stands behind it needs a code."""
        status = self.status()
        heard = StepOutcome.PASSED if self._codes_heard else StepOutcome.NOT_DONE
        if not status.works:
            heard = StepOutcome.NOT_DONE
        return (answers(status), SelfTestStep("code_heard", heard, str(self._codes_heard)))

    def diagnostics(self) -> Mapping[str, str | int]:
        """See Device: counts, never a code."""
        return {
            "driver": self._driver,
            "codes_heard": self._codes_heard,
            **{f"dropped_{flaw}": count for flaw, count in self._flaws.items()},
            "last_failure": self._last_failure,
        }

    def close(self) -> None:
        """Give the source back; may be called twice."""
        self._is_closed = True
        self._close_source()

    # --- the source

    def _get_source(self) -> CharacterSource:
        if self._is_closed:
            raise SourceLost(DeviceState.DISCONNECTED, "reader.closed")
        if self._source is None:
            self._lines = CodeLines(self._pause_s, self._lines.prefix)
            self._codes_heard = 0  # another reader may hang there now
            self._flaws_in_a_row = 0
            self._source = self._open_source()
        return self._source

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()

    def _lost(self, lost: SourceLost) -> DeviceStatus:
        self._close_source()
        self._last_failure = lost.code
        return self._status(lost.state, lost.code)

    # --- what it says

    def _drop_earlier(self, source: CharacterSource) -> None:
        """Drop what came before the call; a code that goes on being held isn't new by it."""
        drained = 0
        end_s = time.monotonic() + _DRAIN_S
        while drained < _DRAIN_BYTES and time.monotonic() < end_s:
            data = source.read(timeout_s=0)
            now_s = time.monotonic()
            for code in self._codes_in(data, now_s):
                self._held.is_still_there(code, now_s)
            if not data:
                break
            drained += len(data)
        self._lines.drop_line()

    def _find_new(self, data: bytes) -> SeenCode | None:
        flaws_before = self._flaws_in_a_row
        now_s = time.monotonic()
        new = [code for code in self._codes_in(data, now_s) if self._held.is_new(code, now_s)]
        if new:
            return new[0]
        if flaws_before < self._flaws_in_a_row >= GARBLED_AFTER_FLAWS:
            # the source stays open: its next good line takes this back
            raise failure(self._garbled())
        return None

    def _codes_in(self, data: bytes, now_s: float) -> list[SeenCode]:
        """The codes that are complete with `data`, after counting what was wrong."""
        codes = []
        for found in self._lines.feed(data, now_s):
            if isinstance(found, Flaw):
                self._flaws[found] += 1
                self._flaws_in_a_row += 1
            else:
                self._flaws_in_a_row = 0
                self._codes_heard += 1
                codes.append(found)
        return codes

    def _garbled(self) -> DeviceStatus:
        self._last_failure = "reader.garbled"
        return self._status(DeviceState.WRONG_SETTING, "reader.garbled")

    def _status(self, state: DeviceState, code: str = "") -> DeviceStatus:
        return DeviceStatus(DeviceKind.CODE_READER, state, code)
