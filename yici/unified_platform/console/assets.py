"""The few files that the pages load; a table, so that no path can be asked for."""

from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file and its media type."""

    path: Path
    media_type: str


ASSETS = {
    "console.css": Asset(_DIRECTORY / "console.css", "text/css"),
    "console.js": Asset(_DIRECTORY / "console.js", "text/javascript"),
    "mark.svg": Asset(_DIRECTORY / "mark.svg", "image/svg+xml"),
}
