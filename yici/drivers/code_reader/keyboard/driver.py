"""The driver: a keyboard's events read into code lines, out of everybody else's reach.

    reader = connect("/dev/kiosk/code-reader")
    code = reader.find_code(timeout_ms=10_000)

The keys are taken from the screen from the first call until `close`, also between calls.
"""

from yici.drivers.code_reader.character_reader import CharacterCodeReader
from yici.drivers.code_reader.keyboard.event_source import STREAM_SCHEME, open_events

# slow readers leave 30 ms between two keys, wireless ones more
PAUSE_S = 0.4


def connect(address: str, *, decoder: str = "") -> CharacterCodeReader:
    """A reader at an event device's path, or `stream:PATH`; opened on first use.

    The reader decodes by itself, so `decoder` is not used. Raises ValueError with a sentence.
    """
    del decoder
    path = address.removeprefix(STREAM_SCHEME)
    if not path.startswith("/") or "\0" in path or ".." in path:
        raise ValueError(
            f"{address!r}: a keyboard reader's address looks like /dev/kiosk/code-reader"
            " or /dev/input/by-id/…-event-kbd"
        )
    return CharacterCodeReader("keyboard", lambda: open_events(address), pause_s=PAUSE_S)
