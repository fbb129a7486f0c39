"""What `scanimage --all-options` prints → what this scanner can do. Text in, values out."""

import re
from dataclasses import dataclass
from typing import Final

from yici.drivers.scanner import PaperSource

MAX_TEXT_BYTES: Final = 256 << 10

# "    --source Flatbed|ADF [Flatbed]", "    -x 0..216.069mm [215.9]", "[inactive]" when not usable
_OPTION = re.compile(r"^ {4}(--?[a-z0-9][a-z0-9-]*)(?:\[=\(|[ =])([^\n]*)$", re.MULTILINE)
_CURRENT = re.compile(r" ?\[([^\[\]]*)\](?: \[[a-z, -]*\])?$")
_RANGE = re.compile(
    r"^(-?\d{1,9}(?:\.\d{1,9})?)\.\.(-?\d{1,9}(?:\.\d{1,9})?)"  # a float of any more is infinite
    r"(?:dpi|mm|pel)?(?: \(in steps of .*)?$"
)
_NUMBER = re.compile(r"^(\d{1,9}(?:\.\d{1,9})?)(?:dpi|mm)?$")
_A4_MM: Final = {"-x": 210.0, "-y": 297.0}


class OptionsNotUnderstood(ValueError):
    """The text is no list of a scanner's options."""


@dataclass(frozen=True, slots=True)
class _Choice:
    values: tuple[str, ...]
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class ScannerOptions:
    """`sources` maps ours to SANE's name; an empty name: the scanner has one and no option."""

    sources: tuple[tuple[PaperSource, str], ...]
    colour_mode: str | None
    resolutions_dpi: tuple[int, ...]  # those offered; empty with a range
    resolution_range_dpi: tuple[float, float] | None
    has_resolution: bool
    takes_depth_8: bool
    area_mm: tuple[tuple[str, float], ...]  # -x and -y, as near to A4 as it can

    def find_source(self, source: PaperSource) -> str | None:
        return next((name for ours, name in self.sources if ours is source), None)

    def nearest_dpi(self, wanted_dpi: int) -> int:
        """The resolution to ask for: the lowest that is at least `wanted_dpi`, else the highest."""
        if self.resolution_range_dpi is not None:
            low, high = self.resolution_range_dpi
            return round(min(max(wanted_dpi, low), high))
        at_least = [dpi for dpi in self.resolutions_dpi if dpi >= wanted_dpi]
        return min(at_least, default=max(self.resolutions_dpi, default=wanted_dpi))


def parse_options(text: str) -> ScannerOptions:
    """Raises OptionsNotUnderstood when nothing of a scanner is in `text`."""
    found: dict[str, _Choice] = {}
    for match in _OPTION.finditer(text[:MAX_TEXT_BYTES]):
        name, rest = match.group(1), match.group(2)
        if "[inactive]" not in rest and "[read-only]" not in rest and name not in found:
            found[name] = _choice(rest)
    if not found:
        raise OptionsNotUnderstood("no option in the listing")
    resolution = found.get("--resolution")
    return ScannerOptions(
        sources=_sources(found.get("--source")),
        colour_mode=_colour_mode(found.get("--mode")),
        resolutions_dpi=_numbers(resolution),
        resolution_range_dpi=_range(resolution),
        has_resolution=resolution is not None,
        takes_depth_8="--depth" in found and "8" in found["--depth"].values,
        area_mm=tuple(
            (name, _fit(found[name], mm)) for name, mm in _A4_MM.items() if name in found
        ),
    )


def _choice(rest: str) -> _Choice:
    listed = _CURRENT.sub("", rest).strip()
    span = _RANGE.match(listed)
    if span is not None:
        return _Choice((), float(span.group(1)), float(span.group(2)))
    return _Choice(tuple(value.strip() for value in listed.split("|") if value.strip()))


def _sources(choice: _Choice | None) -> tuple[tuple[PaperSource, str], ...]:
    if choice is None:
        return ((PaperSource.FLATBED, ""),)  # the scanners without the option are flatbeds
    flatbed = [name for name in choice.values if _is_flatbed(name)]
    feeders = [name for name in choice.values if _is_feeder(name)]
    # a terminal's papers have one side that counts; the plain name comes before "ADF Duplex"
    feeders.sort(key=lambda name: "duplex" in name.lower() or "back" in name.lower())
    found = [(PaperSource.FLATBED, name) for name in flatbed[:1]]
    return (*found, *((PaperSource.FEEDER, name) for name in feeders[:1]))


def _is_flatbed(name: str) -> bool:
    return any(word in name.lower() for word in ("flatbed", "platen", "normal"))


def _is_feeder(name: str) -> bool:
    return any(word in name.lower() for word in ("adf", "feeder"))


def _colour_mode(choice: _Choice | None) -> str | None:
    values = choice.values if choice is not None else ()
    exact = [name for name in values if name.lower() in ("color", "24bit color", "colour")]
    return next(iter(exact), next((name for name in values if "color" in name.lower()), None))


def _numbers(choice: _Choice | None) -> tuple[int, ...]:
    matches = (_NUMBER.match(value) for value in (choice.values if choice else ()))
    return tuple(round(float(match.group(1))) for match in matches if match is not None)


def _range(choice: _Choice | None) -> tuple[float, float] | None:
    if choice is None or choice.lowest is None or choice.highest is None:
        return None
    return choice.lowest, choice.highest


def _fit(choice: _Choice, wanted_mm: float) -> float:
    if choice.lowest is None or choice.highest is None:
        return wanted_mm
    return min(max(wanted_mm, choice.lowest), choice.highest)
